# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a rule of a policy can ask for, asked by real clients, in both backends.

The host has two addresses in one network and one in another one; IPv6 is answered by docker-proxy, in INPUT.
"""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.tests.integration.support.engine import Engine
from ansible_collections.dockmaster.ports.tests.integration.support.street import (
    ANSWER,
    FRIEND,
    FRIEND6,
    HOST,
    HOST6,
    SILENT,
    STRANGER,
    Street,
    lacking,
    opened,
)

pytestmark = pytest.mark.skipif(bool(lacking()), reason=f"an engine with firewalls needs {lacking()}")

SECOND = "192.0.2.2"  # another address of the host
FAR, FAR6, FAR_HOST, FAR_HOST6 = "198.51.100.10", "2001:db8:2::10", "198.51.100.1", "2001:db8:2::1"
ASKS = [
    (FRIEND, HOST, 8080),
    (STRANGER, HOST, 8080),
    (FRIEND, SECOND, 8080),
    (FAR, FAR_HOST, 8080),
    (FRIEND6, HOST6, 8080),
    (FAR6, FAR_HOST6, 8080),
]
SIGNS = {ANSWER: "y", SILENT: "-", "refused": "r"}

ALLOW = {"ports": [8080], "action": "allow"}
DENY, REJECT = {**ALLOW, "action": "deny"}, {**ALLOW, "action": "reject"}
EVERY = {"ports": ["all"], "action": "allow"}
RULES = [
    # default, rules, the answers to ASKS
    ("deny", [], "------"),
    ("deny", [EVERY], "yyyyyy"),
    ("deny", [{**ALLOW, "ports": ["8000-8079", "8081-9000", 80, "8080/udp"]}], "------"),
    ("deny", [{**ALLOW, "ports": ["8000-8080"], "log": True, "comment": '"web" -j ACCEPT'}], "yyyyyy"),
    ("allow", [{**DENY, "ports": [80]}], "yyyyyy"),
    ("allow", [{**DENY, "sources": ["192.0.2.60-192.0.2.70"], "log": True}], "y-yyyy"),
    ("deny", [{**ALLOW, "sources": ["0.0.0.0/0"]}], "yyyy--"),
    ("deny", [{**ALLOW, "sources": ["2001:db8::/64", FAR]}], "---yy-"),
    ("deny", [{**ALLOW, "host_ip": HOST}], "yy----"),
    ("deny", [{**ALLOW, "host_ip": "192.0.2.0/24"}], "yyy---"),
    ("deny", [{**ALLOW, "host_ip": HOST6}], "----y-"),
    ("deny", [{**ALLOW, "host_ip": SECOND, "sources": [FRIEND, FRIEND6]}], "--y---"),
    ("deny", [{**ALLOW, "in_interfaces": ["far"]}], "---y-y"),
    ("deny", [{**ALLOW, "in_interfaces": ["tun0", "out*"]}], "yyy-y-"),
    ("deny", [{**REJECT, "in_interfaces": ["fa*"]}, ALLOW], "yyyryr"),
    ("allow", [{**EVERY, "action": "reject", "sources": [FRIEND6, STRANGER]}], "yryyry"),
    ("deny", [{**DENY, "sources": [FRIEND]}, ALLOW, REJECT], "-y-yyy"),
]


@pytest.fixture(scope="module", params=["iptables", "nftables"])
def street(request, tmp_path_factory):
    with Engine(tmp_path_factory.mktemp(request.param)) as engine:
        street = Street(engine)
        for command in (
            f"ip addr add {SECOND}/24 dev outside",
            "ip link add far type veth peer name remote netns client",
            f"ip addr add {FAR_HOST}/24 dev far",
            f"ip addr add {FAR_HOST6}/64 dev far nodad",
            "ip link set far up",
            f"ip -n client addr add {FAR}/24 dev remote",
            f"ip -n client addr add {FAR6}/64 dev remote nodad",
            "ip -n client link set remote up",
        ):
            street.run(*command.split())
        street.web("web", "-p", "8080:80")
        assert set(opened(street, *ASKS)) == {ANSWER}
        (engine.folder / "daemon.json").write_text(f'{{"firewall-backend": "{request.param}"}}')
        yield street


def answers(street):
    return "".join(SIGNS.get(said, said) for said in street.ask(*ASKS, seconds=0.7))


@pytest.mark.parametrize("default, rules, expected", RULES)
def test_rules(street, default, rules, expected):
    street.lay({"default": default, "rules": rules})

    assert answers(street) == expected


def test_trusted_interfaces(street):
    street.lay({"default": "deny", "rules": [DENY], "trusted_interfaces": ["tun0", "fa*"]})

    assert answers(street) == "---y-y"


def test_allow_accepts_nothing_by_itself(street):
    bans = [f"iptables -I DOCKER-USER -s {FRIEND} -j DROP", f"ip6tables -I INPUT -s {FRIEND6} -j DROP"]
    for ban in bans:
        street.run(*ban.split())
    try:
        street.lay({"default": "deny", "rules": [EVERY]})
        assert answers(street) == "-y-y-y"
    finally:
        for ban in bans:
            street.run(*ban.replace("-I", "-D").split())
