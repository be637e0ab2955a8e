# topic: tunnels over UDP, offloaded at both ends: OpenVPN 2.6 over IPv4, 2.7 over IPv6
# kernels: all
# timeout: 90
. /lab/lib/lab.sh
. /lab/lib/versions.sh

topology_open 1
versions_meet 2.6 2.6 4
versions_meet 2.7 2.7 6
