#!/bin/bash
# What docs/openvpn-options.md says of the kernel's own module.
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
exec "$tests/run" --cases "$tests/long/cases" --kernel newest --no-module --jobs 1 options
