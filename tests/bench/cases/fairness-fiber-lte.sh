# topic: a tunnel's flow over 50 Mbit/s, 10 ms and 30 Mbit/s, 40 ms, and an ordinary TCP flow on the first of them
# vm: icount
# timeout: 180
. /lab/cases/lib/fairness.sh

profile_open fiber-lte
fairness fiber-lte
