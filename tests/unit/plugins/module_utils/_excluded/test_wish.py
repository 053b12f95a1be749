# SPDX-License-Identifier: GPL-3.0-or-later
"""The ports that a task names."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.wish import wishes
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ports import PortsError, text

WISHES = [
    (["8080"], "tcp", "present", {"tcp": "8080"}),
    (["8080-8082", "8081,9000"], "tcp", "present", {"tcp": "8080-8082,9000"}),
    (["8080", "53/udp"], "tcp", "present", {"tcp": "8080", "udp": "53"}),
    (["53/both"], "udp", "present", {"tcp": "53", "udp": "53"}),
    (["53"], "both", "absent", {"tcp": "53", "udp": "53"}),
    ([], "tcp", "present", {}),
    ([], "tcp", "exactly", {"tcp": ""}),
    (["53/udp"], "tcp", "exactly", {"tcp": "", "udp": "53"}),
]


@pytest.mark.parametrize("ranges, protocol, state, found", WISHES)
def test_wishes(ranges, protocol, state, found):
    named = wishes(ranges, protocol, state, "active")

    assert {name: text(wish.ports) for name, wish in named.items()} == found
    assert all((wish.state, wish.store) == (state, "active") for wish in named.values())


NONE = [
    ("", "'' is not a port or a range of ports, such as 8080, 8000-8010 or 53/udp"),
    ("/udp", "'/udp' is not a port or a range of ports, such as 8080, 8000-8010 or 53/udp"),
    ("53/sctp", "'53/sctp' has protocol 'sctp': expected tcp, udp or both, such as 53/udp"),
    ("53/", "'53/' has protocol '': expected tcp, udp or both, such as 53/udp"),
    ("0", "'0' is not a port or a rising range of ports within 1-65535, such as 8080 or 30000-30100"),
    ("web", "'web' is not a port or a rising range of ports within 1-65535, such as 8080 or 30000-30100"),
]


@pytest.mark.parametrize("name, message", NONE)
def test_what_is_none(name, message):
    with pytest.raises(PortsError) as caught:
        wishes([name], "tcp", "present", "active")

    assert str(caught.value) == message
