# shellcheck shell=bash
# One initramfs per run and kernel: root file system + kernel modules + (tests, certificates, control tool, module under test).
# The kernel unpacks concatenated archives one after another, so the big parts are packed only once.

# image_make OUT ROOTFS_CPIO MODULES_CPIO CERTS_DIR MODULE_OR_EMPTY [TOOL]
image_make() {
	local out=$1 rootfs=$2 modules=$3 certs=$4 module=$5 tool=${6:-} stage
	stage=$(mktemp -d "$out.XXXXXX")
	mkdir -p "$stage/lab"
	cp -r "$tests/lib" "$tests/vm/guest" "$stage/lab/"
	cp -r "$cases" "$stage/lab/cases"
	cp -r "$certs" "$stage/lab/certs"
	cp "$tests/vm/init" "$stage/init"
	chmod 755 "$stage/init" "$stage/lab/guest"
	[ -z "$tool" ] || cp "$tool" "$stage/lab/"
	[ -z "$module" ] || cp "$module" "$stage/lab/"
	(cd "$stage" && find . -print0 | cpio --null --quiet -R 0:0 -o -H newc) >"$stage.cpio" || return 1
	cat "$rootfs" "$modules" "$stage.cpio" >"$out" || return 1
	rm -rf "$stage" "$stage.cpio"
}
