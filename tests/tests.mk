# The tests' part of the top Makefile.

# The last kernel of each series that the archive has, with what docs/kernels.md says.
TEST_KERNELS ?= all
export TEST_KERNELS
# The commands that repeat what has failed are told at the end.
prove := PERL5LIB=tests/prove prove --formatter Again
unit = $(MAKE) -s --no-print-directory -C tests/unit BUILD=$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ovpn-dco-mptcp/unit

.PHONY: check check-long check-vm check-package check-ctl check-runner host-packages demo bench bench-native

# Pure logic compiled for this machine, rules about the sources, the control tool, packages, then the module in real kernels:
# one call of prove, so that its last line speaks of everything. What may run beside what is in rules.yml.
check: host-packages
	$(unit) all
	HARNESS_RULESFILE=tests/rules.yml $(prove) -j3 -v --timer $$($(unit) names) tests/static tests/ctl tests/fuzz tests/vm tests/package tests/vm.t

# What takes hours: every kernel, one that notices mistakes (it is built first), and fuzzing. FUZZ_SECONDS=600 and LONG_STORM=300
# say how long.
check-long: host-packages
	$(prove) -v --timer tests/long

# The control tool as far as it goes without the module.
check-ctl: host-packages
	$(prove) -v tests/ctl

# Packages in fresh systems; one of them is booted.
check-package: host-packages
	$(prove) -v tests/package

check-vm: host-packages
	$(prove) -v tests/vm.t

# Does the runner see what it should see?
check-runner: host-packages
	$(prove) -v tests/vm tests/runner.t

host-packages:
	@tests/vm/host-packages

# One tunnel on two links, and what happens when one of them goes.
demo:
	@tests/vm/host-packages python3
	@tests/demo/run

# The module beside what else there is: many hours. "make bench ROWS=..." takes some rows, see tests/bench/run --list; the names are
# patterns of that, not of files here.
bench: host-packages
	@set -f; tests/bench/run --docs $(ROWS)

# The same rows at the speed of this machine's processor, which must have nothing else to do: half an hour, and the kernel is built
# before that, once. "make bench-native NATIVE='--runs 3'" has other options, see tests/bench/native/run --help.
bench-native: host-packages
	@tests/bench/native/run --docs $(NATIVE)
