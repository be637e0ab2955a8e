/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What asks the functions that the generator of the completion prints, in the
 * language of each shell.
 */
#ifndef COMPLETION_CODE_H
#define COMPLETION_CODE_H

#define BASH_CODE \
"_ovpn_mptcp_ctl() {\n" \
"\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' known=0 i n=0 words='' offer='' device='' options\n" \
"\toptions='--json --json=pretty --color=auto --color=always --color=never --help --version'\n" \
"\tCOMPREPLY=()\n" \
"\tcase $before in\n" \
"\t--color) offer='auto always never' ;;\n" \
"\t=)\n" \
"\t\t# bash takes it for a word of its own\n" \
"\t\tcase ${COMP_WORDS[COMP_CWORD - 2]} in\n" \
"\t\t--color) offer='auto always never' ;;\n" \
"\t\t--json) offer=pretty ;;\n" \
"\t\tesac\n" \
"\t\t;;\n" \
"\tesac\n" \
"\tif [ \"$before\" = = ] || [ -n \"$offer\" ]; then\n" \
"\t\tmapfile -t COMPREPLY < <(compgen -W \"$offer\" -- \"$word\")\n" \
"\t\treturn\n" \
"\tfi\n" \
"\t# what stands before the cursor, without options: a command, and n words behind it\n" \
"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n" \
"\t\tcase ${COMP_WORDS[i]} in\n" \
"\t\t=)\n" \
"\t\t\ti=$((i + 1))\n" \
"\t\t\tcontinue\n" \
"\t\t\t;;\n" \
"\t\t--color)\n" \
"\t\t\tif [ \"${COMP_WORDS[i + 1]}\" != = ]; then i=$((i + 1)); fi\n" \
"\t\t\tcontinue\n" \
"\t\t\t;;\n" \
"\t\t--*)\n" \
"\t\t\t# words of a command may have two dashes\n" \
"\t\t\t[[ \" $(_ovpn_mptcp_ctl_words \"$command\") \" = *\" ${COMP_WORDS[i]#--} \"* ]] || continue\n" \
"\t\t\t;;\n" \
"\t\t-*) continue ;;\n" \
"\t\thelp) if [ -z \"$command\" ]; then continue; fi ;;\n" \
"\t\tesac\n" \
"\t\t# a noun with verbs may be a command as well\n" \
"\t\tif [ -n \"$command\" ] && [[ \" $(_ovpn_mptcp_ctl_verbs \"$command\") \" != *\" ${COMP_WORDS[i]} \"* ]]; then known=1; fi\n" \
"\t\tif [ $known = 1 ]; then\n" \
"\t\t\tn=$((n + 1))\n" \
"\t\telse\n" \
"\t\t\tcommand+=${command:+ }${COMP_WORDS[i]}\n" \
"\t\tfi\n" \
"\tdone\n" \
"\tif [ $n = 0 ]; then\n" \
"\t\tdevice=$(_ovpn_mptcp_ctl_device \"$command\")\n" \
"\t\toffer=$(_ovpn_mptcp_ctl_verbs \"$command\")\n" \
"\t\tif [ \"$device\" = file ]; then offer=FILE; fi\n" \
"\telse\n" \
"\t\toffer=$(_ovpn_mptcp_ctl_values \"$command ${before#--}\")\n" \
"\tfi\n" \
"\tcase $offer in\n" \
"\tFILE)\n" \
"\t\tcompopt -o filenames 2>/dev/null || :\n" \
"\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n" \
"\t\treturn\n" \
"\t\t;;\n" \
"\tDEVICE) offer=$(cd /sys/class/net && echo *) ;;\n" \
"\tCONGESTION) offer=$(cat /proc/sys/net/ipv4/tcp_available_congestion_control) ;;\n" \
"\tVALUE) return ;;\n" \
"\t*)\n" \
"\t\tif [ -n \"$device\" ]; then offer+=\" $(cd /sys/class/net && echo *)\"; fi\n" \
"\t\tif [ $n = 0 ] || [ -z \"$offer\" ]; then words=$(_ovpn_mptcp_ctl_words \"$command\"); fi\n" \
"\t\tif [ \"$device\" = required ]; then words=''; fi\n" \
"\t\tfor i in $words; do options+=\" --$i\"; done\n" \
"\t\toffer+=\" $words\"\n" \
"\t\t;;\n" \
"\tesac\n" \
"\tif [[ $word = -* ]]; then offer=$options; fi\n" \
"\tmapfile -t COMPREPLY < <(compgen -W \"$offer\" -- \"$word\")\n" \
"}\n" \
"complete -F _ovpn_mptcp_ctl ovpn-mptcp-ctl\n"

