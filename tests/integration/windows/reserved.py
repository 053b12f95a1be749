# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the double keeps excluded and dynamic ports and the service winnat, in its state.

excluded: `{"tcp": {"active": [[first, last, owner]], "persistent": [[first, last]]}}`. Both families show and change
one list, as Windows' do; with `apart` true each has its own, `{"ipv4/tcp": ...}`.
dynamic: `{"ipv4/tcp": [start, count]}`.
winnat: `{"running", "missing", "blocks", "refuses_start", "refuses_stop"}`; blocks is what it draws when it starts,
refuses_start how often it will not.
hidden: the persistent store prints nothing. lies: netsh ends with 0 also when it refuses.
second: how long a second of PowerShell's sleep is.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.tests.integration.windows.excluded_ports import ExcludedPorts, Row

STOCK = {"active": [[50000, 50059, "administrator"]], "persistent": [[50000, 50059]]}
DYNAMIC = [49152, 16384]

State = t.Dict[str, t.Any]


def place(state: State, family: str, protocol: str) -> str:
    return f"{family}/{protocol}" if state.get("apart") else protocol


def load(state: State, where: str) -> ExcludedPorts:
    told = state.get("excluded", {}).get(where, STOCK)
    active = [Row(*row) for row in told["active"]]
    protocol = where.rpartition("/")[2]
    used = {one["port"] for one in state["sockets"] if one["protocol"] == protocol}
    return ExcludedPorts(active, [Row(*row[:2]) for row in told["persistent"]], used)


def store(state: State, where: str, ports: ExcludedPorts) -> None:
    told = {"active": [list(row) for row in ports.active], "persistent": [list(row[:2]) for row in ports.persistent]}
    state.setdefault("excluded", {})[where] = told


def dynamic(state: State, family: str, protocol: str) -> t.List[int]:
    return list(state.get("dynamic", {}).get(f"{family}/{protocol}", DYNAMIC))


def winnat(state: State) -> State:
    told: State = state.setdefault("winnat", {})
    for name, value in (
        ("running", True),
        ("missing", False),
        ("blocks", {}),
        ("refuses_start", 0),
        ("refuses_stop", False),
    ):
        told.setdefault(name, value)
    return told


def stop_winnat(state: State) -> None:
    """Its blocks go; it will draw as many when it starts again."""
    nat = winnat(state)
    nat["running"] = False
    for where in list(state.get("excluded", {})):
        ports = load(state, where)
        nat["blocks"][where] = [list(row[:2]) for row in ports.active if row.owner == "winnat"]
        ports.stop_winnat()
        store(state, where, ports)


def start_winnat(state: State) -> None:
    nat = winnat(state)
    nat["running"] = True
    for where, blocks in nat["blocks"].items():
        ports = load(state, where)
        ports.start_winnat(Row(*block) for block in blocks)
        store(state, where, ports)
    nat["blocks"] = {}
