# shellcheck shell=bash
# One initramfs for a machine: root file system + kernel modules + (tests, certificates, control tool, module under test).
# The kernel unpacks concatenated archives one after another, so the big parts are packed only once.

# image_make OUT CERTS_DIR [FILE...]: the last part, with these files beside the tests.
image_make() {
	local out=$1 certs=$2 stage
	shift 2
	stage=$(mktemp -d "$out.XXXXXX")
	mkdir -p "$stage/lab"
	cp -r "$tests/lib" "$tests/vm/guest" "$stage/lab/"
	cp -r "$cases" "$stage/lab/cases"
	cp -r "$certs" "$stage/lab/certs"
	cp "$tests/vm/init" "$stage/init"
	chmod 755 "$stage/init" "$stage/lab/guest"
	[ $# = 0 ] || cp "$@" "$stage/lab/"
	(cd "$stage" && find . -print0 | cpio --null --quiet -R 0:0 -o -H newc) >"$out" || return 1
	rm -rf "$stage"
}
