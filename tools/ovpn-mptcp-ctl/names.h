/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for the numbers of the kernel's interface, on input and output. */
#ifndef NAMES_H
#define NAMES_H

#include <stddef.h>
#include <stdint.h>

/* arrays by number that end with NULL */
extern const char *const mode_names[];
extern const char *const slot_names[];
extern const char *const cipher_names[];
/* ciphers of attach, with the length of the key */
extern const char *const cipher_choices[];
extern const char *const reason_names[];
extern const char *const drop_names[];

/* Word of a number; a number that this program does not know is written as
 * such into @buffer.
 */
const char *name_of(const char *const *names, uint32_t number, char *buffer,
		    size_t size);
#define NAME_SIZE 16

#endif /* NAMES_H */
