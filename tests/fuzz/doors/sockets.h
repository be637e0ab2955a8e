/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets of every kind that a door takes or must refuse, and their other ends. */
#ifndef SOCKETS_H
#define SOCKETS_H

#include <stdbool.h>

#include "input.h"

/* @elsewhere: file descriptor of another network namespace. false: the reason was printed. */
bool sockets_open(int elsewhere);
/* The file descriptor of one of them; a number that no file has when the socket is closed. */
int sockets_fd(unsigned int number);
void sockets_event(const struct step *step);
/* One that has carried a peer, or lost its other end, is closed; who asks for it gets a new one. */
bool sockets_restore(unsigned int number);
void sockets_drop(void);
void sockets_close(void);

#endif
