# shellcheck shell=bash
# Sourced first by every test: strict mode, the parts of the library, and the end of the test.
#
# The laboratory: a client and a server in network namespaces of their own, joined by N "paths" (veth pairs).
# The names carry the process id.
#
#      namespace c$$                                           namespace s$$
#   +-----------------+                                     +-----------------+
#   |            p1c  o---- path 1: 10.1.1.2 -- 10.1.1.1 ---o  p1s            |
#   |  client         |             fd01::2     fd01::1     |          server |
#   |            p2c  o---- path 2: 10.1.2.2 -- 10.1.2.1 ---o  p2s            |
#   |  tun            |             fd02::2     fd02::1     |             tun |
#   |            ...  |                                     |  ...            |
#   +--------------o--+                                     +--o--------------+
#             canary: its other end, in the root namespace, vanishes when
#             nothing in the kernel holds the test's namespace any more
#
# path_shape gives a path rate and delay (netem on both ends, so the delay is one way).
set -euo pipefail
# The trace goes to the failure log; standard error stays readable.
exec 9>"$LAB_DIR/trace"
BASH_XTRACEFD=9
PS4='+${BASH_SOURCE##*/}:$LINENO ${EPOCHREALTIME:6:8} '
set -x

lab=${BASH_SOURCE[0]%/*}
# shellcheck source=/dev/null
. "$lab/assert.sh"
# shellcheck source=/dev/null
. "$lab/topology.sh"
# shellcheck source=/dev/null
. "$lab/openvpn.sh"
# shellcheck source=/dev/null
. "$lab/traffic.sh"

ns_client=c$$
ns_server=s$$

# Everything a test starts ends here, on success and on failure alike; what refuses to go is a failure.
lab_end() {
	local status=$?
	trap - EXIT
	set +e
	cd /
	lab_stop_helpers
	openvpn_stop_all || status=1
	topology_check_left || status=1
	topology_close
	exit $status
}
trap lab_end EXIT
trap 'fail "interrupted"' TERM INT

on_client() { ip netns exec "$ns_client" "$@"; }
on_server() { ip netns exec "$ns_server" "$@"; }
