#!/bin/bash
# The Debian packages are in order, and the same whoever builds them, wherever and whenever.
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

host_needs lintian
check 'packages are built' debs_get
check 'lintian has nothing to say' lintian --allow-root --pedantic --fail-on error,warning,info,pedantic "$debs"/now/*.changes || :

# Another place, with a character that names of Debian versions have; another user's habits; later.
again() {
	mkdir "$scratch/some+where" && tar -C "$scratch/some+where" -xf "$debs"/now/ovpn-dco-mptcp-*.tar.xz
	(umask 002 && cd "$scratch"/some+where/* && TZ=Asia/Kathmandu LC_ALL=C DEB_BUILD_OPTIONS=parallel=1 make dist deb DEB_OPTIONS=-F)
}
check 'packages are built again, elsewhere' again
same_files() {
	local file status=0
	for file in "$debs"/now/*.{deb,tar.xz}; do
		cmp "$file" "$scratch"/some+where/*/dist/"${file##*/}" || status=1
	done
	return $status
}
check 'and are the same' same_files || :

done_testing
