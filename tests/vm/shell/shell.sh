# topic: a prompt beside a tunnel of stock OpenVPN on two paths, for "tests/run --shell"
# timeout: 86400
. /lab/lib/lab.sh

topology_open 2
topology_endpoints
openvpn_many_server mptcp
openvpn_many_client mptcp
need "two paths" wait_for 10 has_subflows "$ns_client" 2

export ns_client ns_server path_count tun_server tun_client
export -f on_client on_server
terminal=/dev/$(sed 's/.*\blab\.terminal=\([^ ]*\).*/\1/' /proc/cmdline)
setsid --ctty --wait bash --rcfile /lab/cases/bashrc -i <>"$terminal" 1>&0 2>&0 9>&- || ok "the last command at the prompt failed: $?"
# Whoever sat there may have ended them.
openvpn_finish client
openvpn_finish server
