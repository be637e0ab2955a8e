// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Generator: prints the completion for bash or zsh from the command table. It
 * runs while the tool is built, on the machine that builds. The functions that
 * answer from the table are the same for both shells.
 */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

static void print_first_words(void)
{
	const char *last = "";
	size_t last_length = 0;
	const struct command *command;

	printf("_ovpn_mptcp_ctl_commands='");
	for (command = commands; command->name; command++) {
		size_t length = strcspn(command->name, " ");

		/* the commands of a noun stand together */
		if (length == last_length &&
		    !strncmp(last, command->name, length))
			continue;
		printf("%s%.*s", *last ? " " : "", (int)length, command->name);
		last = command->name;
		last_length = length;
	}
	puts(" help'");
}

static void print_verbs(void)
{
	const struct command *command, *other;

	puts("_ovpn_mptcp_ctl_verbs() {\n\tcase $1 in");
	for (command = commands; command->name; command++) {
		const char *space = strchr(command->name, ' ');
		size_t length = space ? (size_t)(space - command->name) : 0;

		if (!space || (command > commands &&
			       !strncmp(command[-1].name, command->name,
					length + 1)))
			continue;
		printf("\t%.*s) echo '", (int)length, command->name);
		for (other = command; other->name; other++) {
			if (!strncmp(other->name, command->name, length + 1))
				printf("%s%s", other == command ? "" : " ",
				       other->name + length + 1);
		}
		puts("' ;;");
	}
	puts("\tesac\n}");
}

static void print_words(void)
{
	const struct command *command;
	const struct word *word;

	puts("_ovpn_mptcp_ctl_words() {\n\tcase $1 in");
	for (command = commands; command->name; command++) {
		if (!command->words)
			continue;
		printf("\t'%s') echo '", command->name);
		for (word = command->words; word->name; word++)
			printf("%s%s", word == command->words ? "" : " ",
			       word->name);
		puts("' ;;");
	}
	puts("\tesac\n}");
}

static void print_lower(const char *text)
{
	for (; *text; text++)
		putchar(tolower((unsigned char)*text));
}

/* What may follow a word: choices, the words FILE, DEVICE or CONGESTION,
 * or nothing.
 */
static void print_values(void)
{
	const struct command *command;
	const struct word *word;
	size_t i;

	puts("_ovpn_mptcp_ctl_values() {\n\tcase $1 in");
	for (command = commands; command->name; command++) {
		for (word = command->words; word && word->name; word++) {
			printf("\t'%s %s') echo '", command->name, word->name);
			if (word->type == WORD_FILE)
				fputs("FILE", stdout);
			else if (word->type == WORD_DEVICE)
				fputs("DEVICE", stdout);
			else if (word->type == WORD_CONGESTION)
				fputs("CONGESTION", stdout);
			for (i = 0; word->type == WORD_CHOICE && word->choices[i];
			     i++) {
				fputs(i ? " " : "", stdout);
				print_lower(word->choices[i]);
			}
			puts("' ;;");
		}
	}
	puts("\tesac\n}");
}

/* Words that something follows. */
static void print_takes_value(void)
{
	const struct command *command;
	const struct word *word;

	puts("_ovpn_mptcp_ctl_takes_value() {\n\tcase $1 in");
	for (command = commands; command->name; command++) {
		for (word = command->words; word && word->name; word++) {
			if (word->type != WORD_FLAG)
				printf("\t'%s %s') return 0 ;;\n",
				       command->name, word->name);
		}
	}
	puts("\tesac\n\treturn 1\n}");
}

/* What comes first: a device (required, optional), a file, or nothing. */
static void print_device(void)
{
	const struct command *command;

	puts("_ovpn_mptcp_ctl_device() {\n\tcase $1 in");
	for (command = commands; command->name; command++) {
		if (command->device == DEVICE_REQUIRED)
			printf("\t'%s') echo required ;;\n", command->name);
		else if (command->device == DEVICE_OPTIONAL)
			printf("\t'%s') echo optional ;;\n", command->name);
		else if (command->device == DEVICE_FILE)
			printf("\t'%s') echo file ;;\n", command->name);
	}
	puts("\tesac\n}");
}

#define AVAILABLE "/proc/sys/net/ipv4/tcp_available_congestion_control"

#define OPTIONS	"--json --json=pretty --color=auto --color=always --color=never --help --version"

