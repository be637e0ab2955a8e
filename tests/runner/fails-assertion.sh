# topic: a failed assertion is reported with its reason and place
# reason: deliberate
. /lab/lib/lab.sh
fail "deliberate"
