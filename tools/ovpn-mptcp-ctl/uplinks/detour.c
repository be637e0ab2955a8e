// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ways around an uplink that is silently dead.
 *
 * A connection that has no answer makes its destination led by another uplink,
 * by a host route in the main table. When that one has no answer either, it is
 * the next one's turn, the usual way's among them.
 */

#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "uplinks/detour.h"
#include "uplinks/usual.h"

/* After a turn, a connection that began just before it is still taken for one
 * that knew nothing of it. One that begins later and has the address of another
 * uplink was told to have that, so that no route helps it.
 */
#define LATE_MS		2000
/* A line that has brought anything from there in this time is not dead: the
 * program at the other end is what does not answer. OpenVPN usually says
 * something every ten seconds.
 */
#define ALIVE_MS	12000
/* A program whose connection has failed begins the next one within this time. */
#define AGAIN_MS	10000
/* When no uplink has an answer, it is the first one's turn again after this time,
 * twice as long after each further round, up to 64 s.
 */
#define PAUSE_MS	8000
#define PAUSE_DOUBLINGS	3
/* A route that nothing uses goes after this time. OpenVPN waits for up to five
 * minutes before it tries again.
 */
#define UNUSED_MINUTES	10
#define UNUSED_MS	(UNUSED_MINUTES * 60000)
/* Before what others have there; of IPv4, one of metric 0 comes before another. */
#define METRIC_IP6	1

bool uplinks_path_waits(const struct path *path)
{
	return path->state == TCP_SYN_SENT && path->is_subflow && !path->joined;
}

/* For how long at least there was no answer, as the kernel tells: it repeats the
 * first packet after 1 s each (Linux 6.5), or after 1, 2 and 4 s.
 */
static uint64_t told_wait(const struct path *path)
{
	uint64_t each = path->retries * 1000ull;

	return path->retries && path->rto_ms > each + 1000 ?
	       path->rto_ms - 1000 : each;
}

static uint64_t seen_since(const struct uplinks_detours *detours,
			   const struct path *path, uint64_t now)
{
	size_t i;

	for (i = 0; i < detours->waits.count; i++) {
		if (detours->waits.items[i].cookie == path->cookie)
			return detours->waits.items[i].since;
	}
	return now;
}

static void remember_waits(struct uplinks_detours *detours,
			   const struct uplinks_scene *scene)
{
	__typeof__(detours->waits) waits = { 0 };
	size_t i;

	for (i = 0; i < scene->paths->count; i++) {
		const struct path *path = &scene->paths->items[i];
		struct uplinks_wait *wait;

		if (!uplinks_path_waits(path))
			continue;
		wait = LIST_ADD(&waits);
		wait->cookie = path->cookie;
		wait->since = seen_since(detours, path, scene->now);
	}
	free(detours->waits.items);
	detours->waits = waits;
}

static const struct uplink_side *side_of(const struct uplink *uplink, int family)
{
	return &uplink->sides[family == AF_INET6];
}

/* It may be connected by. */
static bool is_good(const struct uplink *uplink, int family)
{
	const struct uplink_side *side = side_of(uplink, family);

	return uplink->role != UPLINKS_NEVER && uplink->device->up &&
	       uplink->device->carrier && side->route && side->source;
}

static bool is_silent(const struct uplinks_detour *detour, int index)
{
	size_t i;

	for (i = 0; i < detour->silent.count; i++) {
		if (detour->silent.items[i] == index)
			return true;
	}
	return false;
}

/* Whether @a has its turn before @b. */
static bool is_before(const struct uplink *a, const struct uplink *b,
		      int family)
{
	const struct uplinks_route *x = side_of(a, family)->route;
	const struct uplinks_route *y = side_of(b, family)->route;

	if (a->role != b->role)
		return a->role == UPLINKS_NORMAL;
	if ((x->table == RT_TABLE_MAIN) != (y->table == RT_TABLE_MAIN))
		return x->table == RT_TABLE_MAIN;
	return x->metric < y->metric;
}

static const struct uplink *next_uplink(const struct uplinks_scene *scene,
					const struct uplinks_detour *detour)
{
	const struct uplink *next = NULL;
	int family = detour->to.family;
	size_t i;

	for (i = 0; i < scene->uplinks->count; i++) {
		const struct uplink *uplink = &scene->uplinks->items[i];

		if (is_good(uplink, family) &&
		    !is_silent(detour, uplink->device->index) &&
		    (!next || is_before(uplink, next, family)))
			next = uplink;
	}
	return next;
}

