// SPDX-License-Identifier: GPL-2.0-or-later
/* Name servers of a tunnel, told to whoever keeps those of the machine. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attach/dns.h"
#include "base/memory.h"

/* systemd-resolved has it as long as it runs, and somebody may ask it */
#define RESOLVED_SOCKET	"/run/systemd/resolve/io.systemd.Resolve"
/* A program's words: its name, the verb, a device, and what is told of it. */
#define WORDS_MAX_RUN	16
#define WORD_SIZE	(CONFIG_DOMAIN_SIZE + 2)

/**
 * struct call - a program that is to be run
 * @words: its name and what follows; ends with NULL
 * @count: how many
 * @texts: those that were made for it
 * @input: what it reads, or NULL
 */
struct call {
	char *words[WORDS_MAX_RUN + 1];
	size_t count;
	char texts[WORDS_MAX_RUN][WORD_SIZE];
	const char *input;
};

static bool has_program(const char *name)
{
	const char *path = getenv("PATH"), *end;
	char file[PATH_MAX];

	for (; path && *path; path = *end ? end + 1 : end) {
		end = path + strcspn(path, ":");
		if (snprintf(file, sizeof(file), "%.*s/%s", (int)(end - path),
			     path, name) < (int)sizeof(file) &&
		    !access(file, X_OK))
			return true;
	}
	return false;
}

static bool has_resolved(void)
{
	return has_program("resolvectl") && !access(RESOLVED_SOCKET, F_OK);
}

__attribute__((format(printf, 2, 3)))
static void add(struct call *call, const char *format, ...)
{
	char *text = call->texts[call->count];
	va_list args;

	/* domains and servers of a configuration are fewer */
	if (call->count == WORDS_MAX_RUN)
		abort();
	va_start(args, format);
	vsnprintf(text, WORD_SIZE, format, args);
	va_end(args);
	call->words[call->count++] = text;
}

/* Its output is of no use to us; what it says of errors goes to our log. */
static int spawn(const struct call *call, int input, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, pipe;
	int err;

	sigemptyset(&none);
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	posix_spawnattr_init(&attributes);
	/* not as attach has them */
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &pipe);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK |
				 POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO,
					 STDOUT_FILENO);
	err = posix_spawnp(pid, call->words[0], &actions, &attributes,
			   call->words, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return err;
}

/* What is read is short: it has room in any pipe. */
static int open_input(const char *text)
{
	size_t size = text ? strlen(text) : 0;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	if (size && write(ends[1], text, size) != (ssize_t)size) {
		close(ends[0]);
		ends[0] = -1;
	}
	close(ends[1]);
	return ends[0];
}

static enum status run(const struct call *call, const char *device)
{
	int input = open_input(call->input), status = 0, err;
	pid_t pid;

	if (input < 0)
		return system_error(errno, "%s: dns: no pipe", device);
	err = spawn(call, input, &pid);
	close(input);
	if (err)
		return system_error(err, "%s: dns: cannot run %s", device,
				    call->words[0]);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return system_error(errno, "%s: dns: %s", device,
					    call->words[0]);
	}
	if (!status)
		return STATUS_OK;
	say("%s: dns: %s %s did not do it: the name servers may be what they were",
	    device, call->words[0], call->words[1]);
	return STATUS_REFUSED;
}

static void begin(struct call *call, const char *program, const char *verb,
		  const char *device)
{
	memset(call, 0, sizeof(*call));
	add(call, "%s", program);
	add(call, "%s", verb);
	add(call, "%s", device);
}

/* All names are for these servers, or only those of some domains. */
static bool are_all(const struct config *config)
{
	return config->gateway == CONFIG_YES || !config->dns_domains.count;
}

static enum status set_resolved(const struct config *config,
				const char *device)
{
	char text[ADDRESS_SIZE];
	enum status status;
	struct call call;
	size_t i;

	begin(&call, "resolvectl", "dns", device);
	for (i = 0; i < config->dns.count; i++)
		add(&call, "%s", address_text(&config->dns.items[i], text));
	status = run(&call, device);
	if (status)
		return status;
	begin(&call, "resolvectl", "domain", device);
	for (i = 0; i < config->dns_domains.count; i++)
		add(&call, "%s", config->dns_domains.items[i]);
	/* before servers of others, whatever they say that they are for */
	if (are_all(config))
		add(&call, "~.");
	status = run(&call, device);
	if (status)
		return status;
	begin(&call, "resolvectl", "default-route", device);
	add(&call, are_all(config) ? "yes" : "no");
	return run(&call, device);
}

/* As an interface of its own, which the usual order has first (Debian) or which
 * is the only one (openresolv: -x).
 */
static void begin_resolvconf(struct call *call, const char *verb,
			     const char *device)
{
	begin(call, "resolvconf", verb, "");
	call->count--;
	add(call, "tun.%s.ovpn-mptcp", device);
}

static enum status set_resolvconf(const struct config *config,
				  const char *device)
{
	char input[CONFIG_DNS_MAX * (ADDRESS_SIZE + 16) +
		   CONFIG_DOMAINS_MAX * (CONFIG_DOMAIN_SIZE + 1) + 16];
	char text[ADDRESS_SIZE];
	struct call call;
	size_t i, n = 0;

	for (i = 0; i < config->dns.count; i++)
		n += sprintf(input + n, "nameserver %s\n",
			     address_text(&config->dns.items[i], text));
	for (i = 0; i < config->dns_domains.count; i++)
		n += sprintf(input + n, "%s%s", i ? " " : "search ",
			     config->dns_domains.items[i]);
	if (i)
		sprintf(input + n, "\n");
	if (!are_all(config))
		say("%s: warning: dns: resolvconf cannot ask for names of some domains only: these servers are asked for all names",
		    device);
	begin_resolvconf(&call, "-a", device);
	add(&call, "-m");
	add(&call, "0");
	add(&call, "-x");
	call.input = input;
	return run(&call, device);
}

enum status dns_set(const struct config *config, const char *device)
{
	if (has_resolved())
		return set_resolved(config, device);
	if (has_program("resolvconf"))
		return set_resolvconf(config, device);
	say("%s: warning: dns: expected systemd-resolved or resolvconf, and neither is here: the name servers stay what they are",
	    device);
	return STATUS_OK;
}

bool dns_is_left(const char *device)
{
	/* it forgets what it knows of a device that goes */
	if (has_resolved())
		return if_nametoindex(device);
	return has_program("resolvconf");
}

enum status dns_undo(const char *device)
{
	struct call call;

	if (!dns_is_left(device))
		return STATUS_OK;
	if (has_resolved())
		begin(&call, "resolvectl", "revert", device);
	else
		begin_resolvconf(&call, "-d", device);
	return run(&call, device);
}
