# shellcheck shell=bash
# Before the tests of a kernel: its packages, the module, the image, and the tests in the queue. Goes on beside the
# workers, which take what is ready.

# prepare_kernel INDEX: sets $trouble on failure.
prepare_kernel() {
	local k=${kernels[$1]} label=${labels[$1]} role=${roles[$1]} n module='' files=() fuzz='' faults='' elsewhere=() rootfs arch dir started=$SECONDS
	dir=$run_dir/$label
	mkdir "$dir"
	kernel_look "$k" || { trouble=$kernel_failure; return 1; }
	if [ -n "$with_module" ]; then
		read -r kernel_version kernel_suite <<<"$found"
		module=$(module_file "$kernel_version" "$kernel_suite") ||
			{ trouble="the module does not build for $kernel_version"; return 1; }
		sed 's/^/! /' "${module%/*}/warnings" >"$dir/warnings"
		report "$label" module-builds-without-warning "$([ -s "$dir/warnings" ] && echo failed || echo passed)" \
			$((SECONDS - started)) "$dir/warnings"
	fi
	[ "$role" != build ] || return 0
	kernel_use "$k" || { trouble=$kernel_failure; return 1; }
	arch=$(kernel_arch "$kernel_version")
	rootfs=$(rootfs_archive "$(rootfs_suite "$arch")") || { trouble='no root file system'; return 1; }
	[ -z "$module" ] || files+=("$module")
	# The control tool is for this machine's architecture.
	if [ "$arch" = amd64 ]; then files+=("$tool"); else host_needs qemu-system-arm; fi
	if debug_whole "$kernel_version"; then
		fuzz=$(fuzz_files) || { trouble='the fuzzer does not build'; return 1; }
		mapfile -t -O ${#files[@]} files <<<"$fuzz"
	fi
	if [ -n "$module" ] && faults_wanted "$role" "$label"; then
		faults=$(faults_file "$kernel_version" "$kernel_suite") || { trouble='tests/faults does not build'; return 1; }
		files+=("$faults")
	fi
	image_make "$dir/tests.cpio" "$certs" "${files[@]}" "${more_files[@]}" || { trouble='no image'; return 1; }
	ln -s "$kernel_dir/vmlinuz" "$kernel_dir/modules.cpio" "$dir/"
	ln -s "$rootfs" "$dir/root.cpio"
	if uml_is "$kernel_version"; then echo um; else echo "$arch"; fi >"$dir/arch"
	for n in "${names[@]}"; do
		again_wanted "$label" "$n" || continue
		matrix_wanted "$n" "$role" "$label" || { elsewhere+=("$n"); continue; }
		printf '%s %s\n' "$label" "$n" >>"$run_dir/planned"
		queue_add "$label" "$(case_machine "$n" "$label")" "$n"
	done
	report '#' "$label: Linux $kernel_version of $kernel_suite, prepared in $((SECONDS - started)) s"
	[ ${#elsewhere[@]} = 0 ] || [ "$role" = core ] || report '#' "$label: not here: ${elsewhere[*]}"
}

# A kernel that cannot be prepared is one failure; the others are tested.
prepare() {
	local i certs tool trouble found
	# However this ends, nothing more will come.
	trap queue_close EXIT
	renice -n 5 "$BASHPID" >/dev/null
	host_needs qemu-system-x86 make gcc
	tool=$(ctl_file) || die 'the control tool does not build'
	certs=$(certs_dir) || die 'no certificates'
	for i in "${!kernels[@]}"; do
		trouble=
		prepare_kernel "$i" || {
			echo "! $trouble" >"$run_dir/trouble-$i"
			report "${labels[$i]}" kernel failed 0 "$run_dir/trouble-$i"
		}
	done
}
