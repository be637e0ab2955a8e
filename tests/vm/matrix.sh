# shellcheck shell=bash
# Which kernels a run has, what each of them gets, and the table of that. The kernels of a run are in $kernels; beside
# each, in $labels, how it is called in the output, and in $roles:
#   full   every case: the newest kernel of the oldest series, or the first one that was named; the newest kernel of "every"
#   most   all cases but those of "# kernels: first": the newest kernel, or whatever else was named
#   core   the cases of "# kernels: all" only: the last point release of a series in a suite, other flavours, another
#          architecture
#   build  the module is built, nothing is booted
# Earlier point releases are left out, as long as "every" does not say otherwise: series change their interfaces, and the
# last point release has all changes.

kernels=() labels=() roles=()
# What keeps all from being all: failures, and kernels that nobody can build for.
matrix_trouble=() matrix_left_out=()

matrix_add() { kernels+=("$1") labels+=("$2") roles+=("$3"); }
matrix_label() { printf '%s\n' "${1%-cloud-amd64}"; }

# matrix_ask SUITE: the kernels there. Those that can be booted and built for go to $matrix_found as "VERSION SUITE", the
# names of images without headers, which the archive keeps longer, to $matrix_left_out.
matrix_found=''
matrix_ask() {
	local s=$1 packages built headless
	suite_update "$s" || { matrix_trouble+=("the package lists of $s cannot be had"); return; }
	packages=$(kernel_packages "$s" "cloud-$(suite_arch "$s")")
	built=$(kernel_versions newest image headers <<<"$packages")
	[ -n "$built" ] || { matrix_trouble+=("$s has no kernel to build for"); return; }
	headless=$(kernel_versions newest image <<<"$packages" |
		{ grep -vxF "$built" || test $? = 1; } | sort -V | sed 's/-cloud-.*//' | paste -sd' ')
	[ -z "$headless" ] || [[ $s = *:* ]] || matrix_left_out+=("$s has these without headers, so nothing can be built for them: $headless")
	matrix_found=$(printf '%s\n' "$matrix_found" "$(awk -v s="$s" '{ print $0, s }' <<<"$built")" | sed '/^$/d' | sort -V)
}

# Kernels that this machine has had from the archive, and the archive has no longer.
matrix_gone() {
	local dir
	for dir in "$cache_root"/kernels/*-cloud-amd64; do
		dir=${dir##*/}
		! [ -e "$cache_root/kernels/$dir" ] || grep -q "^$dir " <<<"$matrix_found" || matrix_label "$dir"
	done
}

# matrix_flavours VERSION SUITE: the other flavours of this kernel.
matrix_flavours() {
	local flavour v
	for flavour in amd64 rt-amd64; do
		v=${1%-cloud-amd64}-$flavour
		if [ -n "$(kernel_in "$v" "$2" image headers)" ]; then
			matrix_add "$v@$2" "$v" core
		else
			matrix_trouble+=("$2 has no kernel $v to build for")
		fi
	done
}

# The ends of $matrix_found: "VERSION SUITE" of the newest kernel, and of the newest of the oldest series.
matrix_newest() { tail -n 1 <<<"$matrix_found"; }
matrix_oldest() { awk -F. 'NR == 1 { a = $1; b = $2 } $1 == a && $2 == b' <<<"$matrix_found" | tail -n 1; }

# "VERSION SUITE ROLE" of all, newest first; $1 is the role of point releases before the last one of a series in a suite,
# or "left-out". Those come last: machines need not wait for them.
matrix_rest() {
	awk -v before="$1" '{ split($1, v, "."); line[NR] = v[1] "." v[2] " " $2; last[line[NR]] = NR; at[NR] = $0 }
		END { for (i = NR; i; i--) if (i == last[line[i]]) print at[i], "core"
			for (i = NR; i; i--) if (i != last[line[i]]) print at[i], before }' <<<"$matrix_found"
}

