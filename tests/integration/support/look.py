# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs inside a namespace: gathers the sections it is asked for, and prints the document."""

from __future__ import annotations

import json
import sys

from ansible_collections.dockmaster.ports.plugins.module_utils._collect import collect, sections_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.dump import dump
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

if __name__ == "__main__":
    sys.stdout.write(json.dumps(dump(collect(LiveHost(), Request(sections_of(sys.argv[1:]))))))
