# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import interfaces

COVERS = [
    # wide, narrow, whether it does
    ("eth0", "eth0", True),
    ("eth0", "eth01", False),
    ("eth*", "eth0", True),
    ("eth*", "eth*", True),
    ("eth*", "et*", False),
    ("eth0", "eth*", False),
    ("tun*", "tun", True),
    ("tun*", "", False),
]


@pytest.mark.parametrize("wide, narrow, does", COVERS)
def test_covers(wide, narrow, does):
    assert interfaces.covers(wide, narrow) is does


@pytest.mark.parametrize("name", ["eth0", "tun*", "br-0123456789ab", "wlan0.100", "fourteen-chars*"])
def test_parse(name):
    assert interfaces.parse(name) == name


@pytest.mark.parametrize("text", ["", "*", "eth0 ", "eth+", "e*h", "sixteen-chars-xx", ".", "..", 'a"b', "é0"])
def test_what_is_no_interface(text):
    message = f"{text!r} is not an interface: expected a name such as eth0, or tun*"
    with pytest.raises(interfaces.InterfaceError, match=f"^{re.escape(message)}$"):
        interfaces.parse(text)
