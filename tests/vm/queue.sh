# shellcheck shell=bash
# The tests still to run, one per line: "KERNEL MODE MEM REUSE NAME". Several workers take from it.

queue_init() { queue_file=$1; : >"$queue_file"; }
queue_add() { printf '%s\n' "$*" >>"$queue_file"; }

# queue_take PREFIX: removes and prints the first line that begins so; 1 if there is none.
queue_take() {
	(
		flock 7
		awk -v p="$1" 'index($0, p) == 1 { print; found = 1; exit } END { exit !found }' "$queue_file" || exit 1
		awk -v p="$1" '!done && index($0, p) == 1 { done = 1; next } { print }' "$queue_file" >"$queue_file.new"
		cat "$queue_file.new" >"$queue_file"
	) 7>>"$queue_file.lock"
}
