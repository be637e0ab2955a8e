/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists that grow; helpers for arrays. */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

/* Room for one more element at the end of an array that grows; never NULL.
 * The new element is zero. @count is increased.
 */
void *array_add(void **array, size_t *count, size_t size);

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
/* @list: a structure with the members items and count */
#define LIST_ADD(list) \
	((__typeof__((list)->items))array_add((void **)&(list)->items, \
					      &(list)->count, \
					      sizeof(*(list)->items)))

#endif /* MEMORY_H */
