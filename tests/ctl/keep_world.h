/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world without a kernel for the decisions of keep: two paths, one tunnel
 * with one peer, and a clock that the test moves.
 */
#ifndef KEEP_WORLD_H
#define KEEP_WORLD_H

#include <arpa/inet.h>
#include <linux/mptcp.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "keep/keep_plan.h"
#include "keep/keep_slow.h"

#define TOKEN	77u
#define SUBFLOW	MPTCP_PM_ADDR_FLAG_SUBFLOW
#define SIGNAL	MPTCP_PM_ADDR_FLAG_SIGNAL
#define BACKUP	MPTCP_PM_ADDR_FLAG_BACKUP

struct world {
	struct keep_plan plan;
	struct keep_slow slow;
	struct keep_events events;
	struct device devices[3];
	struct local locals[3];
	struct links links;
	struct path path[8];
	struct paths paths;
	struct endpoint endpoint[4];
	struct endpoints endpoints;
	struct peer peer[2];
	struct device tunnel[2];
	struct devices tunnels;
	uint32_t limit;
	uint64_t now;
	uint64_t next;
};

static inline struct address address(const char *text)
{
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	struct address address;
	unsigned char ip[16];

	assert_int_equal(inet_pton(family, text, ip), 1);
	address_set(&address, family, ip, 0);
	return address;
}

static inline struct path path(uint32_t token, const char *local, uint8_t state)
{
	struct path path = { .is_subflow = true, .token = token,
			     .local = address(local), .state = state };

	path.local.port = 40000;
	return path;
}

/* wan1 and wan2 with endpoints 1 and 2, a path from each, all well */
static inline void world_new(struct world *world)
{
	memset(world, 0, sizeof(*world));
	world->devices[0] = (struct device){ .index = 1, .name = "wan1", .up = true, .carrier = true };
	world->devices[1] = (struct device){ .index = 2, .name = "wan2", .up = true, .carrier = true };
	world->devices[2] = (struct device){ .index = 3, .name = "tun0", .up = true, .carrier = true };
	world->locals[0] = (struct local){ .index = 1, .address = address("10.0.1.2") };
	world->locals[1] = (struct local){ .index = 2, .address = address("10.0.2.2") };
	world->locals[2] = (struct local){ .index = 3, .address = address("10.8.0.2") };
	world->links = (struct links){ { world->devices, 3 }, { world->locals, 3 } };
	world->path[0] = path(TOKEN, "10.0.1.2", TCP_ESTABLISHED);
	world->path[1] = path(TOKEN, "10.0.2.2", TCP_ESTABLISHED);
	world->path[1].joined = true;
	world->paths = (struct paths){ world->path, 2 };
	world->endpoint[0] = (struct endpoint){ .id = 1, .address = address("10.0.1.2"), .device = "wan1",
						.ifindex = 1, .flags = SUBFLOW };
	world->endpoint[1] = (struct endpoint){ .id = 2, .address = address("10.0.2.2"), .device = "wan2",
						.ifindex = 2, .flags = SUBFLOW };
	world->endpoints = (struct endpoints){ world->endpoint, 2 };
	world->peer[0] = (struct peer){ .id = 5, .transport = "mptcp", .has_token = true, .token = TOKEN, .subflows = 2 };
	world->tunnel[0] = (struct device){ .index = 3, .name = "tun0", .peers = { world->peer, 1 } };
	world->tunnels = (struct devices){ world->tunnel, 1 };
	world->limit = 8;
	world->now = 1000000;
}

static inline void world_free(struct world *world)
{
	free(world->events.items);
	keep_plan_free(&world->plan);
	keep_slow_free(&world->slow);
}

/* Time passes, and what has happened is forgotten. */
static inline struct keep_view view(struct world *world, uint64_t ms)
{
	world->now += ms;
	free(world->events.items);
	memset(&world->events, 0, sizeof(world->events));
	return (struct keep_view){
		.links = &world->links, .paths = &world->paths,
		.endpoints = &world->endpoints, .devices = &world->tunnels,
		.subflows_max = world->limit,
	};
}

/* Looks, @ms after the last time; what happened is in world->events. */
static inline void look(struct world *world, uint64_t ms)
{
	struct keep_view now = view(world, ms);

	world->next = keep_plan_step(&world->plan, &now, world->now, &world->events);
	assert_true(world->next > world->now);
	assert_true(world->next <= world->now + KEEP_POLL_MS);
}

static inline const struct keep_event *event(const struct world *world, enum keep_event_type type)
{
	size_t i;

	for (i = 0; i < world->events.count; i++) {
		if (world->events.items[i].type == type)
			return &world->events.items[i];
	}
	return NULL;
}

#define assert_only(world, wanted) do {					\
	assert_int_equal((world)->events.count, 1);			\
	assert_int_equal((world)->events.items[0].type, wanted);	\
} while (0)
#define assert_nothing(world) assert_int_equal((world)->events.count, 0)

#endif /* KEEP_WORLD_H */
