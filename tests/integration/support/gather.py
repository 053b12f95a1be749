# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs inside a namespace: prints what is gathered there, and what the engines were asked for, as JSON.

usage: gather.py USER DOCKER_HOST SECTION...    USER: number of the user who gathers; DOCKER_HOST: "" finds the engines
"""

from __future__ import annotations

import importlib
import json
import os
import sys

from ansible_collections.dockmaster.ports.plugins.module_utils._collect import collect, sections_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.dump import dump
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.catalogue import PROBES
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

importlib.import_module(f"{LiveHost.__module__.rpartition('.')[0]}._engine_client")  # as root: LiveHost does so late
CALLS = []


class Counting(LiveHost):
    """Remembers what engines were asked for."""

    def api(self, endpoint, path):
        CALLS.append(path)
        return super().api(endpoint, path)


def become(user):
    """For good. All modules are imported before: another user may not be able to read them."""
    for probe in PROBES:
        probe.load()
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


def main():
    user, docker_host, *sections = sys.argv[1:]
    if int(user):
        become(int(user))
    evidence = collect(Counting(timeout=5), Request(sections_of(sections), "test", docker_host=docker_host or None))
    json.dump({"evidence": dump(evidence), "calls": CALLS}, sys.stdout)


if __name__ == "__main__":
    main()
