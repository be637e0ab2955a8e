# shellcheck shell=bash
# One virtual machine: serial port 0 is the kernel's console (a file), serial port 1 is how host and guest talk. With
# $terminal set, one more port is that terminal.
# Always TCG: KVM may be present and yet hang. Of architecture "um" it is no machine, but a kernel that is a program (uml.sh).

# qemu_start CONSOLE KERNEL INITRD MODE(smp|icount) MEM APPEND [ARCH]; sets $qemu_pid, $qemu_in and $qemu_out. $qemu_disk: a file
# that is its disk, unless empty.
qemu_disk=
qemu_start() {
	local command said=$1.qemu
	: >"$said"
	if [ "${7:-}" = um ]; then
		uml_command "$@"
		said=$1
	else
		qemu_command "$@"
	fi
	# The machine must not outlive the worker that talks to it.
	coproc QEMU { exec setpriv --pdeathsig KILL "${command[@]}" 2>"$said"; }
	# bash forgets the coprocess's own descriptors when it ends; these copies stay.
	# shellcheck disable=SC2153
	exec {qemu_out}<&"${QEMU[0]}" {qemu_in}>&"${QEMU[1]}"
	# shellcheck disable=SC2153
	qemu_pid=$QEMU_PID
}

# qemu_command CONSOLE ...: as above; in $command.
qemu_command() {
	local console=$1 kernel=$2 initrd=$3 mode=$4 mem=$5 append=$6 arch=${7:-amd64} cpu=max machine program
	case $arch in
	amd64)
		# Where instructions are counted, rep movsb would count as one per byte, hence no erms, fsrm.
		[ "$mode" != icount ] || cpu=max,-erms,-fsrm
		program=qemu-system-x86_64 machine=(-cpu "$cpu" -serial "file:$console" -serial chardev:talk)
		append+=' console=ttyS0 lab.talk=ttyS1 lab.terminal=ttyS2'
		[ -z "${terminal:-}" ] || machine+=(-serial chardev:terminal)
		;;
	arm64)
		# Pointer authentication as the architecture has it would take most of the emulator's time.
		cpu=max,pauth-impdef=on
		program=qemu-system-aarch64 machine=(-M virt -cpu "$cpu" -serial "file:$console" -device "pci-serial,chardev=talk")
		append+=' console=ttyAMA0 lab.talk=ttyS0'
		;;
	esac
	if [ -n "${terminal:-}" ]; then
		machine+=(-chardev "pipe,id=terminal,path=$terminal")
		stty raw -echo <"$terminal"
	fi
	if [ "$mode" = icount ]; then
		# Guest time is the number of executed instructions.
		machine+=(-accel 'tcg,thread=single' -smp 1 -icount 'shift=0,sleep=off' -rtc 'clock=vm')
	else
		machine+=(-accel 'tcg,thread=multi' -smp 2)
	fi
	[ -z "$qemu_disk" ] || machine+=(-drive "file=$qemu_disk,format=raw,if=virtio,cache=unsafe")
	command=("$program" "${machine[@]}" -m "$mem" -nodefaults -display none -no-reboot -kernel "$kernel" -initrd "$initrd"
		-chardev 'stdio,id=talk,signal=off' -append "panic=-1 oops=panic quiet random.trust_cpu=on rdinit=/init $append")
}

# qemu_read SECONDS: next line of the guest in $qemu_line; 1 when the guest is gone, 2 when it said nothing in time.
qemu_read() {
	local rc=0
	IFS= read -r -t "$1" -u "$qemu_out" qemu_line || rc=$?
	qemu_line=${qemu_line%$'\r'}
	[ $rc = 0 ] && return 0
	if [ $rc -gt 128 ]; then return 2; fi
	return 1
}

# The guest may have closed its end already.
qemu_say() { { printf '%s\n' "$*" >&"$qemu_in"; } 2>/dev/null; }

qemu_stop() {
	kill -KILL "$qemu_pid" 2>/dev/null
	wait "$qemu_pid" 2>/dev/null
	exec {qemu_in}>&- {qemu_out}<&-
}
