# topic: a warning in the kernel log is a failure
# reason: WARNING: CPU: 0
. /lab/lib/lab.sh
echo "WARNING: CPU: 0 PID: 1 at deliberate.c" >/dev/kmsg