static const char bash_code[] =
"_ovpn_mptcp_ctl() {\n"
"\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' i words=() offer='' device='' dashed\n"
"\tCOMPREPLY=()\n"
"\t# bash takes = for a word of its own\n"
"\tif [ \"$before\" = = ]; then\n"
"\t\tcase ${COMP_WORDS[COMP_CWORD - 2]} in\n"
"\t\t--color) offer='auto always never' ;;\n"
"\t\t--json) offer=pretty ;;\n"
"\t\tesac\n"
"\t\tmapfile -t COMPREPLY < <(compgen -W \"$offer\" -- \"$word\")\n"
"\t\treturn\n"
"\tfi\n"
"\tif [ \"$before\" = --color ]; then\n"
"\t\tmapfile -t COMPREPLY < <(compgen -W 'auto always never' -- \"$word\")\n"
"\t\treturn\n"
"\tfi\n"
"\t# what stands before the cursor, without options; the words of a command may have dashes\n"
"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
"\t\tcase ${COMP_WORDS[i]} in\n"
"\t\t=) i=$((i + 1)) ;;\n"
"\t\t--color) if [ \"${COMP_WORDS[i + 1]}\" != = ]; then i=$((i + 1)); fi ;;\n"
"\t\t--json* | --color* | --help | --version | -?) ;;\n"
"\t\t*) words+=(\"${COMP_WORDS[i]#--}\") ;;\n"
"\t\tesac\n"
"\tdone\n"
"\tbefore=${before#--}\n"
"\tif [ \"${words[0]-}\" = help ]; then words=(\"${words[@]:1}\"); fi\n"
"\tif [ ${#words[@]} = 0 ]; then\n"
"\t\toffer=$_ovpn_mptcp_ctl_commands\n"
"\telse\n"
"\t\tcommand=${words[0]}\n"
"\t\ti=1\n"
"\t\tif [ -n \"$(_ovpn_mptcp_ctl_verbs \"$command\")\" ]; then\n"
"\t\t\tif [ ${#words[@]} = 1 ]; then\n"
"\t\t\t\toffer=$(_ovpn_mptcp_ctl_verbs \"$command\")\n"
"\t\t\t\tcommand=\n"
"\t\t\telse\n"
"\t\t\t\tcommand+=\" ${words[1]}\"\n"
"\t\t\t\ti=2\n"
"\t\t\tfi\n"
"\t\tfi\n"
"\tfi\n"
"\tif [[ $word = -* ]]; then\n"
"\t\toffer='" OPTIONS "'\n"
"\t\tfor dashed in $(_ovpn_mptcp_ctl_words \"$command\"); do offer+=\" --$dashed\"; done\n"
"\t\tmapfile -t COMPREPLY < <(compgen -W \"$offer\" -- \"$word\")\n"
"\t\treturn\n"
"\tfi\n"
"\tif [ -n \"$command\" ]; then\n"
"\t\tif [ ${#words[@]} = \"$i\" ]; then device=$(_ovpn_mptcp_ctl_device \"$command\"); fi\n"
"\t\tif [ \"$device\" = file ]; then\n"
"\t\t\tcompopt -o filenames 2>/dev/null || true\n"
"\t\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
"\t\t\treturn\n"
"\t\tfi\n"
"\t\tif [ -n \"$device\" ]; then offer=$(cd /sys/class/net && echo *); fi\n"
"\t\tif [ \"$device\" = optional ]; then offer+=\" $(_ovpn_mptcp_ctl_words \"$command\")\"; fi\n"
"\t\tif [ -z \"$device\" ]; then\n"
"\t\t\toffer=$(_ovpn_mptcp_ctl_values \"$command $before\")\n"
"\t\t\tif [ \"$offer\" = FILE ]; then\n"
"\t\t\t\tcompopt -o filenames 2>/dev/null || true\n"
"\t\t\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
"\t\t\t\treturn\n"
"\t\t\tfi\n"
"\t\t\tif [ \"$offer\" = DEVICE ]; then offer=$(cd /sys/class/net && echo *); fi\n"
"\t\t\tif [ \"$offer\" = CONGESTION ]; then offer=$(cat " AVAILABLE "); fi\n"
"\t\t\t# a word that takes a value that cannot be guessed gets none\n"
"\t\t\tif [ -z \"$offer\" ] && ! _ovpn_mptcp_ctl_takes_value \"$command $before\"; then\n"
"\t\t\t\toffer=$(_ovpn_mptcp_ctl_words \"$command\")\n"
"\t\t\tfi\n"
"\t\tfi\n"
"\tfi\n"
"\tmapfile -t COMPREPLY < <(compgen -W \"$offer\" -- \"$word\")\n"
"}\n"
"complete -F _ovpn_mptcp_ctl ovpn-mptcp-ctl\n";

