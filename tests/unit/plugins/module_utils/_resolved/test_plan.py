# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.plan import (
    Plan,
    Refused,
    describe,
    release,
    take_back,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.state import State

HEAD = "# Managed by dockmaster.ports.resolved_stub: port 53 is left to containers.\n"
OFF = "[Resolve]\nDNSStubListener=no\n"
STUB_LINK = "../run/systemd/resolve/stub-resolv.conf"
UPLINK = "../run/systemd/resolve/resolv.conf"
WAS_STUB = HEAD + f"# /etc/resolv.conf was a link to {STUB_LINK}\n" + OFF
WAS_FILE = HEAD + "# /etc/resolv.conf was a file, kept as /etc/resolv.conf.dockmaster-ports\n" + OFF
SERVERS = ("192.0.2.53",)
USUAL = State(True, True, False, "", STUB_LINK, True, SERVERS)
RELEASED = State(True, False, False, "", UPLINK, False, SERVERS, WAS_STUB)

RELEASES = [
    (USUAL, Plan(WAS_STUB, UPLINK, False, True)),
    (RELEASED, Plan(WAS_STUB)),
    # an absolute link stays one
    (
        State(True, True, False, "", "/run/systemd/resolve/stub-resolv.conf", True, SERVERS),
        Plan(
            HEAD + "# /etc/resolv.conf was a link to /run/systemd/resolve/stub-resolv.conf\n" + OFF,
            "/run/systemd/resolve/resolv.conf",
            False,
            True,
        ),
    ),
    # a file of its own that names the stub is kept
    (State(True, True, False, "", "", True, SERVERS), Plan(WAS_FILE, "/run/systemd/resolve/resolv.conf", True, True)),
    # one that names other servers is left alone
    (State(True, True, False, "", "", False, SERVERS), Plan(HEAD + OFF, "", False, True)),
    (State(True, True, False, "", "/run/NetworkManager/resolv.conf", False), Plan(HEAD + OFF, "", False, True)),
    # resolved does not run, or somebody else turned the stub off
    (State(), Plan("")),
    (State(True, False, True, "", STUB_LINK, False, SERVERS), Plan("")),
    (State(True, True, True, "", STUB_LINK, False, SERVERS), Plan("", "", False, True)),
]
REFUSED = [
    (
        State(True, True, False, "/etc/systemd/resolved.conf.d/zzz.conf", STUB_LINK, True, SERVERS),
        "/etc/systemd/resolved.conf.d/zzz.conf turns the stub listener on and is read after ours: change it there",
    ),
    (
        State(True, True, False, "", STUB_LINK, True, ()),
        "systemd-resolved knows no DNS server (/run/systemd/resolve/resolv.conf names none): "
        "without its stub this host would resolve nothing",
    ),
    (
        State(True, True, False, "", "/run/NetworkManager/resolv.conf", True, SERVERS),
        "/etc/resolv.conf leads to /run/NetworkManager/resolv.conf, which names 127.0.0.53 and is another program's: "
        "change it there",
    ),
]
TAKEN_BACK = [
    (RELEASED, Plan("", STUB_LINK, False, True, back=True)),
    (USUAL, Plan("")),
    # killed while it was taken back
    (
        State(True, True, False, "", UPLINK, False, SERVERS, "", WAS_STUB),
        Plan("", STUB_LINK, False, True, back=True),
    ),
    # somebody changed resolv.conf meanwhile: it is theirs
    (State(True, False, False, "", "", False, SERVERS, WAS_STUB), Plan("", "", False, True, back=True)),
    (
        State(True, False, False, "", "/run/systemd/resolve/resolv.conf", False, SERVERS, WAS_FILE),
        Plan("", "", True, True, back=True),
    ),
    (State(False, False, False, "", UPLINK, False, (), WAS_STUB), Plan("", STUB_LINK, False, False, back=True)),
]


@pytest.mark.parametrize("state, plan", RELEASES)
def test_release(state, plan):
    assert release(state) == plan


@pytest.mark.parametrize("state, message", REFUSED)
def test_refused(state, message):
    with pytest.raises(Refused) as raised:
        release(state)

    assert str(raised.value) == message


@pytest.mark.parametrize("state, plan", TAKEN_BACK)
def test_take_back(state, plan):
    assert take_back(state) == plan


def test_describe():
    assert describe(USUAL, release(USUAL)) == [
        {
            "before_header": "/etc/resolv.conf",
            "after_header": "/etc/resolv.conf",
            "before": f"link to {STUB_LINK}\n",
            "after": f"link to {UPLINK}\n",
        },
        {"prepared": "systemd-resolved restarts\n"},
    ]
    assert describe(RELEASED, release(RELEASED)) == []
