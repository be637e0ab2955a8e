# topic: a process left behind is a failure
# reason: processes left: .*iperf3
. /lab/lib/lab.sh
setsid iperf3 -s >/dev/null 2>&1 9>&- &
wait_for 5 pgrep -x iperf3 >/dev/null
