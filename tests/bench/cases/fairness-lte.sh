# topic: a tunnel's flow and an ordinary TCP flow on one link of 30 Mbit/s, 40 ms
# vm: icount
# timeout: 180
. /lab/cases/lib/fairness.sh

profile_open_link fiber-lte 2
fairness lte
