# topic: a machine that goes away fails its test, and only that one
# reason: the VM died
. /lab/lib/lab.sh
echo o >/proc/sysrq-trigger
sleep 1000
