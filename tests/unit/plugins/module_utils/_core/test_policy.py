# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy import RULES, PolicyError, policy_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy_rules import findings_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Kernel

BANDS = {"api": "3000-3099", "databases": ["5432-5499", 3306], "web": [80, 443]}


def said(policy, publish, by="shop/web", kernel=None):
    found = findings_of(policy_of({"bands": BANDS, **policy}), wants_of(publish, by), kernel)
    return [(finding.rule, finding.band, finding.summary) for finding in found]


LOCAL = "such ports are for local addresses only"
CASES = [
    # policy, publish, findings
    ({}, ["80:80", "5432:5432", "3000"], []),
    ({"rules": {"databases": "local_only"}}, ["5432:5432"],
     [("local_only", "databases", f"shop/web wants *:5432/tcp, but {LOCAL}")]),
    ({"rules": {"databases": "local_only"}}, ["5400-5432:5400-5432"],
     [("local_only", "databases", f"shop/web wants *:5400-5432/tcp, but {LOCAL}")]),
    ({"rules": {"databases": "local_only"}}, ["127.0.0.1:5432:5432", "[::1]:5432:5432", "127.1.2.3:3306:1", "6000:5432"], []),
    ({"rules": {"databases": "local_only"}, "container_ports": {"databases": 5432}}, ["6000:5432", "5432"],
     [("local_only", "databases", f"shop/web wants *:6000/tcp, but {LOCAL}"),
      ("local_only", "databases", f"shop/web wants any free port for 5432/tcp, but {LOCAL}")]),
    ({"rules": {"databases": "not_published"}}, ["127.0.0.1:5432:5432"],
     [("not_published", "databases",
       "shop/web wants 127.0.0.1:5432/tcp, but such ports are not published: containers reach each other over a network")]),
    ({"rules": {"*": "pinned"}}, ["80", "8000-8010:80", "8000:80", "8000-8001:80-81"],
     [("pinned", "*", "shop/web wants any free port for 80/tcp, but host ports are to be named, one for each"),
      ("pinned", "*", "shop/web wants one port of *:8000-8010/tcp, but host ports are to be named, one for each")]),
    ({"rules": {"*": "unprivileged"}}, ["1023:1", "1024:1", "1"],
     [("unprivileged", "*", "shop/web wants *:1023/tcp, but ports below 1024 are not for containers here")]),
    ({"rules": {"*": "not_ephemeral"}}, ["32767:1", "32768:1", "60999:1", "61000:1", "30000-40000:30000-40000"],
     [("not_ephemeral", "*", f"shop/web wants *:{port}/tcp, but the kernel gives ports of 32768-60999 to clients")
      for port in ("32768", "60999", "30000-40000")]),
    ({"rules": {"*": "not_ephemeral"}, "ephemeral": "10000-20000"}, ["32768:1", "10000:1"],
     [("not_ephemeral", "*", "shop/web wants *:10000/tcp, but the kernel gives ports of 10000-20000 to clients")]),
    ({"rules": {"*": "browser_safe"}}, ["6000:1", "6000:1/udp", "6001:1", "6663-6670:6663-6670"],
     [("browser_safe", "*", "shop/web wants *:6000/tcp, but browsers refuse to open port 6000"),
      ("browser_safe", "*", "shop/web wants *:6663-6670/tcp, but browsers refuse to open port 6665")]),
    ({"rules": {"databases": ["local_only", "pinned"], "*": ["pinned", "local_only"]}}, ["5432-5440:5432"],
     [("local_only", "databases", f"shop/web wants one port of *:5432-5440/tcp, but {LOCAL}"),
      ("pinned", "databases", "shop/web wants one port of *:5432-5440/tcp, but host ports are to be named, one for each")]),
    ({"owners": {"api": ["blog/*", "news"]}}, ["3000:80", "8000:80"],
     [("owner", "api", "shop/web wants *:3000/tcp, but ports of api are kept for blog/*, news")]),
    ({"owners": {"api": "shop/*"}}, ["3000:80", "3000-3099:3000-3099"], []),
    ({"owners": {"api": "shop/*"}}, ["8000:80", "3090-3100:3090-3100", "80"],
     [("band", "api", f"shop/web wants {what}, but its ports are those of api (3000-3099)")
      for what in ("*:8000/tcp", "*:3090-3100/tcp", "any free port for 80/tcp")]),
    ({"owners": {"api": "shop/*", "web": "shop/web"}}, ["443:80", "8000:80"],
     [("band", "api", "shop/web wants *:8000/tcp, but its ports are those of api (3000-3099), web (80, 443)")]),
    ({"owners": {"databases": "shop.*"}}, ["8000:80"], []),
]  # fmt: skip


@pytest.mark.parametrize("policy, publish, findings", CASES)
def test_findings(policy, publish, findings):
    assert said(policy, publish) == findings