/* The route of a detour, as the kernel has it, or NULL. */
static const struct uplinks_route *route_of(const struct uplinks_scene *scene,
					    const struct uplinks_detour *detour)
{
	size_t i;

	for (i = 0; i < scene->world->routes.count; i++) {
		const struct uplinks_route *route =
			&scene->world->routes.items[i];

		if (uplinks_route_is_detour(route) &&
		    route->index == detour->index &&
		    address_same_ip(&route->to, &detour->to))
			return route;
	}
	return NULL;
}

static const char *name_of(const struct uplinks_scene *scene, int index)
{
	const struct device *device = links_by_index(&scene->world->links,
						     index);

	return device ? device->name : "an interface that is gone";
}

/* @reason: a format with the name of the interface @about */
__attribute__((format(printf, 6, 0)))
static void add_change(struct uplinks_turn *turn,
		       const struct uplinks_scene *scene, enum uplinks_how how,
		       const struct uplinks_route *route, int about,
		       const char *reason)
{
	const struct device *by = links_by_index(&scene->world->links,
						 route->index);
	struct uplinks_change *added = LIST_ADD(&turn->changes);

	added->what = UPLINKS_DETOUR;
	added->how = how;
	added->route = *route;
	added->index = route->index;
	if (by) {
		memcpy(added->device, by->name, sizeof(added->device));
		memcpy(added->by, by->name, sizeof(added->by));
	}
	snprintf(added->reason, sizeof(added->reason), reason,
		 name_of(scene, about));
}

__attribute__((format(printf, 5, 0)))
static void take(struct uplinks_turn *turn, const struct uplinks_scene *scene,
		 struct uplinks_detour *detour, int about, const char *reason)
{
	const struct uplinks_route *route = route_of(scene, detour);

	if (route)
		add_change(turn, scene, UPLINKS_TAKE, route, about, reason);
	detour->index = 0;
	detour->turned = scene->now;
}

static void make(struct uplinks_turn *turn, const struct uplinks_scene *scene,
		 struct uplinks_detour *detour, const struct uplink *by,
		 int silent)
{
	struct uplinks_route route = *side_of(by, detour->to.family)->route;

	route.table = RT_TABLE_MAIN;
	route.to = detour->to;
	route.to.port = 0;
	route.length = uplinks_bits(detour->to.family);
	route.metric = detour->to.family == AF_INET6 ? METRIC_IP6 : 0;
	route.protocol = UPLINKS_PROTOCOL;
	add_change(turn, scene, UPLINKS_MAKE, &route, silent,
		   "no answer by %s");
	detour->index = route.index;
}

static struct uplinks_detour *find(struct uplinks_detours *detours,
				   const struct address *to)
{
	size_t i;

	for (i = 0; i < detours->count; i++) {
		if (address_same_ip(&detours->items[i].to, to))
			return &detours->items[i];
	}
	return NULL;
}

static struct uplinks_detour *find_or_add(struct uplinks_detours *detours,
					  const struct address *to,
					  uint64_t now)
{
	struct uplinks_detour *detour = find(detours, to);

	if (detour)
		return detour;
	detour = LIST_ADD(detours);
	detour->to = *to;
	detour->to.port = 0;
	detour->used = now;
	return detour;
}

/* The kernel remembers the routes when this program was started again, and
 * somebody else may have taken one away.
 */
static void meet_kernel(struct uplinks_detours *detours,
			const struct uplinks_scene *scene)
{
	const struct uplinks_routes *routes = &scene->world->routes;
	size_t i;

	for (i = 0; i < detours->count; i++) {
		if (!route_of(scene, &detours->items[i]))
			detours->items[i].index = 0;
	}
	for (i = 0; i < routes->count; i++) {
		struct uplinks_detour *detour;

		if (!uplinks_route_is_detour(&routes->items[i]))
			continue;
		detour = find_or_add(detours, &routes->items[i].to, scene->now);
		detour->index = routes->items[i].index;
		if (!detour->turned)
			detour->turned = scene->now;
	}
}

static int index_of(const struct uplinks_scene *scene, const struct path *path)
{
	const struct device *device = links_by_address(&scene->world->links,
						       &path->local);

	return device ? device->index : 0;
}

/* Something came from there by this interface, at most so long ago. */
static bool is_heard(const struct uplinks_scene *scene,
		     const struct address *to, int index, uint64_t ago)
{
	size_t i;

	for (i = 0; i < scene->paths->count; i++) {
		const struct path *path = &scene->paths->items[i];

		if (path->state == TCP_ESTABLISHED && path->ack_ms < ago &&
		    address_same_ip(&path->remote, to) &&
		    index_of(scene, path) == index)
			return true;
	}
	return false;
}

