# topic: a test that never ends is stopped and reported
# reason: timed out after [0-9]* s
# timeout: 5
. /lab/lib/lab.sh
sleep 1000
