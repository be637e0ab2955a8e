# shellcheck shell=bash
# A system of chroot.sh, booted: its kernel, its root file system in memory, a disk that keeps what is changed, systemd as the first
# process. What runs are the tests that the Debian package ships, and those of the folder booted, on installed files alone.

# Compilers and headers have done their work, and only cost boot time.
boot_without=(./proc/\* ./sys/\* ./dev/\* ./packages/\* ./usr/local/bin/uname ./etc/apt/apt.conf.d/tests ./boot/\* ./usr/src/\* ./usr/lib/gcc/\* ./usr/libexec/gcc/\* './usr/lib/*/perl*'
	./usr/share/perl\* './usr/lib/*.a' ./var/cache/\* ./var/lib/apt/lists/\* ./var/lib/dkms/\*/build/\*)

# readme_block HEADING N: the Nth block of commands below a heading of the README.
readme_block() {
	awk -v heading="$1" -v wanted="$2" '
		/^```/ { block += inside && !open; open = !open; next }
		open { if (inside && block == wanted) print; next }
		/^#/ { inside = $0 ~ "^#+ " heading "$" }' "$repo/README.md"
}
# boot_install NAME KERNEL [PACKAGE...]: such a system, with this kernel, where the packages were installed as the README says; what
# makes a provider and a server of a part of it; and its image.
boot_install() {
	local name=$1 kernel=$2 packages=$scratch/$1/packages
	shift 2
	chroot_new "$name" "$kernel"
	make -s -C "$repo" dist OUT="$scratch/dist" >/dev/null
	mkdir "$packages"/{copy,tests}
	tar -C "$packages/copy" --strip-components=1 -xf "$scratch"/dist/*.tar.xz
	readme_block Install 1 >"$packages/commands"
	readme_block 'Without OpenVPN' 1 >"$packages/tests/readme-attach-server"
	readme_block 'Without OpenVPN' 2 >"$packages/tests/readme-attach-client"
	readme_block 'With OpenVPN' 1 >"$packages/tests/readme-openvpn-server"
	readme_block 'With OpenVPN' 2 >"$packages/tests/readme-openvpn-client"

	check "Linux $kernel" chroot_run "$name" 'apt-get install --no-install-recommends linux-image-$1' "$kernel"
	check 'installed as the README says' chroot_run "$name" '
		cd /packages/copy
		[ $(wc -l <../commands) = 3 ]
		. ../commands
		modinfo -k $1 ovpn-dco-mptcp' "$kernel"
	check 'what makes a provider, and a server' chroot_run "$name" 'apt-get install --no-install-recommends "$@"' \
		dnsmasq-base iperf3 openssh-server radvd systemd-container "$@"
	check 'file system for the machine' boot_image "$name" "$kernel"
}

# boot_image NAME KERNEL: root.cpio, vmlinuz and disk in the directory $scratch/NAME/packages.
boot_image() {
	local name=$1 kernel=$2 p without=()
	cp "$repo"/debian/tests/* "$tests"/package/booted/* "$scratch/$name/packages/tests/"
	truncate -s 2G "$scratch/$name/packages/disk"
	/usr/sbin/mkfs.ext4 -q "$scratch/$name/packages/disk"
	for p in "${boot_without[@]}"; do without+=(! -path "$p"); done
	chroot_run "$name" '
		kernel=$1
		shift
		cp -r /packages/tests /lab
		mv /lab/init /init
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

# boot_tests NAME TEST...: boots it, has each test as one of ours, and ends it. What it has on its disk is there the next time.
boot_tests() {
	local dir=$scratch/$1/packages
	shift
	: >"$scratch/console"
	coproc QEMU { exec "$tests/host" qemu "$scratch/console" "$dir/vmlinuz" "$dir/root.cpio" smp 3G \
		'no_timer_check systemd.show_status=no' "$dir/disk" 2>"$scratch/console.qemu"; }
	# bash forgets the coprocess when it ends; these copies stay.
	# shellcheck disable=SC2153
	exec {qemu_out}<&"${QEMU[0]}" {qemu_in}>&"${QEMU[1]}"
	# shellcheck disable=SC2153
	qemu_pid=$QEMU_PID
	check 'it boots' boot_ready
	for boot_test; do
		check "$boot_test" boot_test || :
	done
	check 'it shuts down' boot_end
}

# qemu_read SECONDS: next line of the guest in $qemu_line; 1 when the guest is gone, more when it said nothing in time.
qemu_read() { IFS=$'\r' read -r -t "$1" -u "$qemu_out" qemu_line; }
# The guest may have closed its end already.
qemu_say() { { printf '%s\n' "$*" >&"$qemu_in"; } 2>/dev/null; }

boot_ready() {
	if ! qemu_read 300 || [[ $qemu_line != '> ready '* ]]; then
		tail -n 40 "$scratch/console" "$scratch/console.qemu" | tr -d '\r'
		return 1
	fi
	printf '%s\n' "${qemu_line#> ready }"
}

boot_test() {
	qemu_say "$boot_test"
	while qemu_read 660; do
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
	{ kill -KILL "$qemu_pid" && wait "$qemu_pid"; } 2>/dev/null || test $? -gt 0
	exec {qemu_in}>&- {qemu_out}<&-
	[ $status = 1 ]
}
