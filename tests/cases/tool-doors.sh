# topic: beside the kernel's own module ovpn: whichever is loaded first has that door; both stay whole, doctor says who has it
# kernels: first
# timeout: 120
. /lab/lib/lab.sh
. /lab/lib/tool.sh

modinfo ovpn >/dev/null 2>&1 || {
	note "this kernel has no module ovpn"
	exit 0
}
kernel_says() { dmesg | sed '1,/doors: loading/d' | grep -F ovpn; }
add() { ip -n "$ns_client" link add "$1" type "$2"; }
is_ours() { on_client ethtool -i "$1" | grep -qxF "version: $(cat /sys/module/ovpn_dco_mptcp/version)"; }
# What a udev rule sees; the kind of a link it does not.
device_type() { on_client sed -n 's/^DEVTYPE=//p' "/sys/class/net/$1/uevent"; }
# finding ID: level and text
finding() { json "[.findings[] | select(.id == \"$1\") | \"\(.level): \(.text)\"] | join(\" / \")"; }
unload() {
	module_unused() { [ "$(cat /sys/module/ovpn_dco_mptcp/refcnt)" = 0 ]; }
	need "nobody uses the module" wait_for 10 module_unused
	need "the module goes" rmmod ovpn_dco_mptcp
}
topology_open 1

# Ours was first: the other one cannot come in.
refuse "the kernel's own module does not load beside it" modprobe ovpn 2>"$LAB_DIR/modprobe.log"
need "a device of the kind" add o0 ovpn
need "is of this module" is_ours o0
equal "its device type" "$(device_type o0)" ovpn-dco-mptcp
ctl_status client doctor --json
need "doctor finds the door open" grep -q 'good: OpenVPN 2.7 can reach the module' <<<"$(finding door-open)"
ctl client --json
equal "show has the device" "$(json '[.devices[] | "\(.dev) \(.kind)"] | join(",")')" "o0 ovpn"
ip -n "$ns_client" link del o0

# The other one first: ours loads without that door, says so once, and serves the others.
unload
need "the kernel's own module loads" modprobe ovpn
need "a device of it" add o1 ovpn
echo 'doors: loading' >/dev/kmsg
need "the module loads" insmod /lab/ovpn-dco-mptcp.ko
equal "lines about it in the kernel log" "$(kernel_says | grep -c 'OpenVPN 2.7 cannot reach this module: another module has its link kind')" 1
equal "lines in all" "$(kernel_says | wc -l)" 1
need "a device of the kind ovpn" add o2 ovpn
refuse "is not of this module" is_ours o2
equal "its device type" "$(device_type o2)" ovpn
need "a device of the kind ovpn-dco" add v0 ovpn-dco
need "is of this module" is_ours v0
equal "its device type" "$(device_type v0)" ovpn-dco-mptcp
ctl_status client doctor --json
equal "doctor's advice" "$(finding door-taken)" "advice: OpenVPN 2.7 cannot reach the module: its door, ovpn, is taken by the module ovpn"
need "and what to do" grep -q 'modprobe -r ovpn ovpn-dco-mptcp' <<<"$(json '[.findings[] | select(.id == "door-taken").fix] | join(" ")')"
ctl client --json
equal "show knows whose they are" "$(json '[.devices[] | select(.foreign | not) | .dev] | join(",")')" v0
openvpn_p2p mptcp mptcp
need_offload "$ns_client" "$ns_server"
openvpn_stop client
openvpn_stop server
for dev in o1 o2 v0; do ip -n "$ns_client" link del $dev; done

# The other one goes again: nothing else changes until ours is loaded anew.
need "the kernel's own module goes" rmmod ovpn
need "a device of the kind ovpn-dco" add v1 ovpn-dco
refuse "a device of the kind ovpn" add o3 ovpn 2>"$LAB_DIR/ip.log"
ip -n "$ns_client" link del v1
unload
need "it loads" insmod /lab/ovpn-dco-mptcp.ko
need "a device of the kind ovpn" add o4 ovpn
need "is of this module" is_ours o4
ip -n "$ns_client" link del o4

# Nobody first: the aliases bring this module in, as the package has it.
unload
top=/lib/modules/$(uname -r)
mkdir -p "$top/updates"
cp /lab/ovpn-dco-mptcp.ko "$top/updates/"
echo 'blacklist ovpn' >/etc/modprobe.d/ovpn-dco-mptcp.conf
depmod
loaded() { [ -e "/sys/module/$1" ]; }
need "a request for the kind loads it" add o5 ovpn
need "is of this module" is_ours o5
refuse "the other one is not there" loaded ovpn
ip -n "$ns_client" link del o5
unload
need "a request for the family loads it" on_client genl ctrl get name ovpn
need "the module is there" loaded ovpn_dco_mptcp
refuse "the other one is not there" loaded ovpn
rm -r "$top/updates" /etc/modprobe.d/ovpn-dco-mptcp.conf
depmod
