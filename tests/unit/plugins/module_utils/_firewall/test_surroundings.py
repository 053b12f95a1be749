# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import surroundings
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.published import Published
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.surroundings import Link

AROUND = [
    # interface, it is remembered as the engine's, bridges, foreign
    (("docker0", "bridge"), False, (), ()),
    (("br-0123456789ab", "bridge"), False, (), ()),  # after a flush, too
    (("br-0123456789ab", "bridge"), True, (), ()),
    (("br-shop", "bridge"), True, (), ()),
    (("br-lan", "bridge"), False, (), ("br-lan",)),
    (("br-lan.10", "vlan"), False, (), ("br-lan.10",)),
    (("br-0123456789ab", "veth"), False, (), ("br-0123456789ab",)),
    (("shop0", "bridge"), True, ("shop0",), ()),
    (("virbr0", "bridge"), False, (), ()),
    (("eth0", ""), False, (), ()),
]


@pytest.mark.parametrize("link, is_remembered, bridges, foreign", AROUND)
def test_of(link, is_remembered, bridges, foreign):
    found = surroundings.of([Link("lo", ""), Link(*link)], {link[0]} if is_remembered else set(), ())

    assert (found.bridges, found.foreign) == (bridges, foreign)


def test_a_bridge_that_is_not_there_may_come_back():
    assert surroundings.of([Link("lo", "")], {"shop0", "br-shop"}, ()).bridges == ("shop0",)


def test_current_leaves_out_what_is_not_published_now():
    now, lately = Published(4, "tcp", "", 80, 80, turned=True), Published(4, "tcp", "", 81, 81)

    assert surroundings.of([], set(), (now, lately)).current == (now,)
