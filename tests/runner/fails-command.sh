# topic: a failing command ends the test
# reason: exit status 1
. /lab/lib/lab.sh
false
