#!/bin/bash
# The Debian packages in the course of time, in a fresh system of bookworm, whose dkms is an older one than that of trixie.
. "$(dirname "${BASH_SOURCE[0]}")/../package/tap.sh"
. "$tests/package/lifecycle.sh"
lifecycle bookworm
