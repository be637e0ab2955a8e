# shellcheck shell=bash
# The cache: everything that costs minutes is made once and kept outside the work tree.
# Each entry is a directory that appears by rename, so an interrupted step leaves nothing half made.

cache_root=${XDG_CACHE_HOME:-$HOME/.cache}/ovpn-dco-mptcp
mkdir -p "$cache_root"

say() { printf '# %s\n' "$*" >&2; }
die() { printf 'Bail out! %s\n' "$*"; printf '# %s\n' "$*" >&2; exit 1; }

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo -- "$@"; fi
}

# cache_make ENTRY FUNCTION ARGS...: runs FUNCTION DIR ARGS unless the entry exists; prints nothing, sets nothing.
cache_make() {
	local entry=$cache_root/$1 maker=$2
	shift 2
	[ -e "$entry" ] && return 0
	mkdir -p "${entry%/*}"
	(
		# Two runs may want the same entry: the second waits, then finds it.
		exec 8>"$entry.lock"
		flock 8
		[ -e "$entry" ] && exit 0
		tmp=$(mktemp -d "$entry.XXXXXX")
		trap 'as_root rm -rf "$tmp"' EXIT
		"$maker" "$tmp" "$@" >"$tmp.log" 2>&1 || {
			tail -n 40 "$tmp.log" | sed 's/^/# /' >&2
			say "failed: $maker for $entry (log: $tmp.log)"
			exit 1
		}
		chmod 755 "$tmp"
		mv "$tmp" "$entry"
		rm -f "$tmp.log"
	)
}

# host_apt ARGUMENT...: apt-get on this machine. One at a time: tests run beside each other.
host_apt() {
	(
		flock 7
		as_root env DEBIAN_FRONTEND=noninteractive apt-get "$@" >&2 7>&-
	) 7>>"$cache_root/host.lock"
}

# Packages that a step needs on this machine; installs only what is missing.
host_needs() {
	local p missing=()
	for p; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=("$p")
	done
	[ ${#missing[@]} = 0 ] && return 0
	say "installing ${missing[*]}"
	host_apt update -qq
	host_apt install -qqy --no-install-recommends "${missing[@]}"
}
