# SPDX-License-Identifier: GPL-3.0-or-later
"""What the connection plugin psrp makes of our question: one pipeline, with the question as text on its input."""

from __future__ import annotations

import pytest

pytest.importorskip("pypsrp", reason="the connection plugin psrp needs pypsrp")

from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader

from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.script import SCRIPT


def test_the_script_runs_as_it_is_and_reads_lines_of_text(monkeypatch):
    connection = connection_loader.get("psrp", PlayContext())
    ran = []

    def run(script, input_data=None, **_more):
        ran.append((script, "".join(input_data)))  # of text: lines of it, or all in one
        return 0, b"", b""

    monkeypatch.setattr(connection, "_connect", lambda: None)
    monkeypatch.setattr(connection, "_connected", True)
    monkeypatch.setattr(connection, "_psrp_host", "web-07", raising=False)
    monkeypatch.setattr(connection, "_exec_psrp_script", run)

    connection.exec_command(SCRIPT, in_data="cXVlc3Rpb24=", sudoable=False)

    assert ran == [(SCRIPT + "\nexit $LASTEXITCODE", "cXVlc3Rpb24=")]
    assert connection.transport == "psrp"
