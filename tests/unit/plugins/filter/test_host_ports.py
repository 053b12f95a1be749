# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.dockmaster.ports.plugins.filter.host_ports import FilterModule, host_ports

PORTS = [
    ([], []),
    (["8080:80"], ["8080/tcp"]),
    (["8080:80", "127.0.0.1:8081:81", "[::1]:8080:80"], ["8080-8081/tcp"]),
    (["53:53/udp", "53:53"], ["53/tcp", "53/udp"]),
    (["8000-8010:8000-8010", "8005:80", "8012:80"], ["8000-8010/tcp", "8012/tcp"]),
    (["9000", 80], []),
    ([{"publish": "8080:80", "by": "shop/web"}, {"published": 8443, "target": 443}], ["8080/tcp", "8443/tcp"]),
]


@pytest.mark.parametrize("publish, ranges", PORTS)
def test_host_ports(publish, ranges):
    assert FilterModule().filters()["host_ports"](publish) == ranges


def test_what_is_no_published_port():
    with pytest.raises(AnsibleFilterError) as caught:
        host_ports(["web:80"])

    assert str(caught.value).startswith("dockmaster.ports.host_ports: 'web' is not a port or a rising range of ports")
