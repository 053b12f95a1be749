# SPDX-License-Identifier: GPL-3.0-or-later
"""The double's netsh without processes: a shell whose state is a dictionary."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Output
from ansible_collections.dockmaster.ports.tests.integration.windows import reserved
from ansible_collections.dockmaster.ports.tests.integration.windows.excluded_ports import ExcludedPorts, Refused
from ansible_collections.dockmaster.ports.tests.integration.windows.programs import netsh


class FakeWindows:
    """ran: what was run, as text. lies: refusals end with 0, as some of netsh's do."""

    def __init__(self, **state: t.Any) -> None:
        self.state: t.Dict[str, t.Any] = {"language": "english", "elevated": True, "sockets": [], **state}
        self.ran: t.List[str] = []

    def lay(self, ports: ExcludedPorts, *places: str) -> None:
        for place in places:
            reserved.store(self.state, place, ports)

    def run(self, commands):
        return [self._run(command.argv) for command in commands]

    def _run(self, argv) -> Output:
        self.ran.append(" ".join(argv))
        try:
            code, text = netsh.answer(self.state, argv[1:])
        except Refused as exc:
            return Output(0 if self.state.get("lies") else 1, f"{exc}\r\n", "")
        return Output(code, text.replace("\n", "\r\n"), "")

    def changes(self) -> t.List[str]:
        return [call for call in self.ran if " show " not in call]
