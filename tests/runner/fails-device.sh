# topic: a tunnel device left behind is a failure
# reason: devices left in .*tun7
. /lab/lib/lab.sh
topology_open 1
ip -n "$ns_client" tuntap add dev tun7 mode tun
