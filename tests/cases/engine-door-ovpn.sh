# topic: the door of OpenVPN 2.7 answers, refuses and tells like the kernel's own module, where there is one to compare with
# timeout: 150
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
if modinfo ovpn >/dev/null 2>&1; then
	need "the module goes" rmmod ovpn_dco_mptcp
	modprobe ovpn
	need "the kernel's own module is there" test -e /sys/module/ovpn
	engine_script env ENGINE_INTREE=yes
fi
