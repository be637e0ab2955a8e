// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "watchdog.h"

static void print_file(const char *path)
{
	char line[256];
	FILE *in = fopen(path, "r");

	while (in && fgets(line, sizeof(line), in))
		printf("# %s", line);
	if (in)
		fclose(in);
}

/* Where it waits; all that wait uninterruptibly are in the kernel's log then. */
static void tell_where(pid_t pid)
{
	char path[64];
	FILE *sysrq;

	snprintf(path, sizeof(path), "/proc/%d/stack", (int)pid);
	print_file(path);
	sysrq = fopen("/proc/sysrq-trigger", "w");
	if (sysrq) {
		fputs("w", sysrq);
		fclose(sysrq);
	}
}

static int ended(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status))
		return WEXITSTATUS(status);
	printf("FAIL: the fuzzer was killed by signal %d\n", WTERMSIG(status));
	return 1;
}

int watchdog(int (*work)(unsigned long *progress), int seconds)
{
	unsigned long *progress, now, last = 0;
	struct pollfd child;
	int still = 0;
	pid_t pid;

	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (progress == MAP_FAILED)
		return 1;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		exit(work(progress));
	}
	child.fd = syscall(SYS_pidfd_open, pid, 0);
	child.events = POLLIN;
	while (!poll(&child, 1, 1000)) {
		now = __atomic_load_n(progress, __ATOMIC_RELAXED);
		still = now == last ? still + 1 : 0;
		last = now;
		if (still < seconds)
			continue;
		printf("FAIL: the kernel has not come back from step %lu for %d s\n", last,
		       seconds);
		tell_where(pid);
		kill(pid, SIGKILL);
		return 1;
	}
	return ended(pid);
}
