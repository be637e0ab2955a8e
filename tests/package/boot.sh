# shellcheck shell=bash
# A system of chroot.sh, booted: its kernel, its root file system, systemd as the first process. What runs are the tests that
# the Debian package ships, on installed files alone.
. "$tests/vm/qemu.sh"

# Compilers and headers have done their work, and only cost boot time.
boot_without=(./proc/\* ./sys/\* ./dev/\* ./packages/\* ./usr/local/bin/uname ./etc/apt/apt.conf.d/tests ./boot/\* ./usr/src/\* ./usr/lib/gcc/\* ./usr/libexec/gcc/\* './usr/lib/*/perl*'
	./usr/share/perl\* './usr/lib/*.a' ./var/cache/\* ./var/lib/apt/lists/\* ./var/lib/dkms/\*/build/\*)

# boot_image NAME KERNEL: root.cpio and vmlinuz in the directory $scratch/NAME/packages.
boot_image() {
	local name=$1 kernel=$2 p without=()
	mkdir "$scratch/$name/packages/tests"
	cp "$repo"/debian/tests/* "$tests/package/guest" "$scratch/$name/packages/tests/"
	for p in "${boot_without[@]}"; do without+=(! -path "$p"); done
	chroot_run "$name" '
		kernel=$1
		shift
		cp -r /packages/tests /lab
		ln -s lib/systemd/systemd /init
		echo lab >/etc/hostname
		: >/etc/machine-id
		cat >/etc/systemd/system/lab.service <<-END
			[Service]
			ExecStart=/lab/guest
			[Install]
			WantedBy=multi-user.target
		END
		systemctl enable lab
		cp "/boot/vmlinuz-$kernel" /packages/vmlinuz
		cd /
		find . -xdev "$@" -print0 | cpio --null --quiet -o -H newc >/packages/root.cpio
	' "$kernel" "${without[@]}"
}

# boot_tests NAME TEST...: boots it and has each test as one of ours.
boot_tests() {
	local dir=$scratch/$1/packages
	shift
	: >"$scratch/console"
	qemu_start "$scratch/console" "$dir/vmlinuz" "$dir/root.cpio" smp 3G 'systemd.show_status=no'
	check 'it boots' boot_ready
	for boot_test; do
		check "$boot_test" boot_test || :
	done
	check 'it shuts down' boot_end
}

boot_ready() {
	if ! qemu_read 300 || [[ $qemu_line != '> ready '* ]]; then
		tail -n 40 "$scratch/console" "$scratch/console.qemu" | tr -d '\r'
		return 1
	fi
	printf '%s\n' "${qemu_line#> ready }"
}

boot_test() {
	qemu_say "$boot_test"
	while qemu_read 300; do
		[[ $qemu_line != '> end '* ]] || return "${qemu_line##* }"
		printf '%s\n' "$qemu_line"
	done
	tail -n 40 "$scratch/console" | tr -d '\r'
	echo 'the machine is gone, or says nothing any more'
	return 1
}

boot_end() {
	local status=0
	qemu_say quit
	until [ $status != 0 ]; do qemu_read 120 || status=$?; done
	qemu_stop
	[ $status = 1 ]
}
