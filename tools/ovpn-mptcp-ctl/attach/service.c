// SPDX-License-Identifier: GPL-2.0-or-later
/* The verb attach: one end of a tunnel, or of several, until somebody ends it. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "attach/gate.h"
#include "attach/service.h"
#include "base/sdnotify.h"
#include "cli/command.h"

/**
 * struct service - the process
 * @command: its name, for messages
 * @argv: words of the command line
 * @out: where what keep does is printed
 * @mptcp: sockets are MPTCP
 * @told: the ends
 * @gate: of a server
 * @signals: signalfd
 * @reload: SIGHUP came
 * @ended: a signal asked for the end
 * @status: as systemd was told last, when there are several
 */
struct service {
	const char *command;
	char *const *argv;
	struct out *out;
	bool mptcp;
	struct told told;
	struct gate gate;
	int signals;
	bool reload;
	bool ended;
	char status[64];
};

static void take_signals(struct service *service)
{
	struct signalfd_siginfo info;

	while (read(service->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			service->reload = true;
		else
			service->ended = true;
	}
}

static enum status open_signals(struct service *service)
{
	sigset_t set;

	/* a log without a reader is no reason to leave the device */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	service->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (service->signals < 0)
		return system_error(errno, "cannot receive signals");
	return STATUS_OK;
}

static enum status open_mptcp(struct service *service)
{
	const struct told *told = &service->told;
	bool required = false;
	size_t i;

	service->mptcp = dial_has_mptcp();
	for (i = 0; i < told->count; i++)
		required |= told->sites[i]->config.require_mptcp;
	if (service->mptcp)
		return STATUS_OK;
	if (required) {
		say("%s: expected MPTCP in this kernel and network namespace, and there is none: sysctl net.mptcp.enabled=1",
		    told->name);
		return STATUS_NO_MPTCP;
	}
	say("%s: warning: there is no MPTCP in this kernel and network namespace, so there will be one path over TCP: sysctl net.mptcp.enabled=1",
	    told->name);
	return STATUS_OK;
}

static enum status open_site(struct service *service, struct attach *site)
{
	site->out = service->out;
	site->mptcp = service->mptcp;
	site->alone = service->told.count == 1;
	return attach_open(site);
}

/* How many of several are attached. */
static void tell_status(struct service *service)
{
	const struct told *told = &service->told;
	char text[sizeof(service->status)];
	size_t i, alive = 0;

	if (told->count == 1)
		return;
	for (i = 0; i < told->count; i++)
		alive += told->sites[i]->alive;
	snprintf(text, sizeof(text), "%zu of %zu peers attached", alive,
		 told->count);
	if (!strcmp(text, service->status))
		return;
	strcpy(service->status, text);
	sdnotify("STATUS=%s", text);
}

static bool is_server(const struct service *service)
{
	return service->told.sites[0]->config.listen.name;
}

static void tell_ready(struct service *service)
{
	if (service->told.count > 1)
		sdnotify("READY=1");
	else
		/* a server that is away may be so for days */
		sdnotify("READY=1\nSTATUS=%s", is_server(service) ?
			 "waits for a client" : "connects");
	tell_status(service);
}

static enum status open_sites(struct service *service)
{
	struct told *told = &service->told;
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < told->count && !status; i++)
		told->sites[i]->mptcp = service->mptcp;
	/* a port that others have is told before a device is made */
	if (is_server(service))
		status = gate_open(&service->gate, told->name, told->sites,
				   told->count);
	for (i = 0; i < told->count && !status; i++)
		status = open_site(service, told->sites[i]);
	if (!status)
		return status;
	/* the one that failed has closed itself */
	while (i > 1)
		attach_close(told->sites[--i - 1]);
	return status;
}

/* It is closed. */
static void remove_site(struct service *service, size_t i)
{
	struct told *told = &service->told;

	told_free_site(told->sites[i]);
	told->count--;
	memmove(&told->sites[i], &told->sites[i + 1],
		(told->count - i) * sizeof(told->sites[i]));
	told_link(told);
	service->gate.site_count = told->count;
}

/* A tunnel that ends leaves the others alone. */
static enum status step_sites(struct service *service, uint64_t now)
{
	struct told *told = &service->told;
	enum status status;
	size_t i;

	for (i = 0; i < told->count; i++) {
		status = attach_step(told->sites[i], now);
		if (!status)
			continue;
		if (told->count == 1)
			return status;
		attach_say(told->sites[i], "ends, and the others go on");
		/* they may be about to show credentials that go */
		gate_empty(&service->gate);
		attach_close(told->sites[i]);
		remove_site(service, i--);
	}
	return STATUS_OK;
}

static struct attach *find(const struct told *told, const char *peer)
{
	size_t i;

	for (i = 0; i < told->count; i++) {
		const char *other = told->sites[i]->config.peer;

		if (!peer == !other && (!peer || !strcmp(peer, other)))
			return told->sites[i];
	}
	return NULL;
}

