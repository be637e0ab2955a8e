# topic: the busy path loses its carrier under load; data move to the other path, and use both again when it is back
# kernels: first
# vm: clock
# timeout: 120
. /lab/lib/lab.sh
. /lab/lib/cut.sh
cut_case path_down path_up
