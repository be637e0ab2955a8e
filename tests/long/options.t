#!/bin/bash
# What docs/openvpn-options.md says of OpenVPN's options with this module.
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
exec "$tests/run" --cases "$tests/long/cases" --kernel 6.1,newest --jobs 1 options
