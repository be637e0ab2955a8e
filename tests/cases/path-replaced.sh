# topic: both lines get other addresses while both are dead, twice; the server hears nothing of that, and has no room for more paths: those that are dead make way, and both lines carry again
# vm: clock
# timeout: 180
. /lab/lib/lab.sh
. /lab/lib/tool.sh
. /lab/lib/keep.sh
. /lab/lib/uplinks.sh

# another_lease HOST SECONDS: of both lines, and no word of it reaches the server; they carry again within so many seconds
another_lease() {
	local gone="10.1.1.$old, 10.1.2.$old"
	path_blackhole 1
	path_blackhole 2
	lease 1 p1c "10.1.1.$1"
	lease 2 p2c "10.1.2.$1"
	need "the client has left the old paths" wait_for 10 path_gone 1 "$old"
	need "... both of them" wait_for 10 path_gone 2 "$old"
	# no provider forwards what comes from addresses that it did not give
	on_server nft -f - <<-END
		table inet provider {
			chain arriving {
				type filter hook prerouting priority 0
				ip saddr { $gone } drop
			}
		}
	END
	path_heal 1
	path_heal 2
	old=$1
	both_carry p1c p2c "$2"
}

uplinks_open
# What Linux has from the start: two paths beside the first.
ip -n "$ns_server" mptcp limits set subflows 2
uplinks_bonded

old=2
another_lease 77 5
another_lease 78 15
need "the tunnel was never restarted" [ "$(openvpn_count client "$openvpn_initialized")" = 1 ]
load_stop
