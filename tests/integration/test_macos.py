# SPDX-License-Identifier: GPL-3.0-or-later
"""port_facts and port_check as Ansible ships them to a Mac.

The target's Python takes its system for Darwin; sw_vers, sysctl, ifconfig, launchctl and pfctl print what was recorded;
lsof, ps and the kernel are this machine's own, in namespaces of their own.
"""

from __future__ import annotations

import os
import shlex
import sys

import pytest

from ansible_collections.dockmaster.ports.tests.integration.support.lookalike import Lookalike
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.macos.macos_words import (
    INFO,
    RECORDINGS,
    WEB,
)
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils.fake_engine import FakeEngine, Reply

pytestmark = [
    pytest.mark.skipif(
        not sys.platform.startswith("linux") or os.geteuid() != 0, reason="needs namespaces, so root on Linux"
    ),
    pytest.mark.skipif(not os.path.exists("/usr/bin/lsof"), reason="lsof is not installed"),
]

LAY = """set -e
rm -f listening
ip link set lo up
"$0" listen.py &
while ! test -e listening; do sleep 0.05; done
"$@"
"""
LISTEN = """import socket, time
sock = socket.socket()
sock.bind(("127.0.0.1", 3000))
sock.listen()
open("listening", "w").close()
time.sleep(600)
"""
DARWIN = """import os
here = os.uname()
os.uname = lambda: os.uname_result(("Darwin", *here[1:]))
"""
PRINTED = {"sw_vers": "sw_vers", "launchctl": "launchctl", "ifconfig": "ifconfig", "sysctl": "sysctl"}
ENGINE = {"/info": Reply(INFO), "/containers/json?all=1": Reply([WEB]), "/networks": Reply([])}


class Mac(Lookalike):
    inside = (
        *("unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"),
        *("sh", "-c", LAY, sys.executable),
    )

    def lay(self) -> Mac:
        (self.folder / "listen.py").write_text(LISTEN)
        (self.folder / "site").mkdir()
        (self.folder / "site" / "sitecustomize.py").write_text(DARWIN)
        for name, recorded in PRINTED.items():
            self.program(f"bin/{name}", f"cat {shlex.quote(str(RECORDINGS / 'desktop' / recorded))}.txt")
        self.program("bin/pfctl", "echo 'Status: Disabled for 0 days 00:10:00           Debug: Urgent'")
        python = self.program("bin/python", f'PYTHONPATH={self.folder}/site exec {sys.executable} "$@"')
        self.variables["ansible_python_interpreter"] = str(python)
        return self


def test_facts(tmp_path):
    with FakeEngine(str(tmp_path / "docker.sock"), ENGINE) as engine:
        facts = Mac(tmp_path).lay().look("port_facts", docker_host=engine.endpoint)["ansible_facts"]["ports"]

    told = facts["platform"]
    assert (told["system"], told["distribution"], told["version"]) == ("Darwin", "macos", "14.5")
    assert facts["kernel"]["port_range"] == [49152, 65535]
    held = [(one["ip"], one["port"], one["state"]) for one in facts["sockets"] if one["pid"]]
    assert ("127.0.0.1", 3000, "listen") in held
    listener = next(one for one in facts["sockets"] if one["port"] == 3000)
    assert listener["command"].startswith("python")
    assert listener["started"] > 1.7e9
    assert [one["by"] for one in facts["publications"]] == ["shop/web"] * 2
    assert (facts["units"], facts["nat"]) == ([], [])
    assert [one for one in facts["blind"] if one["hides"]] == []


def test_check(tmp_path):
    mac = Mac(tmp_path).lay()
    with FakeEngine(str(tmp_path / "docker.sock"), ENGINE) as engine:
        options = {"docker_host": engine.endpoint, "fail_on": "never", "by": "shop/new"}
        found = mac.look("port_check", publish=["4000:80", "3000:80", "8080:80"], **options)

    assert [(one["verdict"], one["unjudged"]) for one in found["wants"]] == [
        ("free", {}),
        ("blocked", {}),
        ("blocked", {}),
    ]
    who = found["wants"][1]["findings"][0]["holder"]
    assert (who["kind"], who["name"].startswith("python")) == ("process", True)
    assert [one["id"] for one in found["wants"][1]["findings"][0]["remedies"]] == ["move_want", "end_process"]
    assert found["wants"][2]["findings"][0]["summary"] == (
        "shop/new wants *:8080/tcp, but container web has *:8080/tcp"
    )
