/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal as a screen that is drawn again and again. While it is taken,
 * signals come as events; it is given back on every way out but SIGKILL.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include <stddef.h>
#include <stdint.h>

/**
 * enum screen_event - why screen_wait() returns
 * @SCREEN_TIME: the time has come
 * @SCREEN_SIZE: the window has another size, or the terminal was away
 * @SCREEN_QUIT: the user wants to leave, or the terminal is gone
 * @SCREEN_SIGNAL: a signal wants the program to end: see screen_leave()
 * @SCREEN_UP: one line
 * @SCREEN_DOWN: one line
 * @SCREEN_PAGE_UP: a page
 * @SCREEN_PAGE_DOWN: a page
 */
enum screen_event {
	SCREEN_TIME,
	SCREEN_SIZE,
	SCREEN_QUIT,
	SCREEN_SIGNAL,
	SCREEN_UP,
	SCREEN_DOWN,
	SCREEN_PAGE_UP,
	SCREEN_PAGE_DOWN,
};

/* Takes the terminal of standard output, and the keys if they are to be had. */
void screen_enter(void);
/* Gives it back. Ends the program by the signal that asked for it, if one did. */
void screen_leave(void);
void screen_size(int *rows, int *columns);
/* @text: lines; what does not fit is cut off. The first line stays, the others
 * begin with number @from of them. Returns the largest @from that makes sense.
 */
int screen_draw(const char *text, int from);
/* @deadline_us: of CLOCK_MONOTONIC */
enum screen_event screen_wait(uint64_t deadline_us);

uint64_t screen_clock_us(void);

/* How many bytes of a line have room in so many columns. Colours take none, and
 * those behind the end are not left out.
 */
size_t screen_clip(const char *line, size_t length, int columns);

#endif /* SCREEN_H */
