# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What the program on the host does: `dockmaster-firewall apply | watch | status | take-back TOKEN`."""

from __future__ import annotations

import sys
import time
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import firewall, store, trial, watch
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import FirewallError, System

TAKE_BACK_ATTEMPTS = 20  # three seconds apart

USAGE = """usage: dockmaster-firewall apply | watch | status

The policy for the published ports of this host's Docker engine, as Ansible left it in
/etc/dockmaster/docker_firewall.json.

  apply    make the rules the policy's
  watch    keep them so; dockmaster-firewall.service does it
  status   say whether they are; exit status 0 if so, 1 if not
"""


def main(words: t.Optional[t.Sequence[str]] = None) -> None:
    """Ends the process with its exit status."""
    command, *rest = list(sys.argv[1:] if words is None else words) or [""]
    if command not in _COMMANDS or len(rest) != (command == "take-back"):
        sys.stderr.write(USAGE)
        raise SystemExit(2)
    try:
        raise SystemExit(_COMMANDS[command](System(), *rest))
    except (FirewallError, OSError) as exc:
        sys.stderr.write(f"dockmaster-firewall: {exc}\n")
        raise SystemExit(1) from exc


def _apply(system: System) -> int:
    with store.locked():
        firewall.settle(system, store.in_force(system))
    return 0


def _watch(system: System) -> int:
    watch.run(system)
    return 0


def _status(system: System) -> int:
    policy = store.in_force(system)
    seen = firewall.look(system)
    missing = firewall.plan(seen, policy).steps
    sys.stdout.write(f"{firewall.state_of(seen, policy, bool(missing))}\n")
    for place in seen.open_at if policy else ():
        sys.stdout.write(f"packets pass {place} without meeting the policy\n")
    return 1 if missing else 0


def _take_back(system: System, token: str) -> int:
    """Nobody stands by to try again, so it does by itself."""
    for _attempt in range(TAKE_BACK_ATTEMPTS - 1):
        try:
            trial.take_back(system, token)
            return 0
        except (FirewallError, OSError) as exc:
            sys.stderr.write(f"dockmaster-firewall: {exc}; trying again\n")
            time.sleep(3)
    trial.take_back(system, token)
    return 0


_COMMANDS: t.Dict[str, t.Callable[..., int]] = {
    "apply": _apply,
    "watch": _watch,
    "status": _status,
    "take-back": _take_back,
}
