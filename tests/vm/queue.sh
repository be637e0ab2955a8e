# shellcheck shell=bash
# The tests still to run, one per line: "KERNEL MODE MEM REUSE NAME". Several workers take from it while it is being filled.

queue_init() {
	queue_file=$1
	: >"$queue_file"
	: >"$queue_file.busy"
}
queue_add() { (flock 7; printf '%s\n' "$*" >>"$queue_file") 7>>"$queue_file.lock"; }
queue_close() { : >"$queue_file.closed"; }
queue_closed() { [ -e "$queue_file.closed" ]; }

# queue_take WORKER [PREFIX]: removes and prints the first line that begins so; 1 if there is none. Without a prefix
# rather one of a kernel that no other worker has a machine for: a machine serves several tests.
queue_take() {
	(
		flock 7
		awk -v me="$1" -v prefix="${2:-}" '
			FILENAME != queue { if ($1 != me) busy[$2] = 1; next }
			index($0, prefix) != 1 { next }
			first == "" { first = $0 }
			prefix != "" || !($1 in busy) { best = $0; exit }
			END { line = best != "" ? best : first; if (line == "") exit 1; print line }' \
			queue="$queue_file" "$queue_file.busy" "$queue_file" >"$queue_file.taken" || exit 1
		awk -v line="$(cat "$queue_file.taken")" '!done && $0 == line { done = 1; next } { print }' "$queue_file" >"$queue_file.new"
		cat "$queue_file.new" >"$queue_file"
		sed -i "/^$1 /d" "$queue_file.busy"
		awk -v me="$1" '{ print me, $1 }' "$queue_file.taken" >>"$queue_file.busy"
		cat "$queue_file.taken"
	) 7>>"$queue_file.lock"
}

# queue_wait WORKER: the same, for the next line of any kind; 1 when there will be none.
queue_wait() {
	local closed
	while :; do
		closed=
		! queue_closed || closed=yes
		queue_take "$1" && return 0
		[ -z "$closed" ] || return 1
		sleep 0.5
	done
}