/* Those that are not in the configuration any more. */
static void close_others(struct service *service, const struct told *next)
{
	struct told *told = &service->told;
	size_t i;

	for (i = 0; i < told->count; i++) {
		if (find(next, told->sites[i]->config.peer))
			continue;
		attach_say(told->sites[i], "it is not in the configuration any more");
		attach_close(told->sites[i]);
		remove_site(service, i--);
	}
}

/* Each of @next changes one that is there, or is opened. */
static void take_over(struct service *service, struct told *next)
{
	struct told *told = &service->told;
	struct attach *site;
	size_t i;

	for (i = 0; i < next->count; i++) {
		site = find(told, next->sites[i]->config.peer);
		if (site) {
			attach_say(site, attach_change(site, next->sites[i]) ?
				   "the configuration stays as it was" :
				   "the configuration was read again");
			told_free_site(next->sites[i]);
		} else if (open_site(service, next->sites[i])) {
			told_free_site(next->sites[i]);
		} else {
			told->sites[told->count++] = next->sites[i];
		}
	}
}

/* A server listens where it is told to now. */
static enum status check_role(struct service *service, const struct told *next)
{
	const struct config *config = &next->sites[0]->config;

	if (!config->listen.name == is_server(service))
		return usage_error("%s: expected the same of connect and listen: start it anew",
				   service->told.name);
	return is_server(service) ? gate_reload(&service->gate, config) :
				    STATUS_OK;
}

static void reload(struct service *service)
{
	struct told *told = &service->told, next;
	enum status status;
	size_t i;

	for (i = 0; i < told->count; i++) {
		if (told->sites[i]->live.channel ||
		    !told->sites[i]->role->idle(told->sites[i]))
			return;
	}
	service->reload = false;
	if (told->from_stdin) {
		say("%s: standard input cannot be read again: the configuration stays as it was",
		    told->name);
		return;
	}
	gate_empty(&service->gate);
	status = told_load(&next, service->command, service->argv);
	if (!status) {
		status = check_role(service, &next);
		for (i = 0; i < next.count && status; i++)
			told_free_site(next.sites[i]);
	}
	if (status) {
		say("%s: the configuration stays as it was", told->name);
		return;
	}
	close_others(service, &next);
	take_over(service, &next);
	told_link(told);
	service->gate.site_count = told->count;
	for (i = 0; i < told->count; i++)
		told->sites[i]->alone = told->count == 1;
	/* one that stays as it was stays where it listened */
	if (told->count && is_server(service))
		gate_reload(&service->gate, &told->sites[0]->config);
}

static enum status wait_for_something(struct service *service)
{
	struct waits waits = { .count = 0 };
	uint64_t now = clock_ms();
	int timeout = -1;
	size_t i;

	waits_for(&waits, service->signals, POLLIN);
	gate_wait(&service->gate, &waits);
	for (i = 0; i < service->told.count; i++)
		attach_wait(service->told.sites[i], &waits);
	if (waits.until)
		timeout = waits.until > now ? (int)(waits.until - now) : 0;
	if (poll(waits.fds, waits.count, timeout) < 0 && errno != EINTR)
		return system_error(errno, "%s: cannot wait",
				    service->told.name);
	return STATUS_OK;
}

static enum status run(struct service *service)
{
	enum status status = STATUS_OK;

	while (!status) {
		uint64_t now = clock_ms();

		take_signals(service);
		if (service->ended)
			break;
		if (service->reload)
			reload(service);
		/* new ones may have failed where the last ones went */
		status = service->told.count ? step_sites(service, now) :
					       STATUS_REFUSED;
		if (status)
			break;
		gate_step(&service->gate, now);
		tell_status(service);
		status = wait_for_something(service);
	}
	sdnotify("STOPPING=1\nSTATUS=ends");
	return status;
}

/* A signal from now on is an end that removes the devices. */
static enum status serve(struct service *service)
{
	enum status status = open_signals(service);
	size_t i;

	if (!status)
		status = open_sites(service);
	if (!status) {
		tell_ready(service);
		status = run(service);
		for (i = 0; i < service->told.count; i++)
			attach_close(service->told.sites[i]);
	}
	gate_close(&service->gate);
	if (service->signals >= 0)
		close(service->signals);
	return status;
}

enum status attach(const struct request *request)
{
	/* it has a crowd of connections */
	struct service *service = calloc(1, sizeof(*service));
	enum status status;
	size_t i;

	if (!service)
		exit(system_error(ENOMEM, "out of memory"));
	credentials_init();
	service->command = request->command->name;
	service->argv = request->argv;
	service->out = request->out;
	service->signals = -1;
	status = told_load(&service->told, service->command, request->argv);
	if (!status) {
		status = open_mptcp(service);
		if (!status && service->told.check)
			told_print(request->out, &service->told);
		else if (!status)
			status = serve(service);
		for (i = 0; i < service->told.count; i++)
			told_free_site(service->told.sites[i]);
	}
	free(service);
	return status;
}
