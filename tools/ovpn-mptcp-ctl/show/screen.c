// SPDX-License-Identifier: GPL-2.0-or-later
/* The terminal as a screen that is drawn again and again. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/message.h"
#include "show/screen.h"

#define ENTER	"\033[?1049h\033[?25l\033[H\033[2J"
#define LEAVE	"\033[?25h\033[?1049l"

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
static const int crashing[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };

/* One program has one terminal. */
static struct {
	bool taken;
	/* standard input has keys */
	bool has_keys;
	struct termios before;
	sigset_t mask_before;
	int signal_fd;
	/* that wants the program to end, or 0 */
	int signal;
	/* bytes of keys that wait */
	char keys[32];
	size_t key_count;
} screen = { .signal_fd = -1 };

uint64_t screen_clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ull + now.tv_nsec / 1000;
}

/* Only calls that a signal handler may use. */
static void restore(void)
{
	ssize_t ignored;

	if (!screen.taken)
		return;
	screen.taken = false;
	ignored = write(STDOUT_FILENO, LEAVE, sizeof(LEAVE) - 1);
	(void)ignored;
	if (screen.has_keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &screen.before);
}

static void on_crash(int signal)
{
	restore();
	/* the handler was reset when it was called */
	raise(signal);
}

static void take(void)
{
	struct termios raw;

	screen.has_keys = isatty(STDIN_FILENO) &&
			  !tcgetattr(STDIN_FILENO, &screen.before);
	if (screen.has_keys) {
		raw = screen.before;
		/* keys at once and unseen; those that make signals still do */
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		raw.c_cc[VMIN] = 0;
		raw.c_cc[VTIME] = 0;
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	fputs(ENTER, stdout);
	fflush(stdout);
	screen.taken = true;
}

void screen_enter(void)
{
	struct sigaction crash = { .sa_handler = on_crash,
				   .sa_flags = SA_RESETHAND | SA_NODEFER };
	sigset_t mask;
	size_t i;

	sigemptyset(&mask);
	for (i = 0; i < ARRAY_SIZE(ending); i++)
		sigaddset(&mask, ending[i]);
	sigaddset(&mask, SIGWINCH);
	sigaddset(&mask, SIGTSTP);
	sigaddset(&mask, SIGCONT);
	sigprocmask(SIG_BLOCK, &mask, &screen.mask_before);
	screen.signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	screen.signal = 0;
	for (i = 0; i < ARRAY_SIZE(crashing); i++)
		sigaction(crashing[i], &crash, NULL);
	/* exit() in the middle of something, and messages on the way there */
	atexit(restore);
	message_before = restore;
	take();
}

void screen_leave(void)
{
	restore();
	message_before = NULL;
	close(screen.signal_fd);
	screen.signal_fd = -1;
	sigprocmask(SIG_SETMASK, &screen.mask_before, NULL);
	if (!screen.signal)
		return;
	/* whoever started us sees what ended us */
	signal(screen.signal, SIG_DFL);
	raise(screen.signal);
}

void screen_size(int *rows, int *columns)
{
	struct winsize size;

	*rows = 24;
	*columns = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row ||
	    !size.ws_col)
		return;
	*rows = size.ws_row;
	*columns = size.ws_col;
}

static int count_lines(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

int screen_draw(const char *text, int from)
{
	int rows, columns, row = 0, line = 0, most;
	size_t length;

	screen_size(&rows, &columns);
	most = count_lines(text) - rows;
	if (most < 0)
		most = 0;
	if (from > most)
		from = most;
	fputs("\033[H", stdout);
	for (; *text && row < rows; text += length + (text[length] == '\n')) {
		length = strcspn(text, "\n");
		if (line++ && line - 1 <= from)
			continue;
		/* a line feed behind the last line would move all of it */
		printf("%s%.*s\033[0m\033[K", row++ ? "\r\n" : "",
		       (int)screen_clip(text, length, columns), text);
	}
	fputs("\033[J", stdout);
	if (fflush(stdout))
		clearerr(stdout);
	return most;
}

/* The terminal is given back while the program stands still. */
static void stop(void)
{
	restore();
	raise(SIGSTOP);
	take();
}

/* Returns whether there is an event. */
static bool next_signal(enum screen_event *event)
{
	struct signalfd_siginfo info;

	while (read(screen.signal_fd, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGTSTP:
			stop();
			*event = SCREEN_SIZE;
			return true;
		case SIGCONT:
		case SIGWINCH:
			*event = SCREEN_SIZE;
			return true;
		default:
			screen.signal = info.ssi_signo;
			*event = SCREEN_SIGNAL;
			return true;
		}
	}
	return false;
}

struct key {
	const char *bytes;
	enum screen_event event;
};

static const struct key keys[] = {
	{ "q", SCREEN_QUIT }, { "Q", SCREEN_QUIT },
	{ "k", SCREEN_UP }, { "\033[A", SCREEN_UP }, { "\033OA", SCREEN_UP },
	{ "j", SCREEN_DOWN }, { "\033[B", SCREEN_DOWN }, { "\033OB", SCREEN_DOWN },
	{ "\033[5~", SCREEN_PAGE_UP }, { "\033[6~", SCREEN_PAGE_DOWN },
	{ " ", SCREEN_PAGE_DOWN },
};

/* Takes the first key that means something from those that wait. */
static bool next_key(enum screen_event *event)
{
	size_t i, n, length;

	while (screen.key_count) {
		n = 1;
		for (i = 0; i < ARRAY_SIZE(keys); i++) {
			length = strlen(keys[i].bytes);
			if (length <= screen.key_count &&
			    !memcmp(screen.keys, keys[i].bytes, length))
				break;
		}
		if (i < ARRAY_SIZE(keys))
			n = strlen(keys[i].bytes);
		screen.key_count -= n;
		memmove(screen.keys, screen.keys + n, screen.key_count);
		if (i < ARRAY_SIZE(keys)) {
			*event = keys[i].event;
			return true;
		}
	}
	return false;
}

/* Returns whether the terminal is still there. */
static bool read_keys(void)
{
	ssize_t got = read(STDIN_FILENO, screen.keys + screen.key_count,
			   sizeof(screen.keys) - screen.key_count);

	if (got > 0)
		screen.key_count += got;
	return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

enum screen_event screen_wait(uint64_t deadline_us)
{
	struct pollfd polled[2] = {
		{ .fd = screen.signal_fd, .events = POLLIN },
		{ .fd = screen.has_keys ? STDIN_FILENO : -1, .events = POLLIN },
	};
	struct timespec rest;
	enum screen_event event;
	uint64_t now;

	for (;;) {
		if (next_signal(&event) || next_key(&event))
			return event;
		now = screen_clock_us();
		if (now >= deadline_us)
			return SCREEN_TIME;
		rest.tv_sec = (deadline_us - now) / 1000000;
		rest.tv_nsec = (deadline_us - now) % 1000000 * 1000;
		if (ppoll(polled, ARRAY_SIZE(polled), &rest, NULL) < 0 &&
		    errno != EINTR)
			return SCREEN_QUIT;
		if (polled[1].revents && !read_keys())
			return SCREEN_QUIT;
	}
}
