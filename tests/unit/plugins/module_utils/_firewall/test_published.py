# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import published, saved
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.published import Published
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._firewall.fake_system import recording

PROXY = "/usr/bin/docker-proxy -proto {} -host-ip {} -host-port {} -container-ip 172.17.0.2 -container-port 80"
MANY = [
    "0.0.0.0:8080/tcp", "127.0.0.1:8081/tcp", "0.0.0.0:8053/udp", "0.0.0.0:9000/tcp", "0.0.0.0:9001/tcp",
    "0.0.0.0:9002/tcp", "0.0.0.0:8083/tcp", "0.0.0.0:8084/tcp",
]  # fmt: skip


@pytest.mark.parametrize("engine", ["20.10.24", "26.1.5", "28.5.2", "29.7.2-iptables"])
@pytest.mark.parametrize("variant", ["proxy", "noproxy"])
def test_what_an_engines_rules_publish(engine, variant):
    tables = saved.parse(recording(f"engine-{engine}-{variant}/many-ports.iptables-nft-save"))

    found = list(published.of_rules(4, tables))

    assert set(MANY) <= {str(one) for one in found}
    assert all(one.turned and not one.proxied for one in found)
    assert len(found) == len(MANY) + 1  # one has a port that the engine chose


def test_swarms_rules_have_a_socket_beside_them():
    tables = saved.parse(
        "*nat\n:DOCKER-INGRESS - [0:0]\n"
        "-A DOCKER-INGRESS -p tcp -m tcp --dport 8085 -j DNAT --to-destination 172.18.0.2:8085\n"
        "-A DOCKER-INGRESS -j RETURN\nCOMMIT\n"
    )

    assert published.merge(published.of_rules(4, tables)) == (
        Published(4, "tcp", "", 8085, 8085, turned=True, proxied=True),
        Published(6, "tcp", "", 8085, 8085, turned=False, proxied=True),
    )


@pytest.mark.parametrize(
    "line, expected",
    [
        (PROXY.format("tcp", "0.0.0.0", 8080), Published(4, "tcp", "", 8080, 8080, proxied=True)),
        (PROXY.format("udp", "::", 53) + " -use-listen-fd", Published(6, "udp", "", 53, 53, proxied=True)),
        (PROXY.format("tcp", "192.0.2.1", 80), Published(4, "tcp", "192.0.2.1", 80, 80, proxied=True)),
        (PROXY.format("sctp", "2001:db8::1", 80), Published(6, "sctp", "2001:db8::1", 80, 80, proxied=True)),
        (PROXY.format("icmp", "0.0.0.0", 80), None),
        (PROXY.format("tcp", "localhost", 80), None),
        (PROXY.format("tcp", "0.0.0.0", "x"), None),
        ("/usr/bin/docker-proxy", None),
        ("/usr/bin/other -proto tcp -host-ip 0.0.0.0 -host-port 80", None),
        ("", None),
    ],
)  # fmt: skip
def test_of_proxy(line, expected):
    assert published.of_proxy(line.split()) == expected


def test_merge_makes_one_of_what_rules_and_proxies_tell():
    rules = [Published(4, "tcp", "", port, port, turned=True) for port in (8001, 8000)]
    proxies = [Published(4, "tcp", "", port, port, proxied=True) for port in (8000, 8001, 8002)]

    assert published.merge([*rules, *proxies]) == (
        Published(4, "tcp", "", 8000, 8001, turned=True, proxied=True),
        Published(4, "tcp", "", 8002, 8002, proxied=True),
    )


def test_bindings_leave_loopback_out_and_do_not_care_who_answers():
    found = [
        Published(4, "tcp", "", 8000, 8001, turned=True, proxied=True),
        Published(4, "tcp", "", 8002, 8002, proxied=True),
        Published(4, "tcp", "127.0.0.1", 8003, 8003, turned=True),
        Published(6, "tcp", "::1", 8003, 8003, proxied=True),
    ]

    assert published.bindings(found) == (Published(4, "tcp", "", 8000, 8002),)


@pytest.mark.parametrize(
    "one, text",
    [
        (Published(4, "tcp", "", 80, 80), "0.0.0.0:80/tcp"),
        (Published(6, "udp", "", 80, 90), "[::]:80-90/udp"),
        (Published(6, "tcp", "2001:db8::1", 80, 80), "[2001:db8::1]:80/tcp"),
    ],
)
def test_text(one, text):
    assert str(one) == text
