# shellcheck shell=bash
# Debian suites: the one of this machine, and others from the same mirrors, whose packages are looked up in package
# lists of their own, so that this machine's apt knows nothing of them. "SUITE:arm64" has the packages of another
# architecture than this machine's.

# Besides its own, this machine can use these.
suites_other=(bookworm trixie)

suite_arch() { if [[ $1 = *:* ]]; then printf '%s\n' "${1#*:}"; else echo amd64; fi; }

host_suite() { (. /etc/os-release && printf '%s\n' "$VERSION_CODENAME"); }

# In the order in which they are asked: this machine's own needs no chroot.
suite_list() {
	local s own
	own=$(host_suite)
	printf '%s\n' "$own"
	for s in "${suites_other[@]}"; do [ "$s" = "$own" ] || printf '%s\n' "$s"; done
}

# suite_sources SUITE: sources.list lines. Another suite is where this machine's is, under another name; newer kernels
# are in its backports.
suite_sources() {
	local suite=$1 own
	own=$(host_suite)
	apt-get indextargets --format '$(ORIGIN)|$(SITE) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
		sed -n 's/^Debian|//p' | sort -u |
		awk -v own="$own" -v suite="$suite" '
			suite == own { print "deb", $0; next }
			index($2, own) != 1 || $2 ~ /-backports/ { next }
			$2 == own { print "deb", $1, suite "-backports", $3 }
			{ sub("^" own, suite, $2); print "deb", $0 }'
}

# A colon in a path means something to apt.
suite_lists() { printf '%s\n' "$cache_root/apt/${1/:/-}"; }

# suite_known SUITE: its package lists have been fetched at some time.
suite_known() { [ "$1" = "$(host_suite)" ] || [ -e "$(suite_lists "$1")/apt.conf" ]; }

# suite_apt SUITE COMMAND...: an apt command that sees the packages of this suite.
suite_apt() {
	local suite=$1
	shift
	if [ "$suite" = "$(host_suite)" ]; then
		"$@"
	else
		# Without a configuration of its own apt would speak of this machine's suite.
		# Another run may be updating the lists.
		suite_known "$suite" && flock -s "$(suite_lists "$suite").lock" env "APT_CONFIG=$(suite_lists "$suite")/apt.conf" "$@"
	fi
}

# suite_packages SUITE PATTERN: names that match, of packages that the archive has (apt knows more names than that).
suite_packages() {
	suite_apt "$1" apt-cache pkgnames | { grep -E "$2" || test $? = 1; } | suite_apt "$1" xargs -r apt-cache madison |
		awk '{ print $1 }' | sort -u
}

declare -A suite_updated=()
# suite_update SUITE: its package lists as they are now; once a run. Old ones do not count.
suite_update() {
	local suite=$1 dir
	[ -z "${suite_updated[$suite]:-}" ] || return 0
	if [ "$suite" = "$(host_suite)" ]; then
		host_apt update -qq --error-on=any || return 1
	else
		dir=$(suite_lists "$suite")
		mkdir -p "$dir/lists/partial" "$dir/archives/partial"
		# Written anew each time: the machine may have another mirror now.
		(
			flock 8
			suite_sources "${suite%:*}" >"$dir/sources.list"
			: >"$dir/status"
			printf '%s "%s";\n' Dir::Etc::SourceList "$dir/sources.list" Dir::Etc::SourceParts /dev/null \
				Dir::State::Lists "$dir/lists" Dir::State::status "$dir/status" \
				Dir::Cache "$dir" Dir::Cache::pkgcache pkgcache.bin Dir::Cache::srcpkgcache srcpkgcache.bin \
				APT::Architecture "$(suite_arch "$suite")" APT::Architectures:: "$(suite_arch "$suite")" \
				Acquire::Languages none APT::Sandbox::User "$(id -un)" >"$dir/new.conf"
			APT_CONFIG=$dir/new.conf apt-get update -qq --error-on=any >&2 && mv "$dir/new.conf" "$dir/apt.conf"
		) 8>"$dir.lock" || return 1
	fi
	suite_updated[$suite]=yes
}
