// SPDX-License-Identifier: GPL-2.0-or-later
/* Entries of systemd's journal: datagrams to its socket, with a field a line. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/journal.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/output.h"

/* the same everywhere, in containers, too */
static const struct sockaddr_un place = {
	.sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket",
};

/* systemd names the socket that it has made for a service. It may have been
 * redirected since.
 */
bool journal_reads(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat stat;

	return stream && sscanf(stream, "%ju:%ju", &device, &inode) == 2 &&
	       !fstat(fd, &stat) && stat.st_dev == device &&
	       stat.st_ino == inode;
}

bool journal_send(int level, const char *message, const char *fields)
{
	char head[64];
	struct iovec parts[] = {
		{ head, 0 },
		{ (char *)message, strcspn(message, "\n") },
		{ "\n", 1 },
		{ (char *)fields, fields ? strlen(fields) : 0 },
	};
	struct msghdr datagram = {
		.msg_name = (void *)&place, .msg_namelen = sizeof(place),
		.msg_iov = parts, .msg_iovlen = ARRAY_SIZE(parts),
	};
	bool sent;
	int fd;

	parts[0].iov_len = snprintf(head, sizeof(head),
				    "PRIORITY=%d\nSYSLOG_IDENTIFIER=" PROGRAM "\nMESSAGE=",
				    level);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	sent = sendmsg(fd, &datagram, MSG_NOSIGNAL) >= 0;
	close(fd);
	return sent;
}

static FILE *open_memory(char **text, size_t *size)
{
	FILE *stream = open_memstream(text, size);

	if (!stream)
		exit(system_error(ENOMEM, "out of memory"));
	return stream;
}

static void close_memory(FILE *stream)
{
	if (fclose(stream))
		exit(system_error(ENOMEM, "out of memory"));
}

void journal_begin(struct journal_entry *entry, struct out *out, int level)
{
	memset(entry, 0, sizeof(*entry));
	entry->active = out->stream == stdout && journal_reads(STDOUT_FILENO);
	if (!entry->active)
		return;
	entry->level = level;
	entry->stream = out->stream;
	out->stream = open_memory(&entry->text, &entry->text_size);
	out->fields = open_memory(&entry->fields, &entry->fields_size);
}

void journal_end(struct journal_entry *entry, struct out *out)
{
	if (!entry->active)
		return;
	close_memory(out->stream);
	close_memory(out->fields);
	out->stream = entry->stream;
	out->fields = NULL;
	if (!journal_send(entry->level, entry->text, entry->fields))
		fputs(entry->text, out->stream);
	free(entry->text);
	free(entry->fields);
}
