#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# The text on standard input as the strict parser of Prometheus' own client library understands it: JSON, a family an element.
import json
import sys

from prometheus_client.openmetrics.parser import text_fd_to_metric_families

# Bytes that are no UTF-8 end this.
sys.stdin.reconfigure(encoding="utf-8", errors="strict")
families = [
    {
        "name": family.name,
        "type": family.type,
        "unit": family.unit,
        "help": family.documentation,
        "samples": [{"name": s.name, "labels": s.labels, "value": s.value} for s in family.samples],
    }
    for family in text_fd_to_metric_families(sys.stdin)
]
json.dump(families, sys.stdout)
