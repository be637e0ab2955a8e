/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of IPv4 and IPv6. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/**
 * struct address - of either family
 * @family: AF_INET, AF_INET6, or 0 for none
 * @ip: 4 or 16 bytes in network byte order
 * @port: in host byte order, 0 for none
 * @scope: index of the interface of a link-local one where that matters, else 0
 */
struct address {
	int family;
	unsigned char ip[16];
	uint16_t port;
	uint32_t scope;
};

bool address_same_ip(const struct address *a, const struct address *b);
/* 0.0.0.0 and ::, and no address at all */
bool address_is_any(const struct address *address);
/* An IPv4-mapped IPv6 address becomes IPv4. */
void address_set(struct address *address, int family, const void *ip,
		 uint16_t port);
/* An address without a port; @address is of no family when it is none. */
bool address_parse(struct address *address, const char *text);
#define ADDRESS_SIZE (INET6_ADDRSTRLEN + 8)
/* Without the port. */
const char *address_text(const struct address *address, char *buffer);
#define ADDRESS_PORT_SIZE (ADDRESS_SIZE + 8)
/* With the port: 192.0.2.1:1194, [2001:db8::1]:1194. */
const char *address_port_text(const struct address *address, char *buffer);

/* Returns 0, or -1 when it is of another family: @address is of none then. */
int address_read(struct address *address, const struct sockaddr_storage *from);
/* The other end of a socket, or its own; 0 or -1. */
int address_of_peer(int fd, struct address *address);
int address_of_socket(int fd, struct address *address);

/**
 * struct prefix - an address of the tunnel, or where a route leads
 * @address: without a port
 * @length: bits, up to 32 or 128
 * @metric: of a route; 0 lets the kernel choose
 */
struct prefix {
	struct address address;
	uint8_t length;
	uint32_t metric;
};

#endif /* ADDRESS_H */
