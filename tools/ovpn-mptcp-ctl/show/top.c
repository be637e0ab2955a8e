// SPDX-License-Identifier: GPL-2.0-or-later
/* The verb top: every path of every peer, again and again. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "show/print_top.h"
#include "show/screen.h"
#include "show/view.h"

#define INTERVAL_DEFAULT 1

/**
 * struct top - a run of the verb
 * @request: what was asked for
 * @view: the last reading
 * @rates: what grew since the one before
 * @interval_us: from one reading to the next
 * @rest: readings to show, 0 for no end
 * @from: first line that is shown below the head
 */
struct top {
	const struct request *request;
	struct view view;
	struct rates rates;
	uint64_t interval_us;
	uint32_t rest;
	int from;
};

static enum status read_all(struct top *top)
{
	enum status status;

	view_free(&top->view);
	status = view_load(&top->view, top->request->command->name,
			   top->request->device, NULL);
	if (!status)
		rates_update(&top->rates, &top->view.devices, screen_clock_us());
	return status;
}

/* Draws what was read last, on a screen that may have another size now. */
static void draw(struct top *top)
{
	struct out *out = top->request->out;
	int rows, columns, most;
	char *text = NULL;
	size_t size;

	screen_size(&rows, &columns);
	out->stream = open_memstream(&text, &size);
	if (!out->stream)
		exit(system_error(errno, "out of memory"));
	print_top(out, &top->view.devices, &top->rates, columns);
	if (fclose(out->stream))
		exit(system_error(errno, "out of memory"));
	out->stream = stdout;
	most = screen_draw(text, top->from);
	if (top->from > most)
		top->from = most;
	free(text);
}

static void scroll(struct top *top, enum screen_event event)
{
	int rows, columns, page;

	screen_size(&rows, &columns);
	page = rows > 2 ? rows - 2 : 1;
	switch (event) {
	case SCREEN_UP:
		top->from--;
		break;
	case SCREEN_DOWN:
		top->from++;
		break;
	case SCREEN_PAGE_UP:
		top->from -= page;
		break;
	case SCREEN_PAGE_DOWN:
		top->from += page;
		break;
	default:
		break;
	}
	if (top->from < 0)
		top->from = 0;
}

/* Readings that were missed, because the machine slept, are not made up for. */
static uint64_t next_deadline(const struct top *top, uint64_t deadline)
{
	uint64_t now = screen_clock_us();

	deadline += top->interval_us;
	return deadline > now ? deadline : now + top->interval_us;
}

static enum status run_screen(struct top *top)
{
	uint64_t deadline = screen_clock_us();
	enum screen_event event;
	enum status status = STATUS_OK;

	screen_enter();
	for (;;) {
		event = screen_wait(deadline);
		if (event == SCREEN_QUIT || event == SCREEN_SIGNAL)
			break;
		if (event == SCREEN_TIME) {
			status = read_all(top);
			if (status)
				break;
			deadline = next_deadline(top, deadline);
		}
		scroll(top, event);
		draw(top);
		/* the first reading has no rates */
		if (event == SCREEN_TIME && top->rates.interval_us &&
		    top->rest && !--top->rest)
			break;
	}
	screen_leave();
	return status;
}

static enum status run_plain(struct top *top)
{
	struct out *out = top->request->out;
	uint64_t deadline = screen_clock_us();
	enum status status = read_all(top);
	struct timespec until;
	bool first = true;

	/* one line for each reading in any case */
	if (out->format == OUT_JSON_PRETTY)
		out->format = OUT_JSON;
	while (!status) {
		deadline = next_deadline(top, deadline);
		until.tv_sec = deadline / 1000000;
		until.tv_nsec = deadline % 1000000 * 1000;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		status = read_all(top);
		if (status)
			break;
		out_text(out, first ? "" : "\n");
		first = false;
		print_top(out, &top->view.devices, &top->rates, 0);
		status = out_flush();
		if (top->rest && !--top->rest)
			break;
	}
	return status;
}

enum status top(const struct request *request)
{
	const struct value *interval = request_value(request, "interval");
	const struct value *count = request_value(request, "count");
	const char *terminal = getenv("TERM");
	struct top top = {
		.request = request,
		.interval_us = 1000000ull * (interval->given ?
					     interval->number[0] : INTERVAL_DEFAULT),
		.rest = count->given ? count->number[0] : 0,
	};
	enum status status = native_open(&top.view.native);

	if (status)
		return status;
	if (request->out->format == OUT_TEXT && isatty(STDOUT_FILENO) &&
	    terminal && strcmp(terminal, "dumb"))
		status = run_screen(&top);
	else
		status = run_plain(&top);
	rates_free(&top.rates);
	view_free(&top.view);
	native_close(&top.view.native);
	return status;
}
