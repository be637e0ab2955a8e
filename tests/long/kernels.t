#!/bin/bash
# Every kernel of the archive with the core, earlier point releases of a series, too; the newest one with every case.
exec "${0%/*}/../run" --kernel every
