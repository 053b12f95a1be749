# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP sockets beside one another on macOS, whose kernel lets both listen and gives the narrower one the traffic."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import process
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.binds import Bind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Platform
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import host, judge, verdicts

MAC, LINUX = Platform(system="Darwin"), Platform()
HERE = "127.0.0.1"
PASSES, REFUSED = "", "EADDRINUSE"
NOT_TRIED = None

#  holder's address, v6only, wanted,                    what the probe's binds met         on a Mac     on Linux
CASES = [
    (HERE, None, "0.0.0.0:80:80", PASSES, "diverted", "free"),
    (HERE, None, "0.0.0.0:80:80", REFUSED, "blocked", "blocked"),
    (HERE, None, "0.0.0.0:80:80", NOT_TRIED, "diverted", "blocked"),
    (HERE, None, "127.0.0.1:80:80", PASSES, "free", "free"),
    (HERE, None, "127.0.0.1:80:80", NOT_TRIED, "blocked", "blocked"),
    ("0.0.0.0", None, "127.0.0.1:80:80", PASSES, "at_risk", "free"),
    ("0.0.0.0", None, "127.0.0.1:80:80", REFUSED, "blocked", "blocked"),
    ("0.0.0.0", None, "127.0.0.1:80:80", NOT_TRIED, "blocked", "blocked"),
    ("0.0.0.0", None, "0.0.0.0:80:80", NOT_TRIED, "blocked", "blocked"),
    ("::", None, "0.0.0.0:80:80", PASSES, "free", "free"),
    ("::", None, "0.0.0.0:80:80", REFUSED, "blocked", "blocked"),
    ("::", None, "127.0.0.1:80:80", PASSES, "at_risk", "free"),
    ("::1", None, "[::]:80:80", PASSES, "diverted", "free"),
    ("192.168.1.23", None, "127.0.0.1:80:80", NOT_TRIED, "free", "free"),
]  # fmt: skip


def judged(platform, ip, v6only, publish, outcome, protocol="tcp"):
    wanted = publish.rpartition(":")[0].rpartition(":")[0].strip("[]")
    tried = () if outcome is None else (Bind(wanted, protocol, 80, outcome, "bind" if outcome else ""),)
    socket = Socket(ip, protocol, 80, "listen", v6only=v6only, pid=7, command="httpd")
    evidence = host(platform=platform, sockets=(socket,), binds=tried)
    return verdicts(judge(evidence, publish + ("/udp" if protocol == "udp" else ""), process))


@pytest.mark.parametrize("ip, v6only, publish, outcome, mac, linux", CASES)
def test_tcp(ip, v6only, publish, outcome, mac, linux):
    assert judged(MAC, ip, v6only, publish, outcome) == [mac]
    assert judged(LINUX, ip, v6only, publish, outcome) == [linux]


@pytest.mark.parametrize("outcome, verdict", [(PASSES, "diverted"), (REFUSED, "blocked"), (NOT_TRIED, "blocked")])
def test_udp_is_judged_as_everywhere(outcome, verdict):
    assert judged(MAC, HERE, None, "0.0.0.0:80:80", outcome, "udp") == [verdict]


def test_a_host_that_was_not_asked_what_it_is_counts_as_linux():
    assert judged(None, HERE, None, "0.0.0.0:80:80", NOT_TRIED) == ["blocked"]