static const char zsh_code[] =
"_ovpn_mptcp_ctl() {\n"
"\tlocal before=${words[CURRENT-1]#--} command='' device='' i=1 n\n"
"\tlocal -a given offer dashed\n"
"\tif [[ $before == color ]]; then\n"
"\t\tcompadd -- auto always never\n"
"\t\treturn\n"
"\tfi\n"
"\t# what stands before the cursor, without options; the words of a command may have dashes\n"
"\tfor ((n = 2; n < CURRENT; n++)); do\n"
"\t\tcase $words[n] in\n"
"\t\t--color) n=$((n + 1)) ;;\n"
"\t\t--json*|--color*|--help|--version|-?) ;;\n"
"\t\t*) given+=(\"${words[n]#--}\") ;;\n"
"\t\tesac\n"
"\tdone\n"
"\tif (($#given)) && [[ $given[1] == help ]]; then shift given; fi\n"
"\tif (($#given)); then\n"
"\t\tcommand=$given[1]\n"
"\t\tif [[ -n $(_ovpn_mptcp_ctl_verbs $command) ]]; then\n"
"\t\t\tif (($#given == 1)); then\n"
"\t\t\t\toffer=($(_ovpn_mptcp_ctl_verbs $command))\n"
"\t\t\t\tcommand=''\n"
"\t\t\telse\n"
"\t\t\t\tcommand+=\" $given[2]\"\n"
"\t\t\t\ti=2\n"
"\t\t\tfi\n"
"\t\tfi\n"
"\telse\n"
"\t\toffer=(${=_ovpn_mptcp_ctl_commands})\n"
"\tfi\n"
"\tif [[ $words[CURRENT] == -* ]]; then\n"
"\t\tdashed=($(_ovpn_mptcp_ctl_words \"$command\"))\n"
"\t\tcompadd -- " OPTIONS " --$^dashed\n"
"\t\treturn\n"
"\tfi\n"
"\tif [[ -z $command ]]; then\n"
"\t\tcompadd -- $offer\n"
"\t\treturn\n"
"\tfi\n"
"\tif (($#given == i)); then device=$(_ovpn_mptcp_ctl_device $command); fi\n"
"\tif [[ $device == file ]]; then\n"
"\t\t_files\n"
"\t\treturn\n"
"\tfi\n"
"\tif [[ -n $device ]]; then compadd -- /sys/class/net/*(N:t); fi\n"
"\tif [[ $device == required ]]; then return; fi\n"
"\tif [[ -z $device ]]; then\n"
"\t\toffer=($(_ovpn_mptcp_ctl_values \"$command $before\"))\n"
"\t\tif [[ $offer == DEVICE ]]; then offer=(/sys/class/net/*(N:t)); fi\n"
"\t\tif [[ $offer == CONGESTION ]]; then offer=($(cat " AVAILABLE ")); fi\n"
"\t\tif [[ $offer == FILE ]]; then\n"
"\t\t\t_files\n"
"\t\t\treturn\n"
"\t\tfi\n"
"\tfi\n"
"\t# a word that takes a value that cannot be guessed gets none\n"
"\tif (($#offer == 0)) && ! _ovpn_mptcp_ctl_takes_value \"$command $before\"; then\n"
"\t\toffer=($(_ovpn_mptcp_ctl_words $command))\n"
"\tfi\n"
"\tcompadd -- $offer\n"
"}\n"
"_ovpn_mptcp_ctl \"$@\"\n";

int main(int argc, char **argv)
{
	bool zsh = argc == 2 && !strcmp(argv[1], "zsh");

	if (!zsh && (argc != 2 || strcmp(argv[1], "bash"))) {
		fputs("usage: completion bash|zsh\n", stderr);
		return 1;
	}
	puts(zsh ? "#compdef ovpn-mptcp-ctl" : "# shellcheck shell=bash");
	puts("# Generated from the command table of ovpn-mptcp-ctl.");
	print_first_words();
	print_verbs();
	print_words();
	print_values();
	print_takes_value();
	print_device();
	fputs(zsh ? zsh_code : bash_code, stdout);
	return fflush(stdout) != 0;
}
