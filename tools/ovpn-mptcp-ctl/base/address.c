// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses of IPv4 and IPv6. */

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"

void address_set(struct address *address, int family, const void *ip,
		 uint16_t port)
{
	memset(address, 0, sizeof(*address));
	if (family == AF_INET6 && IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)ip)) {
		family = AF_INET;
		ip = (const char *)ip + 12;
	}
	address->family = family;
	memcpy(address->ip, ip, family == AF_INET6 ? 16 : 4);
	address->port = port;
}

bool address_same_ip(const struct address *a, const struct address *b)
{
	return a->family == b->family &&
	       !memcmp(a->ip, b->ip, sizeof(a->ip));
}

bool address_is_any(const struct address *address)
{
	static const unsigned char any[sizeof(address->ip)];

	return !memcmp(address->ip, any, sizeof(any));
}

bool address_parse(struct address *address, const char *text)
{
	unsigned char ip[16];

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, ip) == 1)
		address_set(address, AF_INET, ip, 0);
	else if (inet_pton(AF_INET6, text, ip) == 1)
		address_set(address, AF_INET6, ip, 0);
	return address->family;
}

const char *address_text(const struct address *address, char *buffer)
{
	if (!inet_ntop(address->family, address->ip, buffer, ADDRESS_SIZE))
		strcpy(buffer, "?");
	return buffer;
}

const char *address_port_text(const struct address *address, char *buffer)
{
	char ip[ADDRESS_SIZE];

	snprintf(buffer, ADDRESS_PORT_SIZE,
		 address->family == AF_INET6 ? "[%s]:%u" : "%s:%u",
		 address_text(address, ip), address->port);
	return buffer;
}

int address_read(struct address *address, const struct sockaddr_storage *from)
{
	const struct sockaddr_in6 *six = (const void *)from;
	const struct sockaddr_in *four = (const void *)from;

	memset(address, 0, sizeof(*address));
	if (from->ss_family == AF_INET6) {
		address_set(address, AF_INET6, &six->sin6_addr,
			    ntohs(six->sin6_port));
		address->scope = six->sin6_scope_id;
	} else if (from->ss_family == AF_INET) {
		address_set(address, AF_INET, &four->sin_addr,
			    ntohs(four->sin_port));
	} else {
		return -1;
	}
	return 0;
}

int address_of_peer(int fd, struct address *address)
{
	struct sockaddr_storage from = { 0 };
	socklen_t size = sizeof(from);

	if (getpeername(fd, (struct sockaddr *)&from, &size))
		from.ss_family = AF_UNSPEC;
	return address_read(address, &from);
}

int address_of_socket(int fd, struct address *address)
{
	struct sockaddr_storage from = { 0 };
	socklen_t size = sizeof(from);

	if (getsockname(fd, (struct sockaddr *)&from, &size))
		from.ss_family = AF_UNSPEC;
	return address_read(address, &from);
}
