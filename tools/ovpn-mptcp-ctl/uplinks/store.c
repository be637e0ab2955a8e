// SPDX-License-Identifier: GPL-2.0-or-later
/* What setup has made and the kernel does not remember as ours, in a file. */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "uplinks/made.h"

/* not in the headers of every libc */
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

#define PATH_SIZE sizeof(((struct uplinks_store *)0)->path)

/* A number that no other namespace has before the next start of the machine. */
static uint64_t netns_cookie(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(uint64_t);
	uint64_t cookie = 0;

	if (fd < 0)
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size))
		cookie = 0;
	close(fd);
	return cookie;
}

void uplinks_store_find(struct uplinks_store *store)
{
	store->lock = -1;
	snprintf(store->path, sizeof(store->path), "%s/netns-%" PRIu64 ".json",
		 UPLINKS_DIRECTORY, netns_cookie());
}

bool uplinks_store_is_readable(const struct uplinks_store *store)
{
	return !access(store->path, R_OK);
}

/* A file beside it. Returns a descriptor, or -1 and errno. */
static int open_beside(const struct uplinks_store *store, const char *suffix,
		       int flags)
{
	char path[PATH_SIZE + 8];

	snprintf(path, sizeof(path), "%s.%s", store->path, suffix);
	return open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

enum status uplinks_store_open(struct uplinks_store *store)
{
	uplinks_store_find(store);
	if (mkdir(UPLINKS_DIRECTORY, 0700) && errno != EEXIST)
		return system_error(errno, "uplinks: cannot make %s",
				    UPLINKS_DIRECTORY);
	store->lock = open_beside(store, "lock", O_RDWR | O_CREAT);
	if (store->lock < 0)
		return system_error(errno, "uplinks: cannot open %s.lock",
				    store->path);
	while (flock(store->lock, LOCK_EX)) {
		if (errno == EINTR)
			continue;
		return system_error(errno, "uplinks: cannot lock %s.lock",
				    store->path);
	}
	return STATUS_OK;
}

void uplinks_store_close(struct uplinks_store *store)
{
	if (store->lock >= 0)
		close(store->lock);
	store->lock = -1;
}

static struct json_object *need(struct json_object *object)
{
	if (!object)
		exit(system_error(ENOMEM, "out of memory"));
	return object;
}

static void put_number(struct json_object *object, const char *key,
		       uint64_t number)
{
	json_object_object_add(object, key,
			       need(json_object_new_int64((int64_t)number)));
}

static uint32_t get_number(struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) ?
	       (uint32_t)json_object_get_int64(value) : 0;
}

static void put_limits(struct json_object *top, const char *key,
		       const struct limits *limits)
{
	struct json_object *object;

	if (!limits->known)
		return;
	object = need(json_object_new_object());
	put_number(object, "subflows", limits->subflows);
	put_number(object, "accepted", limits->accepted);
	json_object_object_add(top, key, object);
}

static void get_limits(struct json_object *top, const char *key,
		       struct limits *limits)
{
	struct json_object *object;

	if (!json_object_object_get_ex(top, key, &object))
		return;
	limits->known = true;
	limits->subflows = get_number(object, "subflows");
	limits->accepted = get_number(object, "accepted");
}

static struct json_object *to_json(const struct uplinks_made *made)
{
	struct json_object *top = need(json_object_new_object());
	struct json_object *list = need(json_object_new_array()), *object;
	char text[ADDRESS_SIZE];
	size_t i;

	put_limits(top, "limits_had", &made->limits_had);
	put_limits(top, "limits_set", &made->limits_set);
	for (i = 0; i < made->endpoints.count; i++) {
		const struct uplinks_made_endpoint *endpoint =
			&made->endpoints.items[i];

		object = need(json_object_new_object());
		address_text(&endpoint->address, text);
		json_object_object_add(object, "address",
				       need(json_object_new_string(text)));
		put_number(object, "backup", endpoint->backup);
		json_object_array_add(list, object);
	}
	json_object_object_add(top, "endpoints", list);
	list = need(json_object_new_array());
	for (i = 0; i < made->filters.count; i++) {
		object = need(json_object_new_object());
		put_number(object, "index", made->filters.items[i].index);
		put_number(object, "had", made->filters.items[i].had);
		put_number(object, "set", made->filters.items[i].set);
		json_object_array_add(list, object);
	}
	json_object_object_add(top, "filters", list);
	return top;
}