#define ZSH_CODE \
"_ovpn_mptcp_ctl() {\n" \
"\tlocal before=$words[CURRENT-1] command='' device='' known=0 n=0 i\n" \
"\tlocal -a offer options own\n" \
"\tif [[ $before == --color ]]; then\n" \
"\t\tcompadd -- auto always never\n" \
"\t\treturn\n" \
"\tfi\n" \
"\toptions=(--json --json=pretty --color=auto --color=always --color=never --help --version)\n" \
"\t# what stands before the cursor, without options: a command, and n words behind it\n" \
"\tfor ((i = 2; i < CURRENT; i++)); do\n" \
"\t\tcase $words[i] in\n" \
"\t\t(--color)\n" \
"\t\t\t((i += 1))\n" \
"\t\t\tcontinue\n" \
"\t\t\t;;\n" \
"\t\t# words of a command may have two dashes\n" \
"\t\t(--*) [[ \" $(_ovpn_mptcp_ctl_words \"$command\") \" == *\" ${words[i]#--} \"* ]] || continue ;;\n" \
"\t\t(-*) continue ;;\n" \
"\t\t(help) [[ -n $command ]] || continue ;;\n" \
"\t\tesac\n" \
"\t\t# a noun with verbs may be a command as well\n" \
"\t\tif [[ -n $command && \" $(_ovpn_mptcp_ctl_verbs \"$command\") \" != *\" $words[i] \"* ]]; then known=1; fi\n" \
"\t\tif ((known)); then\n" \
"\t\t\t((n += 1))\n" \
"\t\telse\n" \
"\t\t\tcommand+=${command:+ }$words[i]\n" \
"\t\tfi\n" \
"\tdone\n" \
"\tif ((n)); then\n" \
"\t\toffer=($(_ovpn_mptcp_ctl_values \"$command ${before#--}\"))\n" \
"\telse\n" \
"\t\tdevice=$(_ovpn_mptcp_ctl_device \"$command\")\n" \
"\t\toffer=($(_ovpn_mptcp_ctl_verbs \"$command\"))\n" \
"\t\tif [[ $device == file ]]; then offer=(FILE); fi\n" \
"\tfi\n" \
"\tcase $offer in\n" \
"\t(FILE)\n" \
"\t\t_files\n" \
"\t\treturn\n" \
"\t\t;;\n" \
"\t(DEVICE) offer=(/sys/class/net/*(N:t)) ;;\n" \
"\t(CONGESTION) offer=($(cat /proc/sys/net/ipv4/tcp_available_congestion_control)) ;;\n" \
"\t(VALUE) return ;;\n" \
"\t(*)\n" \
"\t\tif [[ -n $device ]]; then offer+=(/sys/class/net/*(N:t)); fi\n" \
"\t\tif ((!n || !$#offer)) && [[ $device != required ]]; then own=($(_ovpn_mptcp_ctl_words \"$command\")); fi\n" \
"\t\toptions+=(--$^own)\n" \
"\t\toffer+=($own)\n" \
"\t\t;;\n" \
"\tesac\n" \
"\tif [[ $words[CURRENT] == -* ]]; then offer=($options); fi\n" \
"\tcompadd -- $offer\n" \
"}\n" \
"_ovpn_mptcp_ctl \"$@\"\n"

