# topic: the machine sleeps (suspend to RAM), and one of its lines has another address when it wakes up: both lines carry again, the flow inside lives on, and uplinks keep has gone on by itself
# kernels: first
# timeout: 120
. /lab/lib/lab.sh
. /lab/lib/tool.sh
. /lab/lib/keep.sh
. /lab/lib/uplinks.sh

alarm=/sys/class/rtc/rtc0/wakealarm

# What the clocks do not agree about: one of them stands still meanwhile.
slept_ms() { python3 -c 'import time; print(int((time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)) * 1000))'; }

# sleep_for SECONDS: the machine, woken by its clock.
sleep_for() {
	local before
	before=$(slept_ms)
	echo 0 >$alarm
	echo "+$1" >$alarm
	echo mem >/sys/power/state
	expect "the machine has slept (ms)" $(($(slept_ms) - before)) '>=' $(($1 * 1000 - 2000))
}

need "this machine can sleep, and wake up by its clock" [ -w $alarm ]
uplinks_open
uplinks_bonded

sleep_for 6
both_carry p1c p2c

# The one who gives addresses was awake, and gave ours to somebody else.
sleep_for 6
lease 2 p2c 10.1.2.77
both_carry p1c p2c
need "from the other address" path_lives 2 77

# The first line, which the main table prefers, and its gateway.
sleep_for 6
ip -n "$ns_server" addr del 10.1.1.1/24 dev p1s
ip -n "$ns_server" addr add 10.1.1.254/24 dev p1s
lease 1 p1c 10.1.1.77 10.1.1.254
both_carry p1c p2c
need "from the other address of the first line" path_lives 1 77

need "the tunnel was never restarted" [ "$(openvpn_count client "$openvpn_initialized")" = 1 ]
equal "errors of uplinks keep" "$(cat "$LAB_DIR/uplinks.err")" ""
ctl client uplinks undo
wait "$uplinks_pid"
load_stop
