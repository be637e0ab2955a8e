// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The path of a UDP peer that never was, whose socket is open here: interface
 * and local address, as the kernel of this network namespace tells.
 * udp_path_sample REMOTE [WORD VALUE]...: local ADDRESS (of the peer), bind
 * ADDRESS, device NAME and mark N (of the socket), scope NAME (of the remote
 * address), beside ADDRESS (of another socket with the same port).
 */

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel/udp_path.h"

#define PORT 1194

static void open_socket(const char *ip, const char *device, int mark)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	bool is_six = strchr(ip, ':');
	int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_DGRAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if ((device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, strlen(device))) ||
	    (mark && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark))) ||
	    inet_pton(is_six ? AF_INET6 : AF_INET, ip,
		      is_six ? (void *)&six.sin6_addr : (void *)&four.sin_addr) != 1 ||
	    bind(fd, is_six ? (void *)&six : (void *)&four,
		 is_six ? sizeof(six) : sizeof(four))) {
		perror("socket");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	const char *bound = "0.0.0.0", *beside = NULL, *device = NULL;
	struct peer peer = { .local_port = PORT, .link = { 1, 2, 3, 4 } };
	struct udp_sockets sockets = { 0 };
	char local[ADDRESS_SIZE];
	struct links links;
	int i, mark = 0;

	if (argc < 2 || !address_parse(&peer.remote, argv[1]))
		return 1;
	peer.remote.port = PORT;
	for (i = 2; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "local"))
			address_parse(&peer.local, argv[i + 1]);
		else if (!strcmp(argv[i], "bind"))
			bound = argv[i + 1];
		else if (!strcmp(argv[i], "device"))
			device = argv[i + 1];
		else if (!strcmp(argv[i], "mark"))
			mark = atoi(argv[i + 1]);
		else if (!strcmp(argv[i], "scope"))
			peer.scope = if_nametoindex(argv[i + 1]);
		else
			beside = argv[i + 1];
	}
	open_socket(bound, device, mark);
	if (beside)
		open_socket(beside, NULL, 0);
	if (links_load(&links) || udp_path_of_peer(&sockets, &links, &peer) ||
	    peer.paths.count != 1)
		return 1;
	printf("%s %s\n", peer.paths.items[0].device[0] ? peer.paths.items[0].device : "-",
	       peer.paths.items[0].local.family ?
	       address_text(&peer.paths.items[0].local, local) : "-");
	peer_free(&peer);
	free(sockets.items);
	links_free(&links);
	return 0;
}
