# shellcheck shell=bash
# tests/faults, which lets calls of the module under test fail, built for the kernels of the cases that say "# with: faults".

faults_inputs() { (cd "$tests/faults" && find . -name '*.c' -o -name Kbuild | LC_ALL=C sort); }

faults_script() {
	cat <<-END
		set -e
		cd "\$1"
		tar -xf -
		make -C /usr/src/linux-headers-$1 M="\$1" KCFLAGS=-Werror modules >&2
		cat call_faults.ko
	END
}

faults_build() {
	faults_inputs | tar -C "$tests/faults" -cf - -T - | headers_run "$2" "$3" "$(faults_script "$2")" >"$1/call_faults.ko"
}

# faults_wanted ROLE LABEL: whether one of the run's cases there needs it.
faults_wanted() {
	local n
	for n in "${names[@]}"; do
		[ "$(case_header "$n" with)" != faults ] || ! matrix_wanted "$n" "$1" "$2" || return 0
	done
	return 1
}

# faults_file VERSION SUITE: prints its path.
faults_file() {
	local key
	headers_get "$1" "$2" || return 1
	key=$({ faults_script "$1"; cd "$tests/faults" && faults_inputs | xargs sha256sum; } | sha256sum | cut -c1-16)
	cache_make "faults/$1/$key" faults_build "$1" "$2" || return 1
	printf '%s\n' "$cache_root/faults/$1/$key/call_faults.ko"
}
