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
/* by enum config_answer - 1 */
extern const char *const answer_names[];
/* ciphers of attach, with the length of the key */
extern const char *const cipher_choices[];
extern const char *const reason_names[];
extern const char *const drop_names[];

/**
 * enum openmetrics_format - of numbers for Prometheus
 * @OPENMETRICS_1: OpenMetrics 1.0
 * @OPENMETRICS_0_0_4: the format from before it
 */
enum openmetrics_format {
	OPENMETRICS_1,
	OPENMETRICS_0_0_4,
};

extern const char *const metrics_formats[];

/* Word of a number; a number that this program does not know is written as
 * such into @buffer.
 */
const char *name_of(const char *const *names, uint32_t number, char *buffer,
		    size_t size);
#define NAME_SIZE 16

/* Of a reason that this program does not know: "reason_26". */
const char *drop_text(uint32_t reason, char *buffer);
#define DROP_TEXT_SIZE 32
/* As OpenVPN writes it: AES-256-GCM. A cipher whose keys all have one length
 * does not say it.
 */
const char *cipher_text(uint32_t cipher, uint32_t bits, char *buffer);
#define CIPHER_TEXT_SIZE 32
/* @buffer: NAME_SIZE bytes */
const char *tcp_state_name(uint8_t state, char *buffer);

#endif /* NAMES_H */