/* The interface by which something came from there since a detour was made, of
 * those that lead there usually; 0: none.
 */
static int heard_again(const struct uplinks_scene *scene,
		       const struct uplinks_detour *detour)
{
	uint64_t age = scene->now - detour->turned;
	int usual = uplinks_usual_index(scene->world, &detour->to), index;
	size_t i;

	for (i = 0; i < scene->uplinks->count; i++) {
		index = scene->uplinks->items[i].device->index;
		if (index != detour->index && (!usual || index == usual) &&
		    is_heard(scene, &detour->to, index, age))
			return index;
	}
	return 0;
}

/* Takes a detour away that has no reason any more. */
static void review(struct uplinks_turn *turn, const struct uplinks_scene *scene,
		   struct uplinks_detour *detour)
{
	int usual = uplinks_usual_index(scene->world, &detour->to);
	int again = heard_again(scene, detour);
	const struct uplinks_route *route = route_of(scene, detour);
	const struct uplink *by = uplinks_by_index(scene->uplinks,
						   detour->index);

	if (!by || !is_good(by, detour->to.family) ||
	    !address_same_ip(&side_of(by, detour->to.family)->route->gateway,
			     &route->gateway))
		take(turn, scene, detour, detour->index,
		     "%s does not lead out in this way any more");
	else if (usual == detour->index)
		take(turn, scene, detour, detour->index,
		     "%s is the usual way");
	else if (again)
		take(turn, scene, detour, again, "%s answers again");
	else if (scene->now - detour->used > UNUSED_MS)
		take(turn, scene, detour, detour->index,
		     "nothing connects there by %s");
	else
		return;
	detour->silent.count = 0;
}

/* Sets @waits: something waits for an answer from there. */
static void note_use(struct uplinks_detour *detour,
		     const struct uplinks_scene *scene, bool *waits)
{
	size_t i;

	*waits = false;
	for (i = 0; i < scene->paths->count; i++) {
		const struct path *path = &scene->paths->items[i];

		if (!address_same_ip(&path->remote, &detour->to))
			continue;
		detour->used = scene->now;
		*waits |= uplinks_path_waits(path);
	}
}

static void review_all(struct uplinks_detours *detours,
		       struct uplinks_turn *turn,
		       const struct uplinks_scene *scene)
{
	size_t i, kept = 0;

	for (i = 0; i < detours->count; i++) {
		struct uplinks_detour *detour = &detours->items[i];
		int lead = detour->index ? detour->index :
			   uplinks_usual_index(scene->world, &detour->to);
		bool waits;

		note_use(detour, scene, &waits);
		/* it answers: the next trouble is a new one */
		if (!waits && lead &&
		    is_heard(scene, &detour->to, lead, ALIVE_MS)) {
			detour->silent.count = 0;
			detour->rounds = 0;
			detour->not_before = 0;
			detour->lost = 0;
		}
		turn->soon |= detour->lost &&
			      scene->now - detour->used < AGAIN_MS;
		if (detour->index)
			review(turn, scene, detour);
		if (!detour->index && scene->now - detour->used > UNUSED_MS)
			free(detour->silent.items);
		else
			detours->items[kept++] = *detour;
	}
	detours->count = kept;
}

/* The program tries several uplinks by itself, as attach does. */
static bool is_tried_elsewhere(const struct uplinks_scene *scene,
			       const struct path *path, int index)
{
	size_t i;

	for (i = 0; i < scene->paths->count; i++) {
		const struct path *other = &scene->paths->items[i];

		if (uplinks_path_waits(other) &&
		    other->remote.port == path->remote.port &&
		    address_same_ip(&other->remote, &path->remote) &&
		    index_of(scene, other) != index)
			return true;
	}
	return false;
}

/* Networks that have a route of their own are where they are, and so is the other
 * end of a PPP line. OpenVPN makes a route to its server alone.
 */
static bool is_far(const struct uplinks_route *usual)
{
	return usual && (!usual->length ||
			 (usual->length == uplinks_bits(usual->family) &&
			  usual->protocol != RTPROT_KERNEL));
}

static bool is_lost(const struct uplinks_scene *scene,
		    const struct uplink *uplink, int family)
{
	const struct uplinks_route *route = side_of(uplink, family)->route;
	size_t i;

	for (i = 0; route && i < scene->lost->count; i++) {
		if (scene->lost->items[i].index == uplink->device->index &&
		    address_same_ip(&scene->lost->items[i].address,
				    &route->gateway))
			return true;
	}
	return false;
}