@pytest.mark.parametrize(
    "policy, publish, remedy",
    [
        ({"rules": {"databases": "local_only"}}, "5432:5432", "publish shop/web on 127.0.0.1"),
        (
            {"rules": {"databases": "not_published"}},
            "5432:5432",
            "do not publish shop/web: give those who need it a network with it",
        ),
        ({"rules": {"*": "pinned"}}, "80", "name a host port for each container port of shop/web"),
        ({"rules": {"*": "unprivileged"}}, "80:80", "publish shop/web on a host port from 1024 on"),
        ({"rules": {"*": "not_ephemeral"}}, "40000:80", "publish shop/web on a host port outside of 32768-60999"),
        ({"rules": {"*": "browser_safe"}}, "6000:80", "publish shop/web on another host port"),
        ({"owners": {"api": "blog/*"}}, "3000:80", "publish shop/web outside of api (3000-3099)"),
        ({"owners": {"web": "shop/*"}}, "8000:80", "publish shop/web on a host port of web (80, 443)"),
    ],
)
def test_what_to_do_instead(policy, publish, remedy):
    [finding] = findings_of(policy_of({"bands": BANDS, **policy}), wants_of(publish, "shop/web"))

    assert finding.remedy == remedy


def test_every_rule_has_a_case():
    assert set(RULES) == {rule for _policy, _publish, findings in CASES for rule, _band, _text in findings} - {
        "owner",
        "band",
    }


def test_nobody_is_a_container():
    [(_rule, _band, text)] = said({"rules": {"*": "pinned"}}, ["80"], by="")

    assert text.startswith("a container wants ")


@pytest.mark.parametrize(
    "kernel, drawn",
    [
        (Kernel(port_range=(10000, 20000)), ["9999:1", "10000:1", "20000:1", "20001:1"]),
        (
            Kernel(port_range=(10000, 20000), reserved=((10000, 10000), (19999, 30000))),
            ["10000:1", "10001:1", "19998:1", "19999:1"],
        ),
        (
            Kernel(port_range=(10000, 20000), reserved=((1, 9999), (15000, 15001))),
            ["9999:1", "10000:1", "14999:1", "15001:1"],
        ),
    ],
)
def test_a_host_s_own_range_without_what_is_reserved(kernel, drawn):
    found = findings_of(policy_of({"rules": {"*": "not_ephemeral"}}), wants_of(drawn), kernel)

    assert [finding.want.publish for finding in found] == drawn[1:3]


def test_a_kernel_that_was_not_seen_leaves_the_policy_s_range():
    assert said({"rules": {"*": "not_ephemeral"}}, ["32768:1"], kernel=Kernel())


REFUSES = [
    ([], "the policy: [] is not a mapping"),
    ({"band": {}}, "'band' is not a key of the policy: expected bands, container_ports, owners, rules, ephemeral"),
    ({"bands": []}, "bands: [] is not a mapping"),
    ({"bands": {1: "80"}}, "bands: 1 is not text: put it in quotes"),
    (
        {"bands": {"a": "9-8"}},
        "bands: a: '9-8' is not a rising range of ports within 1-65535: expected one such as 8000-8999",
    ),
    ({"bands": {"a": []}}, "bands: a: it is empty: expected ports such as 8000-8999"),
    ({"bands": {"a": "80-90", "b": ["1-9", "85-99"]}}, "bands: a and b share 85-90: expected bands that are apart"),
    ({"bands": {"a": "80-90", "b": 90}}, "bands: a and b share 90: expected bands that are apart"),
    ({"bands": {"api": 1}, "rules": {"apis": "pinned"}}, "'apis' is not a band, in rules: expected api, *"),
    ({"rules": {"*": "pined"}}, f"'pined' is not a rule, in rules: *: expected {', '.join(RULES)}"),
    ({"rules": {"*": "zz"}}, f"'zz' is not a rule, in rules: *: expected {', '.join(RULES)}"),
    ({"rules": {"*": 1}}, "rules: *: 1 is not text such as shop/*"),
    ({"bands": {"a": 1}, "owners": {"a": [""]}}, "owners: a: '' is not text such as shop/*"),
    ({"bands": {"a": 1}, "owners": {"*": "shop/*"}}, "'*' is not a band, in owners: expected a"),
    ({"bands": {"a": 1}, "container_ports": {"*": 80}}, "'*' is not a band, in container_ports: expected a"),
    ({"container_ports": {"x": 1}}, "'x' is not a band, in container_ports: there is none"),
    ({"bands": {"*": 80}}, "bands: '*' stands for every band, in rules: expected a name of its own"),
    ({"ephemeral": ["1-9", "20-30"]}, "ephemeral: ['1-9', '20-30'] is more than one range of ports"),
    (
        {"ephemeral": "x"},
        "ephemeral: 'x' is not a rising range of ports within 1-65535: expected one such as 8000-8999",
    ),
]


@pytest.mark.parametrize("data, message", REFUSES)
def test_refuses(data, message):
    with pytest.raises(PolicyError) as refusal:
        policy_of(data)

    assert str(refusal.value) == message
