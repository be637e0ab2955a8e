# topic: the busy path swallows everything without a sign; data move to the other path, and use both again when it heals
# kernels: first
# vm: clock
# timeout: 120
. /lab/lib/lab.sh
. /lab/lib/cut.sh
cut_case path_blackhole path_heal