/* A gateway that is not there makes the kernel end a connection after 3 s, so
 * none waits for longer: the second one has waited long enough after 1 s.
 */
static bool is_second_lost(struct uplinks_detours *detours,
			   const struct uplinks_scene *scene,
			   const struct path *path, const struct uplink *from)
{
	struct uplinks_detour *detour;

	if (!path->retries || !is_lost(scene, from, path->remote.family))
		return false;
	detour = find_or_add(detours, &path->remote, scene->now);
	if (detour->lost && detour->lost_index == from->device->index)
		return detour->lost != path->cookie;
	detour->lost = path->cookie;
	detour->lost_index = from->device->index;
	return false;
}

/* There was no answer by @from, which leads there now. Returns whether another
 * uplink does from now on.
 */
static bool pass_on(struct uplinks_detour *detour, struct uplinks_turn *turn,
		    const struct uplinks_scene *scene, int from, int usual)
{
	const struct uplink *next;
	unsigned int doublings;

	if (!is_silent(detour, from))
		*LIST_ADD(&detour->silent) = from;
	if (scene->now < detour->not_before)
		return false;
	next = next_uplink(scene, detour);
	if (!next) {
		/* with one uplink alone there is no round: another may come */
		if (detour->silent.count < 2)
			return false;
		doublings = detour->rounds < PAUSE_DOUBLINGS ? detour->rounds :
			    PAUSE_DOUBLINGS;
		detour->not_before = scene->now + (PAUSE_MS << doublings);
		detour->rounds++;
		detour->silent.count = 0;
		return false;
	}
	if (detour->index)
		take(turn, scene, detour, from, "no answer by %s");
	detour->turned = scene->now;
	detour->lost = 0;
	if (next->device->index != usual)
		make(turn, scene, detour, next, from);
	return true;
}

static void judge(struct uplinks_detours *detours, struct uplinks_turn *turn,
		  const struct uplinks_scene *scene, const struct path *path)
{
	const struct uplinks_route *usual = uplinks_usual_way(scene->world,
							      &path->remote);
	uint64_t since = seen_since(detours, path, scene->now);
	uint64_t waited = scene->now - since, told = told_wait(path);
	int index = index_of(scene, path);
	const struct uplink *from = uplinks_by_index(scene->uplinks, index);
	int usual_by = uplinks_usual_index(scene->world, &path->remote);
	struct uplinks_detour *detour;
	int lead;

	if (!from || from->role == UPLINKS_NEVER || !is_far(usual))
		return;
	waited = told > waited ? told : waited;
	if (waited < UPLINKS_ANSWER_MS &&
	    !is_second_lost(detours, scene, path, from)) {
		turn->soon = true;
		return;
	}
	detour = find(detours, &path->remote);
	if (is_heard(scene, &path->remote, index,
		     waited > ALIVE_MS ? waited : ALIVE_MS) ||
	    (!(detour && detour->index) &&
	     is_tried_elsewhere(scene, path, index)))
		return;
	detour = find_or_add(detours, &path->remote, scene->now);
	lead = detour->index ? detour->index : usual_by;
	if (!lead || index == lead ?
	    pass_on(detour, turn, scene, index, usual_by) :
	    detour->turned && since <= detour->turned + LATE_MS)
		*LIST_ADD(&turn->ended) = path;
}

void uplinks_detours_turn(struct uplinks_detours *detours,
			  struct uplinks_turn *turn,
			  const struct uplinks_scene *scene)
{
	size_t i;

	memset(turn, 0, sizeof(*turn));
	remember_waits(detours, scene);
	meet_kernel(detours, scene);
	review_all(detours, turn, scene);
	for (i = 0; i < scene->paths->count; i++) {
		if (uplinks_path_waits(&scene->paths->items[i]))
			judge(detours, turn, scene, &scene->paths->items[i]);
	}
}

void uplinks_turn_free(struct uplinks_turn *turn)
{
	free(turn->changes.items);
	free(turn->ended.items);
	memset(turn, 0, sizeof(*turn));
}

void uplinks_detours_free(struct uplinks_detours *detours)
{
	size_t i;

	for (i = 0; i < detours->count; i++)
		free(detours->items[i].silent.items);
	free(detours->items);
	free(detours->waits.items);
	memset(detours, 0, sizeof(*detours));
}
