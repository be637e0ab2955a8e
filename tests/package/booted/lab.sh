# shellcheck shell=bash
# For the tests beside this file: this system is a client with two lines, as at home. Each gets its address from the provider's DHCP
# server and router advertisements, by systemd-networkd. The server is a second system of the same installation, booted in a
# container, whose root has the address that the README names.
. ./network.sh

lab_server=203.0.113.5 lab_server6=2001:db8::5
lab_machine=/run/lab/server

fail() {
	journalctl --no-pager -b -n 20 -o cat || :
	echo "failed: $*"
	exit 1
}

inet() { ip netns exec internet "$@"; }
server_pid() { machinectl show server --property Leader --value 2>/dev/null; }
# on_the_server COMMAND...
on_the_server() { nsenter --target "$(server_pid)" --mount --uts --ipc --net --pid --root --wd=/root "$@"; }
server_is_up() { [ "$(on_the_server systemctl is-system-running 2>/dev/null)" = running ]; }
server_comes_up() { wait_for 300 server_is_up || fail "the server is not up: $(server_state)"; }
server_state() {
	systemctl --no-pager --full status lab-world lab-server
	[ -z "$(server_pid)" ] || { on_the_server systemctl --no-pager list-jobs; on_the_server systemctl --no-pager --failed; }
}

# serve PROVIDER N FIRST [GATEWAY]: DHCP there; the first lease is 10.1.N.FIRST.
serve() {
	local gateway=${4:-10.1.$2.1}
	[ ! -e "/run/lab/$1.pid" ] || kill "$(cat "/run/lab/$1.pid")"
	rm -f "/run/lab/$1.pid" "/run/lab/$1.leases"
	inet dnsmasq --conf-file=/dev/null --port=0 --interface="$1" --bind-dynamic --dhcp-authoritative --dhcp-leasefile="/run/lab/$1.leases" \
		--dhcp-range="10.1.$2.$3,10.1.$2.$(($3 + 3)),255.255.255.0,2m" --dhcp-option="3,$gateway" --dhcp-sequential-ip \
		--pid-file="/run/lab/$1.pid" --log-facility="/run/lab/$1.log"
}

# advertise PROVIDER PREFIX [OLD]: routers tell of a prefix, and that the old one is not to be used any more.
advertise() {
	local prefix
	echo "interface $1 { AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4;"
	echo "prefix $2 { AdvPreferredLifetime 600; AdvValidLifetime 1200; };"
	for prefix in ${3:-}; do echo "prefix $prefix { AdvPreferredLifetime 0; AdvValidLifetime 1200; };"; done
	echo '};'
}
advertise_all() {
	[ ! -e /run/lab/radvd.pid ] || { kill "$(cat /run/lab/radvd.pid)"; wait_for 10 test ! -e /run/lab/radvd.pid; }
	cat >/run/lab/radvd.conf
	inet radvd --config /run/lab/radvd.conf --pidfile /run/lab/radvd.pid --logmethod logfile --logfile /run/lab/radvd.log
}

# plug NAME PROVIDER: a modem at this machine, on a line of a provider.
plug() {
	ip link add "$1" type veth peer name "far-$1" netns internet
	ip -n internet link set "far-$1" master "$2" up
	tc qdisc add dev "$1" root netem rate 2mbit delay 5ms limit 50
}