# matrix_all BEFORE NEWEST: every kernel that Debian has image and headers of; of another architecture, the ends. The role of
# earlier point releases, as in matrix_rest, and of the newest kernel.
matrix_all() {
	local s v role first first_suite newest newest_suite earlier=()
	for s in $(kernel_suites newest/arm64); do matrix_ask "$s"; done
	read -r first first_suite < <(matrix_oldest)
	read -r newest newest_suite < <(matrix_newest)
	matrix_found=
	for s in $(suite_list); do matrix_ask "$s"; done
	[ -n "$matrix_found" ] || return 0
	read -r v s < <(matrix_oldest)
	matrix_add "$v@$s" "$(matrix_label "$v")" full
	read -r v s < <(matrix_newest)
	[ "$v@$s" = "${kernels[0]}" ] || matrix_add "$v@$s" "$(matrix_label "$v")" "$2"
	matrix_flavours "$v" "$s"
	[ -z "$first" ] || matrix_add "$first@${first_suite%:*}" "$first" core
	[ "$newest" = "$first" ] || matrix_add "$newest@${newest_suite%:*}" "$newest" build
	while read -r v s role; do
		if [ "$role" = left-out ]; then
			earlier+=("$(matrix_label "$v")")
		elif [[ " ${kernels[*]} " != *" $v@$s "* ]]; then
			matrix_add "$v@$s" "$(matrix_label "$v")" "$role"
		fi
	done < <(matrix_rest "$1")
	[ ${#earlier[@]} = 0 ] || matrix_left_out+=("earlier point releases, which --kernel every has: ${earlier[*]}")
	mapfile -t -O ${#matrix_left_out[@]} matrix_left_out < <(matrix_gone | sed 's/^/tested here before, and gone from the archive: /')
}

# matrix_make NAME...: the kernels of these names.
matrix_make() {
	local k role=full
	for k; do
		case $k in
		all) matrix_all left-out most ;;
		every) matrix_all core full ;;
		*) matrix_add "$k" "${k//\//-}" $role ;;
		esac
		role=most
	done
}

# matrix_wanted NAME ROLE KERNEL: whether a case is run on a kernel of this role.
matrix_wanted() {
	case $2:$(case_kernels "$1") in
	*:debug) debug_whole "$3" ;;
	full:first | full: | full:all | most: | most:all | core:all) return 0 ;;
	*:first | *: | *:all) return 1 ;;
	*) die "$1: '# kernels:' wants first, all or debug" ;;
	esac
}

# What a row of the table has for these cases: "-" if there are none, "9" when all passed, else "8/9".
matrix_cell() { if [ "$1" = 0 ]; then echo -; elif [ "$1" = "$2" ]; then echo "$1"; else echo "$2/$1"; fi; }

# matrix_table: one row a kernel, from $verdicts["LABEL NAME"].
matrix_table() {
	local i label key name core core_passed other other_passed failures build
	printf '# %-26s %6s %6s %6s  %s\n' kernel builds core others failed
	for i in "${!labels[@]}"; do
		label=${labels[$i]} core=0 core_passed=0 other=0 other_passed=0 failures='' build=-
		for key in "${!verdicts[@]}"; do
			name=${key#* }
			[ "${key% *}" = "$label" ] || continue
			[ "${verdicts[$key]}" = passed ] || failures+=" $name"
			if [ "$name" = module-builds-without-warning ]; then
				build=${verdicts[$key]/passed/yes}
			elif [ "$(case_kernels "$name")" = all ]; then
				core=$((core + 1))
				[ "${verdicts[$key]}" != passed ] || core_passed=$((core_passed + 1))
			else
				other=$((other + 1))
				[ "${verdicts[$key]}" != passed ] || other_passed=$((other_passed + 1))
			fi
		done
		printf '# %-26s %6s %6s %6s %s\n' "$label" "$build" "$(matrix_cell $core $core_passed)" \
			"$(matrix_cell $other $other_passed)" "$failures"
	done
	[ ${#matrix_left_out[@]} = 0 ] || printf '# %s\n' "${matrix_left_out[@]}"
}
