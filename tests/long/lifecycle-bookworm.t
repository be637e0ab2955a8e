#!/bin/bash
# The Debian packages in the course of time, in a fresh system of bookworm.
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lifecycle.sh"
lifecycle bookworm
