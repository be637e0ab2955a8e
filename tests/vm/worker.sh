# shellcheck shell=bash
# A worker boots machines and runs tests from the queue in them until the queue is empty.
# It reports each test as one line on descriptor 6.

# report KERNEL NAME passed|failed SECONDS FILE, FILE holding the diagnostics; or "#" and a text. SECONDS may be followed by a
# slash and the seconds of the machine's own clock.
report() { printf '%s\n' "$*" >&6; }

worker() {
	local id=$1 job kernel mode mem reuse name
	# A machine may die at any moment: every answer is looked at where it is given.
	set +e
	while job=$(queue_wait "$id"); do
		read -r kernel mode mem reuse name <<<"$job"
		vm_boot "$id" "$kernel" "$mode" "$mem" || vm_boot_again "$id" "$kernel" "$mode" "$mem" || {
			worker_report "$kernel" "$name" failed 0 "$vm_failure"
			continue
		}
		while vm_test "$kernel" "$mode" "$name" && [ "$reuse" = shared ] && job=$(queue_take "$id" "$kernel $mode $mem shared "); do
			read -r kernel mode mem reuse name <<<"$job"
		done
		vm_quit "$kernel" "$name"
	done
}

worker_report() {
	local kernel=$1 name=$2 verdict=$3 seconds=$4 reason=$5
	local file=$run_dir/$kernel-$name.tap
	[ -z "$reason" ] || printf '! %s\n' "$reason" >>"$file"
	[ -e "$file" ] || : >"$file"
	report "$kernel" "$name" "$verdict" "$seconds" "$file"
}

vm_boot() {
	local id=$1 kernel=$2 mode=$3 mem=$4
	vm_count=$((${vm_count:-0} + 1)) vm_alive=
	vm_console=$run_dir/console-$id-$vm_count
	: >"$vm_console"
	# Made for each machine: all of them together would take gigabytes.
	cat "$run_dir/$kernel"/{root,modules,tests}.cpio >"$run_dir/initrd-$id"
	qemu_start "$vm_console" "$run_dir/$kernel/vmlinuz" "$run_dir/initrd-$id" "$mode" "$mem" "$vm_append lab.slow=$(debug_factor "$kernel") $(debug_append "$kernel")" \
		"$(cat "$run_dir/$kernel/arch")"
	if qemu_read $((180 * $(debug_factor "$kernel"))) && [[ $qemu_line = '> ready '* ]]; then
		vm_alive=yes
		return 0
	fi
	vm_failure="the VM did not boot: $(vm_console_tail | tr '\n' ';')"
	qemu_stop
	return 1
}

# Nothing of ours runs in a machine that boots. Now and then TCG with two processors hangs there, and says nothing.
vm_boot_again() {
	report '#' "$2: $vm_failure; once more"
	vm_boot "$@"
}

# The first sign of trouble on the console tells more than its end.
vm_console_trouble() {
	tr -d '\r' <"$vm_console" | cut -c1-200 |
		awk '/panic|BUG|Oops|WARNING|general protection|stall|blocked for/ { on = 25 } on-- > 0 { print; seen = 1 }
			{ last[NR % 10] = $0 } END { if (!seen) for (i = NR - 9; i <= NR; i++) print last[i % 10] }' | head -n 40
}
vm_console_tail() { tail -n "${1:-15}" "$vm_console" | tr -d '\r' | cut -c1-300; cat "$vm_console.qemu"; }

# vm_test KERNEL MODE NAME: runs one test; fails when this machine must not be used any more.
vm_test() {
	local kernel=$1 mode=$2 name=$3 limit factor=1 verdict='' took=0 why='' deadline begin=$EPOCHSECONDS
	local file=$run_dir/$kernel-$name.tap log=$logs/$kernel-$name.log
	limit=$(($(case_timeout "$name") * $(debug_factor "$kernel")))
	# A second of a counted clock is several seconds here when the guest is busy. Any other clock goes on while a busy
	# host does not let the guest run.
	if [ "$mode" = smp ]; then limit=$((limit * 3)); else factor=8; fi
	deadline=$((EPOCHSECONDS + limit * factor + 90))
	: >"$file"
	qemu_say "run $name $limit"
	while [ -z "$verdict" ]; do
		local rc=0
		qemu_read $((deadline > EPOCHSECONDS ? deadline - EPOCHSECONDS : 1)) || rc=$?
		case $rc in
		1) why='the VM died' ;;
		2) why="the VM hung: no result after $((limit * factor + 90)) s" ;;
		esac
		[ $rc = 0 ] || { verdict=failed vm_alive=; break; }
		case $qemu_line in
		'> end '*) read -r _ _ verdict took <<<"$qemu_line" ;;
		'# '* | '! '*) printf '%s\n' "$qemu_line" >>"$file" ;;
		'| '*) printf '%s\n' "${qemu_line#| }" >>"$log" ;;
		esac
	done
	if [ -z "$vm_alive" ]; then
		{ printf '== console\n'; vm_console_tail 200; } >>"$log"
		vm_console_trouble | sed 's/^/# console: /' >>"$file"
	fi
	[ "$verdict" = passed ] || [ ! -e "$log" ] || printf '# log: %s\n' "$log" >>"$file"
	worker_report "$kernel" "$name" "$verdict" "$((EPOCHSECONDS - begin))/$took" "$why"
	[ "$verdict" = passed ]
}

# The end of a machine is a check too: namespaces and the module must be gone.
vm_quit() {
	local kernel=$1 name=$2 left=''
	if [ -n "$vm_alive" ]; then
		qemu_say quit
		while qemu_read $((180 * $(debug_factor "$kernel"))); do
			[ "$qemu_line" != '> bye' ] || break
			[[ $qemu_line != '! '* ]] || left=${qemu_line#! }
		done
		[ "$qemu_line" = '> bye' ] || left="the VM did not shut down: $(vm_console_tail | tr '\n' ';')"
		if [ -n "$left" ]; then
			worker_report "$kernel" "vm-end-after-$name" failed 0 "$left"
		fi
	fi
	qemu_stop
}
