#!/bin/bash
# All cases on the newest kernel: make check has those there that depend on the kernel.
exec "${0%/*}/../run" --kernel newest
