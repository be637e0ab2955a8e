# topic: links of 50 Mbit/s, 10 ms and 30 Mbit/s, 40 ms: an upload gets the sum, a ping beside it takes as long as on the slower one
# vm: clock
# timeout: 120
. /lab/lib/lab.sh
. /lab/lib/profiles.sh

# A ping through the stream takes 40 ms to come on the slower link and 10 back; the rest is what waits.
goodput=64 mean=120 p99=200
profile_case fiber-lte 6 $goodput $mean $p99
