# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs inside a namespace: makes the rules those of a policy (JSON; null: none), and prints how it stands."""

from __future__ import annotations

import json
import sys

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import files, firewall, memory, policy
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import System

if __name__ == "__main__":
    files.KNOWN, files.BRIDGES = "/run/known.json", "/run/bridges.json"  # the namespace's own: nothing is left
    memory.PATH = "/run/nft.json"
    plain = json.loads(sys.stdin.read())
    wanted = None if plain is None else policy.parse(plain)
    system = System()
    changed = firewall.settle(system, wanted)
    seen = firewall.look(system)
    state = firewall.state_of(seen, wanted, bool(firewall.plan(seen, wanted).steps))
    sys.stdout.write(json.dumps({"changed": changed, "backend": seen.backend, "state": state}))
