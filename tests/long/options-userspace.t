#!/bin/bash
# What docs/openvpn-options.md says of OpenVPN in userspace.
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
exec "$tests/run" --cases "$tests/long/cases" --kernel newest --userspace --jobs 1 options