static size_t length_of(struct json_object *top, const char *key,
			struct json_object **list)
{
	if (!json_object_object_get_ex(top, key, list) ||
	    !json_object_is_type(*list, json_type_array))
		return 0;
	return json_object_array_length(*list);
}

static void from_json(struct json_object *top, struct uplinks_made *made)
{
	struct json_object *list, *object, *value;
	size_t i, count;

	get_limits(top, "limits_had", &made->limits_had);
	get_limits(top, "limits_set", &made->limits_set);
	count = length_of(top, "endpoints", &list);
	for (i = 0; i < count; i++) {
		struct uplinks_made_endpoint endpoint = { 0 };

		object = json_object_array_get_idx(list, i);
		if (!json_object_object_get_ex(object, "address", &value) ||
		    !address_parse(&endpoint.address,
				   json_object_get_string(value)))
			continue;
		endpoint.backup = get_number(object, "backup");
		*LIST_ADD(&made->endpoints) = endpoint;
	}
	count = length_of(top, "filters", &list);
	for (i = 0; i < count; i++) {
		struct uplinks_made_filter *filter = LIST_ADD(&made->filters);

		object = json_object_array_get_idx(list, i);
		filter->index = (int)get_number(object, "index");
		filter->had = get_number(object, "had");
		filter->set = get_number(object, "set");
	}
}

enum status uplinks_store_load(const struct uplinks_store *store,
			       struct uplinks_made *made, bool *found)
{
	struct json_object *top;
	int fd;

	memset(made, 0, sizeof(*made));
	fd = open(store->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	*found = fd >= 0;
	if (fd < 0)
		return errno == ENOENT ? STATUS_OK :
		       system_error(errno, "uplinks: cannot read %s",
				    store->path);
	top = json_object_from_fd(fd);
	close(fd);
	if (!top || !json_object_is_type(top, json_type_object)) {
		json_object_put(top);
		say("uplinks: %s is not what setup writes: what it has made cannot be told from what others have; look at ip mptcp endpoint and ip mptcp limits, then remove the file",
		    store->path);
		return STATUS_REFUSED;
	}
	from_json(top, made);
	json_object_put(top);
	return STATUS_OK;
}

/* A file of the old content or of the new one, never of a part. */
enum status uplinks_store_save(const struct uplinks_store *store,
			       const struct uplinks_made *made)
{
	struct json_object *top = to_json(made);
	char path[PATH_SIZE + 8];
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s.new", store->path);
	fd = open_beside(store, "new", O_WRONLY | O_CREAT | O_TRUNC);
	if (fd < 0) {
		err = errno;
	} else {
		errno = EIO;
		if (json_object_to_fd(fd, top, JSON_C_TO_STRING_PLAIN))
			err = errno;
		close(fd);
		if (!err && rename(path, store->path))
			err = errno;
	}
	json_object_put(top);
	return err ? system_error(err, "uplinks: cannot write %s", path) :
	       STATUS_OK;
}

enum status uplinks_store_remove(const struct uplinks_store *store)
{
	if (unlink(store->path) && errno != ENOENT)
		return system_error(errno, "uplinks: cannot remove %s",
				    store->path);
	return STATUS_OK;
}

int uplinks_store_claim(const struct uplinks_store *store)
{
	int fd = open_beside(store, "keep", O_RDWR | O_CREAT);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

bool uplinks_store_is_claimed(const struct uplinks_store *store)
{
	int fd = open_beside(store, "keep", O_RDONLY);
	bool claimed;

	if (fd < 0)
		return false;
	claimed = flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
	close(fd);
	return claimed;
}
