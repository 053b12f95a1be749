# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of an action plugin as running programs on a Windows host takes. What a host would answer is a function."""

from __future__ import annotations

import base64
import json
import types

from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.script import MARK

HOST = {
    "elevated": True,
    "oem": 850,
    "ansi": 1252,
    "name": "WEB-07",
    "version": "10.0.20348.0",
    "addresses": [{"ip": "192.0.2.7", "prefix": 24, "interface": "Ethernet"}],
}
DONE = {"code": 0, "out": "", "err": "", "why": "", "missing": False, "late": False, "run": True}


def packed(text):
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


def answered(*answers, **told):
    """What the script prints: for each command what differs from one that ended well and silently."""
    plain = {"answers": [{**DONE, **answer} for answer in answers], **HOST, **told}
    return MARK + packed(json.dumps(plain)) + MARK


class FakeAction:
    """reply: what is printed. Keeps the command lines and what was asked."""

    def __init__(self, reply, err="", rc=0, transport="ssh"):
        self._reply, self._err, self._rc = reply, err, rc
        self._connection = types.SimpleNamespace(transport=transport)
        self._task = types.SimpleNamespace(action="dockmaster.ports.port_facts")
        self.lines = []
        self.asked = []

    def _low_level_execute_command(self, cmd, sudoable, in_data):
        assert not sudoable
        self.lines.append(cmd)
        self.asked.append(json.loads(base64.b64decode(in_data)))
        return {"stdout": self._reply, "stderr": self._err, "rc": self._rc}
