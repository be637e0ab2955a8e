// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A web server that has metrics. Whoever connects is a stranger: connections are
 * few and short, headers have little room, bodies are not read, and however
 * often they ask, the kernel is asked once in a second.
 */

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/sdnotify.h"
#include "metrics/httpd.h"
#include "metrics/scrape.h"

/* more wait in the queue of the kernel */
#define CONNECTIONS_MAX		32
#define CONNECTIONS_OF_ONE_MAX	8
/* from accept() to the last byte, however busy; Prometheus waits as long */
#define CONNECTION_MS		10000
/* for request line and headers; those of Prometheus have some 300 bytes */
#define MEMORY			16384
/* how long an answer is given again */
#define FRESH_MS		1000

/**
 * struct connection - one that is open
 * @fd: its socket, which the library closes; -1: free
 * @until: when it is ended
 */
struct connection {
	int fd;
	uint64_t until;
};

/**
 * struct answer - the metrics in one format
 * @response: of the library, NULL when they could not be had
 * @until: when it is too old
 */
struct answer {
	struct MHD_Response *response;
	uint64_t until;
};

/**
 * struct scraper - the server; all in one thread
 * @http: the library
 * @daemon: its object
 * @write: what makes the answers
 * @arg: for @write
 * @connections: those that are open
 * @closed: one was closed
 * @answers: by format
 */
struct scraper {
	struct httpd http;
	struct MHD_Daemon *daemon;
	scrape_writer write;
	void *arg;
	struct connection connections[CONNECTIONS_MAX];
	bool closed;
	struct answer answers[OPENMETRICS_0_0_4 + 1];
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}

/* The library ends a silent client, but not a slow one; so its limit is off. */
static void on_connection(void *arg, struct MHD_Connection *connection,
			  void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info;
	struct scraper *scraper = arg;
	struct connection *mine;
	size_t i;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		mine = *context;
		if (mine)
			mine->fd = -1;
		scraper->closed = true;
		return;
	}
	info = scraper->http.get_connection_info(connection,
						 MHD_CONNECTION_INFO_CONNECTION_FD);
	for (i = 0; info && i < CONNECTIONS_MAX; i++) {
		mine = &scraper->connections[i];
		if (mine->fd >= 0)
			continue;
		mine->fd = info->connect_fd;
		mine->until = now_ms() + CONNECTION_MS;
		*context = mine;
		return;
	}
}

/* What it has not read is thrown away: the kernel would keep it for minutes. The
 * library sees the end of the socket, and closes it.
 */
static void end_connection(const struct connection *connection)
{
	static const struct linger none = { .l_onoff = 1 };

	setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	shutdown(connection->fd, SHUT_RDWR);
}

/* Ends those that take too long. Returns when the next one has its time,
 * UINT64_MAX for never.
 */
static uint64_t end_old(struct scraper *scraper, uint64_t now)
{
	uint64_t next = UINT64_MAX;
	size_t i;

	for (i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *connection = &scraper->connections[i];

		if (connection->fd < 0)
			continue;
		if (connection->until <= now) {
			end_connection(connection);
			connection->until = UINT64_MAX;
		}
		if (connection->until < next)
			next = connection->until;
	}
	return next;
}

static struct MHD_Response *respond(struct scraper *scraper, size_t size,
				    char *text, enum MHD_ResponseMemoryMode mode,
				    const char *type)
{
	const struct httpd *http = &scraper->http;
	struct MHD_Response *response;

	response = http->create_response_from_buffer(size, text, mode);
	if (!response)
		return NULL;
	if (http->add_response_header(response, "Content-Type", type) == MHD_NO ||
	    http->add_response_header(response, "Connection", "close") == MHD_NO) {
		http->destroy_response(response);
		return NULL;
	}
	return response;
}

static void forget(struct scraper *scraper, struct answer *answer)
{
	if (answer->response)
		scraper->http.destroy_response(answer->response);
	answer->response = NULL;
}

/* NULL when the metrics cannot be had; that was said. */
static struct MHD_Response *metrics(struct scraper *scraper,
				    enum openmetrics_format format)
{
	static const char *const types[] = {
		[OPENMETRICS_1] = "application/openmetrics-text; version=1.0.0; charset=utf-8",
		[OPENMETRICS_0_0_4] = "text/plain; version=0.0.4; charset=utf-8",
	};
	struct answer *answer = &scraper->answers[format];
	enum status status;
	char *text = NULL;
	size_t size = 0;
	FILE *stream;

	/* a failure is not tried at once again, either */
	if (now_ms() < answer->until)
		return answer->response;
	forget(scraper, answer);
	stream = open_memstream(&text, &size);
	if (!stream)
		exit(system_error(ENOMEM, "out of memory"));
	status = scraper->write(stream, format, scraper->arg);
	if (fclose(stream))
		exit(system_error(ENOMEM, "out of memory"));
	if (!status)
		answer->response = respond(scraper, size, text,
					   MHD_RESPMEM_MUST_FREE, types[format]);
	/* a response has taken it */
	if (!answer->response)
		free(text);
	answer->until = now_ms() + FRESH_MS;
	return answer->response;
}

static enum MHD_Result say_shortly(struct scraper *scraper,
				   struct MHD_Connection *connection,
				   unsigned int code, const char *text)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	response = respond(scraper, strlen(text), (char *)text,
			   MHD_RESPMEM_PERSISTENT, "text/plain; charset=utf-8");
	if (!response)
		return MHD_NO;
	if (code == MHD_HTTP_METHOD_NOT_ALLOWED)
		scraper->http.add_response_header(response, "Allow", "GET, HEAD");
	result = scraper->http.queue_response(connection, code, response);
	scraper->http.destroy_response(response);
	return result;
}

