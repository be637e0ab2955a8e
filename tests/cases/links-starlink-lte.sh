# topic: links of 80 Mbit/s, 25 ms with 0.5 % loss and 30 Mbit/s, 40 ms: the lossy one is used, and a ping beside an upload is no late one
# vm: clock
# timeout: 120
. /lab/lib/lab.sh
. /lab/lib/profiles.sh

# The slower link alone has 28. How soon the flow inside is up to speed is chance, since losses are: in the benchmark, where more
# seconds count, it has 80. A ping through the stream takes 40 ms to come on it, and 25 to 40 back. A packet whose repetition is
# lost, too, stops all for a third of a second: in eight seconds, that is more than one ping of a hundred.
goodput=55 mean=150 p99=500
profile_case starlink-lte 8 $goodput $mean $p99
