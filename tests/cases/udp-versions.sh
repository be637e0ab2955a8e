# topic: OpenVPN 2.6 and 2.7 over UDP: with each other, over IPv4 and IPv6, offloaded at both ends or at one
# kernels: first
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/versions.sh

topology_open 1
versions_meet 2.6 2.6 6
versions_meet 2.7 2.7 4
versions_meet 2.6 2.7 4
versions_meet 2.7 2.6 6
versions_meet 2.7 2.7 4 client
versions_meet 2.7 2.7 4 server
versions_meet 2.6 2.6 4 server
