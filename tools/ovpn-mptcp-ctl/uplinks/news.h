/* SPDX-License-Identifier: GPL-2.0-or-later */
/* News of the kernel that may be of an uplink. */
#ifndef UPLINKS_NEWS_H
#define UPLINKS_NEWS_H

#include "kernel/links.h"
#include "kernel/netlink.h"

/**
 * struct uplinks_news - a socket that listens
 * @netlink: it
 * @links: what is known of interfaces and addresses
 * @any: there was some
 */
struct uplinks_news {
	struct netlink netlink;
	struct links links;
	bool any;
};

/* Says what the kernel refused. */
enum status uplinks_news_open(struct uplinks_news *news);
void uplinks_news_close(struct uplinks_news *news);
/* What is known from here on: to be called before what there is is read, so that
 * nothing is missed in between.
 */
void uplinks_news_know(struct uplinks_news *news);
/* Does not wait. Returns whether there was any since the last call. */
bool uplinks_news_take(struct uplinks_news *news);

#endif /* UPLINKS_NEWS_H */
