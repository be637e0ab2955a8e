# shellcheck shell=bash
# The control tool for the guest, built here: the guest has the libraries of this machine's suite.

ctl_inputs() {
	(cd "$repo" && find tools/ovpn-mptcp-ctl src/uapi src/version.h -type f \( -name '*.[ch]' -o -name Makefile \) ! -path '*/build/*' | LC_ALL=C sort)
}

ctl_build() {
	local dir=$1
	make -C "$repo/tools/ovpn-mptcp-ctl" WERROR=1 BUILD="$dir/build" "$dir/build/ovpn-mptcp-ctl"
	mv "$dir/build/ovpn-mptcp-ctl" "$dir/"
	rm -rf "$dir/build"
}

# Prints the path of the program.
ctl_file() {
	local key
	host_needs make gcc libc6-dev pkg-config libnl-3-dev libnl-genl-3-dev libjson-c-dev libc-ares-dev libkmod-dev libmicrohttpd-dev libssl-dev
	key=$(cd "$repo" && ctl_inputs | xargs sha256sum | sha256sum | cut -c1-16)
	cache_make "tool/$(host_suite)-$key" ctl_build || return 1
	printf '%s\n' "$cache_root/tool/$(host_suite)-$key/ovpn-mptcp-ctl"
}
