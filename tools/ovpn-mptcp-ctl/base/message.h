/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes to standard error, and the exit codes. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdarg.h>
#include <stdbool.h>

#define PROGRAM "ovpn-mptcp-ctl"

/**
 * enum status - exit code of the program
 * @STATUS_OK: done
 * @STATUS_USAGE: the arguments were wrong; nothing was done
 * @STATUS_REFUSED: the kernel refused
 * @STATUS_NO_MODULE: the module ovpn-dco-mptcp is not there
 * @STATUS_NO_MPTCP: there is no MPTCP in this kernel or network namespace
 * @STATUS_FELL_BACK: MPTCP was wanted, and it became TCP
 * @STATUS_AGAIN: ended, and is needed after all
 */
enum status {
	STATUS_OK,
	STATUS_USAGE,
	STATUS_REFUSED,
	STATUS_NO_MODULE,
	STATUS_NO_MPTCP,
	STATUS_FELL_BACK,
	STATUS_AGAIN = 75,	/* EX_TEMPFAIL */
};

/* Messages have their priority in front, as the journal reads it. */
extern bool message_levels;

/* Called before a message, when it is not NULL: who has taken the terminal
 * gives it back.
 */
extern void (*message_before)(void);

/* Asked about a message, by its first so many bytes, when it is not NULL: who
 * looks again and again tells of what stays once.
 */
#define MESSAGE_KNOWN 512
extern bool (*message_wanted)(const char *text);

/* One line on standard error each. */
__attribute__((format(printf, 1, 2)))
void say(const char *format, ...);
__attribute__((format(printf, 1, 2)))
enum status usage_error(const char *format, ...);
/* @status: what it returns */
__attribute__((format(printf, 2, 3)))
enum status failure(enum status status, const char *format, ...);
/* @code: errno */
__attribute__((format(printf, 2, 3)))
enum status system_error(int code, const char *format, ...);

/* Name and words of an errno: "ENOENT: No such file or directory". */
const char *errno_text(int code);

#endif /* MESSAGE_H */