/* At the end of the headers: a body is not waited for. */
static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection,
				  const char *url, const char *method,
				  const char *version, const char *upload,
				  size_t *upload_size, void **context)
{
	struct scraper *scraper = arg;
	struct MHD_Response *response;
	const char *accept;

	(void)version;
	(void)upload;
	(void)upload_size;
	(void)context;
	if (strcmp(method, "GET") && strcmp(method, "HEAD"))
		return say_shortly(scraper, connection,
				   MHD_HTTP_METHOD_NOT_ALLOWED,
				   "GET and HEAD are all there is.\n");
	if (strcmp(url, "/metrics"))
		return say_shortly(scraper, connection, MHD_HTTP_NOT_FOUND,
				   "The metrics of ovpn-mptcp-ctl are at /metrics.\n");
	accept = scraper->http.lookup_connection_value(connection,
						       MHD_HEADER_KIND, "Accept");
	response = metrics(scraper, accept &&
			   strstr(accept, "application/openmetrics-text") ?
			   OPENMETRICS_1 : OPENMETRICS_0_0_4);
	if (!response)
		return say_shortly(scraper, connection,
				   MHD_HTTP_SERVICE_UNAVAILABLE,
				   "No metrics: the log of ovpn-mptcp-ctl says why.\n");
	return scraper->http.queue_response(connection, MHD_HTTP_OK, response);
}

/* -1: errno says why */
static int open_socket(const struct address *address)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} at = { 0 };
	/* for what the kernel was given, and is not taken */
	unsigned int patience = CONNECTION_MS;
	uint16_t port = htons(address->port);
	int fd, yes = 1, err;

	at.any.sa_family = address->family;
	if (address->family == AF_INET6) {
		at.v6.sin6_port = port;
		memcpy(&at.v6.sin6_addr, address->ip, sizeof(at.v6.sin6_addr));
	} else {
		at.v4.sin_port = port;
		memcpy(&at.v4.sin_addr, address->ip, sizeof(at.v4.sin_addr));
	}
	fd = socket(address->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) &&
	    !setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience,
			sizeof(patience)) &&
	    !bind(fd, &at.any, address->family == AF_INET6 ? sizeof(at.v6) :
							     sizeof(at.v4)) &&
	    !listen(fd, SOMAXCONN))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

static enum status open_server(struct scraper *scraper,
			       const struct address *address,
			       const char *command)
{
	struct address at = *address;
	char text[ADDRESS_PORT_SIZE];
	unsigned int flags = MHD_USE_EPOLL;
	enum status status;
	int fd;

	if (!at.port)
		at.port = SCRAPE_PORT;
	if (at.family == AF_INET6)
		flags |= MHD_USE_IPv6;
	status = httpd_load(&scraper->http, command);
	if (status)
		return status;
	fd = open_socket(&at);
	if (fd < 0)
		return system_error(errno, "%s: cannot listen at %s", command,
				    address_port_text(&at, text));
	scraper->daemon = scraper->http.start_daemon(flags, 0, NULL, NULL,
		on_request, scraper,
		MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS_MAX,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned int)CONNECTIONS_OF_ONE_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, scraper,
		MHD_OPTION_END);
	if (!scraper->daemon) {
		close(fd);
		return failure(STATUS_REFUSED, "%s: libmicrohttpd does not start",
			       command);
	}
	say("%s: listens at http://%s/metrics", command,
	    address_port_text(&at, text));
	return STATUS_OK;
}

static int open_signals(void)
{
	sigset_t set;

	/* who asks may go before the answer */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int wait_ms(struct scraper *scraper)
{
	uint64_t now = now_ms(), until = end_old(scraper, now);
	MHD_UNSIGNED_LONG_LONG timeout;
	uint64_t wait = until == UINT64_MAX ? until : until - now;

	if (scraper->http.get_timeout(scraper->daemon, &timeout) == MHD_YES &&
	    timeout < wait)
		wait = timeout;
	return wait > INT32_MAX ? -1 : (int)wait;
}

static enum status serve(struct scraper *scraper, const char *command,
			 int signals)
{
	const union MHD_DaemonInfo *info;
	struct pollfd fds[2];

	info = scraper->http.get_daemon_info(scraper->daemon,
					     MHD_DAEMON_INFO_EPOLL_FD);
	fds[0] = (struct pollfd){ .fd = signals, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = info->epoll_fd, .events = POLLIN };
	sdnotify("READY=1");
	while (!(fds[0].revents & POLLIN)) {
		if (poll(fds, ARRAY_SIZE(fds), wait_ms(scraper)) < 0 &&
		    errno != EINTR)
			return system_error(errno, "%s: cannot wait", command);
		/* it accepts again, after too many, in the round that comes
		 * after the end of one
		 */
		do {
			scraper->closed = false;
			scraper->http.run(scraper->daemon);
		} while (scraper->closed);
	}
	sdnotify("STOPPING=1");
	return STATUS_OK;
}

enum status scrape(const struct address *address, const char *command,
		   scrape_writer write, void *arg)
{
	struct scraper scraper = { .write = write, .arg = arg };
	enum status status;
	int signals;
	size_t i;

	for (i = 0; i < CONNECTIONS_MAX; i++)
		scraper.connections[i].fd = -1;
	signals = open_signals();
	if (signals < 0)
		return system_error(errno, "%s: cannot receive signals", command);
	status = open_server(&scraper, address, command);
	if (!status) {
		status = serve(&scraper, command, signals);
		scraper.http.stop_daemon(scraper.daemon);
	}
	for (i = 0; i < ARRAY_SIZE(scraper.answers); i++)
		forget(&scraper, &scraper.answers[i]);
	close(signals);
	return status;
}