#define FISH_CODE \
"function __ovpn_mptcp_ctl_devices\n" \
"\tstring replace -r '.*/' '' -- /sys/class/net/*\n" \
"end\n" \
"function __ovpn_mptcp_ctl\n" \
"\tset -l given (commandline -opc)\n" \
"\tset -l before (string replace -r '^--' '' -- $given[-1])\n" \
"\tset -l token (commandline -ct)\n" \
"\tset -l command ''\n" \
"\tset -l known 0\n" \
"\tset -l n 0\n" \
"\tset -l skip 0\n" \
"\tset -l offer\n" \
"\tset -l device\n" \
"\t# what stands before the cursor, without options: a command, and n words behind it\n" \
"\tfor word in $given[2..-1]\n" \
"\t\tif test $skip = 1\n" \
"\t\t\tset skip 0\n" \
"\t\t\tcontinue\n" \
"\t\tend\n" \
"\t\tswitch $word\n" \
"\t\t\tcase --color\n" \
"\t\t\t\tset skip 1\n" \
"\t\t\t\tcontinue\n" \
"\t\t\tcase '--*'\n" \
"\t\t\t\t# words of a command may have two dashes\n" \
"\t\t\t\tcontains -- (string sub -s 3 -- $word) (__ovpn_mptcp_ctl_words \"$command\"); or continue\n" \
"\t\t\tcase '-*'\n" \
"\t\t\t\tcontinue\n" \
"\t\t\tcase help\n" \
"\t\t\t\ttest -n \"$command\"; or continue\n" \
"\t\tend\n" \
"\t\t# a noun with verbs may be a command as well\n" \
"\t\tif test -n \"$command\"; and not contains -- $word (__ovpn_mptcp_ctl_verbs \"$command\")\n" \
"\t\t\tset known 1\n" \
"\t\tend\n" \
"\t\tif test $known = 1\n" \
"\t\t\tset n (math $n + 1)\n" \
"\t\telse\n" \
"\t\t\tset command (string trim -- \"$command $word\")\n" \
"\t\tend\n" \
"\tend\n" \
"\tif test $n = 0\n" \
"\t\tset device (__ovpn_mptcp_ctl_device \"$command\")\n" \
"\t\tset offer (__ovpn_mptcp_ctl_verbs \"$command\")\n" \
"\t\ttest \"$device\" = file; and set offer FILE\n" \
"\telse\n" \
"\t\tset offer (__ovpn_mptcp_ctl_values \"$command $before\")\n" \
"\tend\n" \
"\tswitch \"$offer\"\n" \
"\t\tcase FILE\n" \
"\t\t\t__fish_complete_path $token\n" \
"\t\t\treturn\n" \
"\t\tcase DEVICE\n" \
"\t\t\t__ovpn_mptcp_ctl_devices\n" \
"\t\t\treturn\n" \
"\t\tcase CONGESTION\n" \
"\t\t\tstring split -n ' ' -- (cat /proc/sys/net/ipv4/tcp_available_congestion_control)\n" \
"\t\t\treturn\n" \
"\t\tcase VALUE\n" \
"\t\t\treturn\n" \
"\tend\n" \
"\tset -l words\n" \
"\tif test $n = 0; or not set -q offer[1]\n" \
"\t\tset words (__ovpn_mptcp_ctl_words \"$command\")\n" \
"\tend\n" \
"\tif set -q device[1]\n" \
"\t\tset -a offer (__ovpn_mptcp_ctl_devices)\n" \
"\t\ttest \"$device\" = required; and set words\n" \
"\tend\n" \
"\tif string match -q -- '-*' $token\n" \
"\t\tprintf '%s\\n' --$words\n" \
"\telse\n" \
"\t\tprintf '%s\\n' $offer $words\n" \
"\tend\n" \
"end\n" \
"complete -c ovpn-mptcp-ctl -f\n" \
"complete -c ovpn-mptcp-ctl -a '(__ovpn_mptcp_ctl)'\n" \
"complete -c ovpn-mptcp-ctl -s j -l json -a pretty -d 'print JSON'\n" \
"complete -c ovpn-mptcp-ctl -l color -x -a 'auto always never' -d 'colours'\n" \
"complete -c ovpn-mptcp-ctl -s h -l help -d 'what there is, or what a command takes'\n" \
"complete -c ovpn-mptcp-ctl -l version -d 'print the version'\n"

#endif /* COMPLETION_CODE_H */
