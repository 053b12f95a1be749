# SPDX-License-Identifier: GPL-3.0-or-later
"""What netsh dumps of port proxies."""

from __future__ import annotations

import contextlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.portproxy import Proxied, rules
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.windows_recordings import recorded

DUMP = recorded("english", "netsh-portproxy-dump.bin", "ascii")


def dump(*lines):
    return "\r\n".join(["# Port Proxy", "pushd interface portproxy", "", "reset", *lines, "", "popd", "# End", ""])


def test_every_rule():
    assert rules(DUMP) == (
        Proxied("ipv4", "", 8080, "172.20.1.5", 80,
                "add v4tov4 listenport=8080 connectaddress=172.20.1.5 connectport=80"),
        Proxied("ipv4", "192.0.2.7", 2222, "wsl.example", 22,
                "add v4tov4 listenport=2222 listenaddress=192.0.2.7 connectaddress=wsl.example connectport=22"),
        Proxied("ipv6", "::1", 8443, "172.20.1.5", 8443,
                "add v6tov4 listenport=8443 listenaddress=::1 connectaddress=172.20.1.5"),
    )  # fmt: skip


def test_no_rules():
    assert rules(dump()) == ()


@pytest.mark.parametrize(
    "text, why",
    [
        ("\r\n", "netsh printed nothing"),
        ("Element nicht gefunden.\r\n", "netsh printed no port proxies: 'Element nicht gefunden.'"),
        (dump().replace("popd", ""),
         "netsh printed no port proxies: '# Port Proxy pushd interface portproxy reset # End'"),
        (dump("add v4tov4 listenport=0"), "netsh printed a port proxy that cannot be read: 'add v4tov4 listenport=0'"),
        (dump("add v4tov4 connectport=80"),
         "netsh printed a port proxy that cannot be read: 'add v4tov4 connectport=80'"),
        (dump("add v5tov4 listenport=80"), "netsh printed a port proxy that cannot be read: 'add v5tov4 listenport=80'"),
        (dump("add"), "netsh printed a port proxy that cannot be read: 'add'"),
        (dump("add v4tov4 listenport=80 'a"),
         "netsh printed a port proxy that cannot be read: \"add v4tov4 listenport=80 'a\""),
    ],
)  # fmt: skip
def test_what_is_no_dump_is_not_an_empty_one(text, why):
    with pytest.raises(Unseen) as caught:
        rules(text)

    assert caught.value.why == why


@given(st.data())
def test_mangled_text_raises_nothing_else(data):
    at, gone = data.draw(st.integers(0, len(DUMP))), data.draw(st.integers(0, 40))
    noise = data.draw(st.text(st.sampled_from(string.printable + "\x00\udcff\u0663\uff11\u3000"), max_size=20))

    with contextlib.suppress(Unseen):
        rules(DUMP[:at] + noise + DUMP[at + gone :])


@given(st.text())
def test_any_text_raises_nothing_else(text):
    with contextlib.suppress(Unseen):
        rules(dump(text))
