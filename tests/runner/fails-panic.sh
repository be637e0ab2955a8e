# topic: a kernel that dies fails its test, and only that one
# reason: the VM died
. /lab/lib/lab.sh
echo c >/proc/sysrq-trigger
