# shellcheck shell=bash
# Which tests of the last run have failed, and the commands that repeat them. Each copy of the sources has a record of its own,
# a word of the command or "KERNEL NAME" a line.
again_file=$cache_root/failed/$(cksum <<<"$repo" | cut -d' ' -f1)
again_failed=()

# again_case NAME: the case that shows it, where NAME is about a machine or the module.
again_case() {
	local name=${1#vm-end-after-}
	if [ -n "$(case_file "$name")" ]; then echo "$name"; else echo "${names[0]}"; fi
}

# again_note LABEL NAME: remembers a failure, and prints the command.
again_note() {
	local i name
	[ -z "$terminal" ] || return 0
	for i in "${!labels[@]}"; do
		[ "${labels[$i]}" = "$1" ] || continue
		name=$(again_case "$2")
		again_failed+=("${kernels[$i]} $name")
		printf '#   again: %s\n' "$(printf '%q ' tests/run "${given[@]}" --kernel "${kernels[$i]}")$name"
	done
}

again_write() {
	[ -z "$terminal" ] || return 0
	mkdir -p "${again_file%/*}"
	{
		printf 'option %s\n' "${given[@]}"
		printf 'failed %s\n' "${again_failed[@]}"
	} >"$again_file"
}
again_words() { [ ! -e "$again_file" ] || sed -n "s/^$1 //p" "$again_file" | sed '/^$/d'; }

# again_wanted LABEL NAME: whether it is run: with --failed, only if it had failed on this kernel.
again_wanted() { [ -z "$only_failed" ] || grep -qxF "$1 $2" <<<"${only_failed//\//-}"; }
