# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has a port that Windows refused to reserve."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.rows import PERSISTENT, Command
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.settle import Missed
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.users import users
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Output

SOCKETS = """
  Proto  Local Address          Foreign Address        State           PID
  TCP    0.0.0.0:8080           0.0.0.0:0              LISTENING       4711
  TCP    [::]:8080              [::]:0                 LISTENING       4711
  TCP    192.0.2.7:8089         192.0.2.9:443          ESTABLISHED     12
  TCP    192.0.2.7:8095         192.0.2.9:443          WARTEND         0
  UDP    0.0.0.0:8081           *:*                                    12
""".replace("\n", "\r\n")
TASKS = '"System Idle Process","0","N/A"\r\n"nginx.exe","4711","N/A"\r\n'
KNOWN = "Windows reserves no port that a program has"

SAID = [
    (8080, 8089, SOCKETS, TASKS, ["nginx.exe (pid 4711) has 8080/tcp", "process 12 has 8089/tcp", KNOWN]),
    (8095, 8095, SOCKETS, TASKS, ["a connection in TIME-WAIT has 8095/tcp", KNOWN]),
    (8080, 8080, SOCKETS, "", ["process 4711 has 8080/tcp", KNOWN]),
    (8081, 8081, SOCKETS, TASKS, [f"{KNOWN}, and none is seen that has one of these"]),
    (8080, 8080, "", TASKS, [f"{KNOWN}, and who has which is not seen: netstat printed nothing"]),
]


@pytest.mark.parametrize("first, last, sockets, tasks, sentences", SAID)
def test_users(first, last, sockets, tasks, sentences):
    missed = Missed(("ipv4", "tcp"), Command("add", first, last, PERSISTENT))

    assert users([missed], Output(0, sockets, ""), Output(0, tasks, "")) == sentences


def test_a_netstat_that_failed_has_not_told_all():
    missed = Missed(("ipv4", "tcp"), Command("add", 8081, 8081, PERSISTENT))

    assert users([missed], Output(-1, SOCKETS, ""), Output(0, TASKS, ""))[0].startswith(
        f"{KNOWN}, and who has which is not seen: netstat failed (exit status -1): Proto"
    )
