# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._backend.alternatives import NoAlternatives, choices
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost

DEBIAN = """\
Name: {0}
Link: /usr/sbin/{0}
Slaves:
 {0}-restore /usr/sbin/{0}-restore
Status: {1}
Best: /usr/sbin/{0}-nft
Value: /usr/sbin/{0}-{2}

Alternative: /usr/sbin/{0}-legacy
Priority: 10

Alternative: /usr/sbin/{0}-nft
Priority: 20
"""
RED_HAT = """\
{0} - status is {1}.
 link currently points to /usr/sbin/{0}-{2}
/usr/sbin/{0}-nft - priority 10
 follower {0}-restore: /usr/sbin/{0}-nft-restore
/usr/sbin/{0}-legacy - priority 5
Current `best' version is /usr/sbin/{0}-nft.
"""
PATHS = {"legacy": "/usr/sbin/iptables-legacy", "nft": "/usr/sbin/iptables-nft"}


def host(tool, option, text, status="auto", variant="nft", **done):
    run = {f"{tool} {option} {p}": [0, text.format(p, status, variant), ""] for p in ("iptables", "ip6tables")}
    return ReplayHost({"run": {**run, **done}})


@pytest.mark.parametrize(
    "tool, option, text", [("update-alternatives", "--query", DEBIAN), ("alternatives", "--display", RED_HAT)]
)
@pytest.mark.parametrize("status, variant", [("auto", "nft"), ("manual", "legacy")])
def test_what_is_chosen(tool, option, text, status, variant):
    four, six = choices(host(tool, option, text, status, variant))

    assert (four.program, four.variant, four.auto, four.paths, four.tool) == (
        "iptables", variant, status == "auto", PATHS, tool,
    )  # fmt: skip
    assert six.value == f"/usr/sbin/ip6tables-{variant}"


def test_none_are_kept():
    with pytest.raises(NoAlternatives) as raised:
        choices(ReplayHost({}))

    assert str(raised.value) == (
        "no alternatives are kept for iptables: install the distribution's package of the other variant"
    )


@pytest.mark.parametrize(
    "status, command",
    [("auto", "--auto iptables"), ("manual", "--set iptables /usr/sbin/iptables-nft")],
)
def test_choose_and_restore(status, command):
    said = {"update-alternatives --set iptables /usr/sbin/iptables-legacy": [2, "", "no such thing\n"]}
    machine = host(
        "update-alternatives", "--query", DEBIAN, status, **said, **{f"update-alternatives {command}": [0, "", ""]}
    )
    choice = choices(machine)[0]

    choice.restore(machine)
    with pytest.raises(NoAlternatives) as raised:
        choice.choose(machine, "legacy")

    assert str(raised.value) == "update-alternatives --set iptables /usr/sbin/iptables-legacy: no such thing"
