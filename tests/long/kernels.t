#!/bin/bash
# The core on every kernel of the archive, earlier point releases of a series, too.
exec "${0%/*}/../run" --kernel every