# The world behind the lines, at each start of the machine, before it looks for addresses.
lab_world() {
	local n provider
	mkdir -p /run/lab
	ip netns add internet
	inet sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	ip -n internet link set lo up
	for provider in dsl:1 lte:2; do
		n=${provider#*:} provider=${provider%:*}
		ip -n internet link add "$provider" type bridge forward_delay 0 mcast_snooping 0
		ip -n internet address add "10.1.$n.1/24" dev "$provider"
		ip -n internet address add "2001:db8:$n::1/64" dev "$provider" nodad
		ip -n internet link set "$provider" up
		plug "${provider}0" "$provider"
		serve "$provider" "$n" 10
	done
	{ advertise dsl 2001:db8:1::/64; advertise lte 2001:db8:2::/64; } | advertise_all
	ip link add serv0 type veth peer name serv netns internet
	ip -n internet address add 203.0.113.1/24 dev serv
	ip -n internet address add 2001:db8::1/64 dev serv nodad
	ip -n internet link set serv up
	# a line that was dead when the machine was started
	for provider in dsl lte; do [ ! -e "/disk/dead-$provider" ] || ip -n internet link set "far-${provider}0" nomaster; done
	mkdir -p $lab_machine /disk/server /disk/server-work
	mount -t overlay -o lowerdir=/image,upperdir=/disk/server,workdir=/disk/server-work server $lab_machine
}

# The server, at each start. It refuses an interface that udev has not got to yet.
lab_machine() {
	udevadm wait --timeout=120 /sys/class/net/serv0
	exec systemd-nspawn --quiet --directory=$lab_machine --boot --machine=server --network-interface=serv0 --link-journal=no --settings=no --console=read-only
}

# lab_open: at the first start. Both systems are as they were installed, but for the addresses and what ssh needs.
lab_open() {
	local path
	systemctl is-active -q lab-world && return 0
	# what the tests before these have left
	for path in /etc/openvpn /etc/ovpn-mptcp /usr/lib/systemd/system; do
		rm -r "$path"
		cp -a "/image$path" "$path"
	done
	mkdir -p /disk/server/etc/systemd/{network,system} /root/.ssh /etc/systemd/network /etc/ssh/ssh_config.d
	ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
	install -D -m 600 /root/.ssh/id_ed25519.pub /disk/server/root/.ssh/authorized_keys
	echo 'StrictHostKeyChecking accept-new' >/etc/ssh/ssh_config.d/lab.conf
	printf '%s\n' '[Match]' 'Name=serv0' '[Network]' "Address=$lab_server/24" "Address=$lab_server6/64" 'Gateway=203.0.113.1' 'Gateway=2001:db8::1' \
		'IPv6AcceptRA=no' >/disk/server/etc/systemd/network/serv.network
	printf '%s\n' '[Match]' 'Name=dsl* lte* usb*' '[Network]' 'DHCP=ipv4' 'IPv6AcceptRA=yes' >/etc/systemd/network/lines.network
	# who runs these tests is in one of the two
	ln -s /dev/null /disk/server/etc/systemd/system/lab.service
	printf '%s\n' '[Unit]' 'DefaultDependencies=no' 'After=local-fs.target systemd-udevd.service' 'Before=network-pre.target' 'Wants=network-pre.target' \
		'[Service]' 'Type=oneshot' 'RemainAfterExit=yes' 'WorkingDirectory=/lab' "ExecStart=/bin/bash -c '. ./lab.sh; lab_world'" \
		'[Install]' 'WantedBy=multi-user.target' >/etc/systemd/system/lab-world.service
	printf '%s\n' '[Unit]' 'After=lab-world.service' '[Service]' 'Delegate=yes' 'KillSignal=SIGKILL' 'WorkingDirectory=/lab' 'StandardOutput=null' 'StandardError=journal' \
		"ExecStart=/bin/bash -c '. ./lab.sh; lab_machine'" '[Install]' 'WantedBy=multi-user.target' >/etc/systemd/system/lab-server.service
	systemctl daemon-reload
	systemctl start lab-world
	systemctl -q --root=$lab_machine enable systemd-networkd
	systemctl -q enable --now lab-world lab-server systemd-networkd
	server_comes_up
}

# line_restarts NAME: what is at its other end, for as long as systemd-networkd takes to notice.
line_restarts() {
	ip -n internet link set "far-$1" down
	wait_for 10 has_no_lease "$1"
	ip -n internet link set "far-$1" up
}
has_no_lease() { [ -z "$(ip -o -4 address show dev "$1")" ]; }

# has_address NAME PATTERN; gets_address, because somebody was asked for it
has_address() { ip -o address show dev "$1" scope global -deprecated | grep -q "inet6* $2"; }
gets_address() { wait_for 30 has_address "$1" "$2" || fail "$1 has no address $2: $(networkctl --no-pager status "$1")"; }
line_sent() { cat "/sys/class/net/$1/statistics/tx_bytes"; }
line_carried() { [ $(($(line_sent "$1") - $2)) -ge 100000 ]; }

# both_carry LINE...: each carries a good part of the flow within five seconds from now, and the flow lives.
both_carry() {
	local line begin now
	declare -A before
	for line; do before[$line]=$(line_sent "$line"); done
	begin=$(date +%s%N)
	for line; do
		wait_for "$lab_within" line_carried "$line" "${before[$line]}" || fail "$line does not carry: $(ovpn-mptcp-ctl; ovpn-mptcp-ctl uplinks)"
		now=$(date +%s%N)
		echo "$line carried after $(((now - begin) / 1000000)) ms"
	done
	kill -0 "$flow" || fail "the flow inside has ended: $(tail -n 5 /run/lab/flow.log)"
}
lab_within=5

# flow_start ADDRESS: one TCP connection inside the tunnel, for as long as the test takes
flow_start() {
	on_the_server iperf3 --server --daemon --one-off --bind "$1"
	iperf3 --client "$1" --time 3600 --interval 1 --forceflush >/run/lab/flow.log 2>&1 &
	flow=$!
}
flow_stop() {
	kill "$flow"
	wait "$flow" || :
}
# What the other end of the tunnel has got of it.
flow_bytes() { ss -Htin dst "$1" dport = :5201 | sed -n 's/.* bytes_acked:\([0-9]*\).*/\1/p' | sort -n | tail -n 1; }


# The only tunnel here uses both lines.
bonded() { ovpn-mptcp-ctl | grep -q '^ *peer [0-9]*  mptcp, 2 of 2 paths  offloaded$'; }
is_bonded() {
	wait_for 30 ping -c 1 -W 1 -q "$1" || fail "the tunnel is not up: $(ovpn-mptcp-ctl)"
	wait_for 10 bonded || fail "not on both lines: $(ovpn-mptcp-ctl; ovpn-mptcp-ctl uplinks)"
}
