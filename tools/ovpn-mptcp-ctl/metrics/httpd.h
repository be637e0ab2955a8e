/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GNU libmicrohttpd, loaded by who listens: the other commands, some of which
 * read what strangers send, start without it and the TLS library that it needs.
 */
#ifndef HTTPD_H
#define HTTPD_H

#include <microhttpd.h>

#include "base/message.h"

#define HTTPD_FUNCTIONS(each)					\
	each(start_daemon)						\
	each(stop_daemon)						\
	each(get_daemon_info)						\
	each(get_timeout)						\
	each(run)							\
	each(get_connection_info)					\
	each(lookup_connection_value)					\
	each(create_response_from_buffer)				\
	each(add_response_header)					\
	each(queue_response)						\
	each(destroy_response)

#define HTTPD_MEMBER(name) __typeof__(MHD_##name) *name;

/* The functions of the library, without MHD_ in front. */
struct httpd {
	HTTPD_FUNCTIONS(HTTPD_MEMBER)
};

/* Says what to install when it is not there. It stays loaded. */
enum status httpd_load(struct httpd *library, const char *command);

#endif /* HTTPD_H */
