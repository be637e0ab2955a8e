/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a command is, and what it gets. */
#ifndef COMMAND_H
#define COMMAND_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/message.h"
#include "base/model.h"
#include "base/target.h"

struct out;
struct request;

/**
 * enum word_type - what stands behind a keyword
 * @WORD_NUMBER: a number from 0 to the word's @max
 * @WORD_COUNT: a number from 1 to the word's @max
 * @WORD_TIMES: two numbers from 0 to the word's @max
 * @WORD_FD: an open file descriptor of this process
 * @WORD_IP4: an IPv4 address
 * @WORD_IP6: an IPv6 address
 * @WORD_CHOICE: one of the word's @choices, in capitals or not
 * @WORD_FILE: a path, or - for standard input
 * @WORD_TARGET: a host and a port
 * @WORD_REMOTE: an address, an IPv6 one in brackets and perhaps with %DEVICE, and
 *	a port
 * @WORD_FLAG: nothing; the keyword itself says it
 * @WORD_NAME: any word, but an empty one
 * @WORD_FINGERPRINT: of a certificate
 * @WORD_DEVICE: the name of an interface
 * @WORD_HOST: a host name or an address, and a port
 * @WORD_IP: an IPv4 or IPv6 address
 * @WORD_LOCAL: the same, a link-local one with %DEVICE
 * @WORD_PREFIX: an address, and perhaps /LENGTH
 * @WORD_ROUTE: a prefix without host bits, and perhaps the word metric and a
 *	number from 0 to the word's @max
 * @WORD_CONGESTION: the name of a TCP congestion control
 * @WORD_ANSWER: yes or no, which are the word's @choices
 * @WORD_ADDRESSES: one or more addresses
 * @WORD_DOMAIN: the name of a domain
 * @WORD_LISTEN: an address to listen at, perhaps with a port, an IPv6 one in
 *	brackets then; or a port of 127.0.0.1
 *
 * From WORD_FLAG on for commands with their own parser, but for WORD_FLAG,
 * WORD_NAME, WORD_IP and WORD_LISTEN.
 */
enum word_type {
	WORD_NUMBER,
	WORD_COUNT,
	WORD_TIMES,
	WORD_FD,
	WORD_IP4,
	WORD_IP6,
	WORD_CHOICE,
	WORD_FILE,
	WORD_TARGET,
	WORD_REMOTE,
	WORD_FLAG,
	WORD_NAME,
	WORD_FINGERPRINT,
	WORD_DEVICE,
	WORD_HOST,
	WORD_IP,
	WORD_LOCAL,
	WORD_PREFIX,
	WORD_ROUTE,
	WORD_CONGESTION,
	WORD_LISTEN,
	WORD_ANSWER,
	WORD_ADDRESSES,
	WORD_DOMAIN,
};

/**
 * struct word - a keyword that a command takes, in any order
 * @name: the keyword; NULL ends an array
 * @argument: what follows, for the help
 * @help: what it is for
 * @type: what follows, for the parser
 * @required: the command cannot do without
 * @max: largest number
 * @choices: array that ends with NULL
 */
struct word {
	const char *name;
	const char *argument;
	const char *help;
	enum word_type type;
	bool required;
	uint32_t max;
	const char *const *choices;
};

#define WORDS_MAX 8

/**
 * enum device_argument - whether the name of a device comes first
 * @DEVICE_NONE: no
 * @DEVICE_OPTIONAL: perhaps
 * @DEVICE_REQUIRED: yes
 * @DEVICE_FILE: the name of a file does, in request.device
 * @DEVICE_IN_WORDS: one of the words names it; the command parses what follows
 *	its name itself, it is in request.argv
 */
enum device_argument {
	DEVICE_NONE,
	DEVICE_OPTIONAL,
	DEVICE_REQUIRED,
	DEVICE_FILE,
	DEVICE_IN_WORDS,
};

/**
 * struct command - a line of the command table
 * @name: a verb, or noun and verb
 * @run: does it
 * @description: one line for the help
 * @device: whether a device comes first
 * @words: array that ends with an empty one, or NULL
 */
struct command {
	const char *name;
	enum status (*run)(const struct request *request);
	const char *description;
	enum device_argument device;
	const struct word *words;
};

/* ends with an empty one */
extern const struct command commands[];
/* of the command attach, and of its configuration; ends with an empty one */
extern const struct word config_words[];

/**
 * struct value - what was given for a word
 * @given: it was
 * @number: numbers, file descriptor, index of the choice, or of the interface of
 *	a remote address
 * @ip4: IPv4 address
 * @ip6: IPv6 address
 * @address: of either family, with the port of a remote one, or of one to listen
 *	at; 0 when none was given
 * @target: host and port
 * @text: as it was given
 */
struct value {
	bool given;
	uint32_t number[2];
	struct in_addr ip4;
	struct in6_addr ip6;
	struct address address;
	struct target target;
	const char *text;
};

/**
 * struct request - one call of a command
 * @command: which
 * @device: name of the device or file, or NULL
 * @values: in the order of the command's words
 * @argv: what follows the name of the command, when it has its own parser;
 *	ends with NULL
 * @out: where the answer goes
 */
struct request {
	const struct command *command;
	const char *device;
	struct value values[WORDS_MAX];
	char *const *argv;
	struct out *out;
};

/* The value of a word that the command has. */
const struct value *request_value(const struct request *request,
				  const char *word);
/* @argv: what follows the name of the command; ends with NULL */
enum status request_parse(struct request *request, char *const *argv);

enum status show(const struct request *request);
enum status peer_show(const struct request *request);
enum status peer_new(const struct request *request);
enum status peer_set(const struct request *request);
enum status peer_set_sock(const struct request *request);
enum status peer_del(const struct request *request);
enum status key_new(const struct request *request);
enum status key_get(const struct request *request);
enum status key_swap(const struct request *request);
enum status key_del(const struct request *request);
enum status link_add(const struct request *request);
enum status link_del(const struct request *request);
enum status monitor(const struct request *request);
enum status keep_paths(const struct request *request);
enum status doctor(const struct request *request);
enum status top(const struct request *request);
enum status attach(const struct request *request);
enum status dns_keep(const struct request *request);
enum status dns_forget(const struct request *request);
enum status import(const struct request *request);
enum status uplinks_show(const struct request *request);
enum status uplinks_setup(const struct request *request);
enum status uplinks_undo(const struct request *request);
enum status uplinks_keep(const struct request *request);
enum status metrics(const struct request *request);

#endif /* COMMAND_H */
