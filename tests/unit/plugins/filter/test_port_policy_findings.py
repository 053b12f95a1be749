# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.dockmaster.ports.plugins.filter import port_policy_findings as plugin
from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy import KEYS

port_policy_findings = plugin.FilterModule().filters()["port_policy_findings"]
POLICY = {"bands": {"databases": 5432}, "rules": {"databases": "local_only", "*": ["pinned", "not_ephemeral"]}}


def test_findings_are_plain_data():
    assert port_policy_findings(
        ["5432:5432", "127.0.0.1:5432:5432", {"publish": "80", "by": "shop/web"}], POLICY, "shop/db"
    ) == [
        {
            "rule": "local_only",
            "band": "databases",
            "summary": "shop/db wants *:5432/tcp, but such ports are for local addresses only",
            "next": "publish shop/db on 127.0.0.1",
            "want": {"publish": "5432:5432", "binding": "*:5432/tcp", "by": "shop/db"},
        },
        {
            "rule": "pinned",
            "band": "*",
            "summary": "shop/web wants any free port for 80/tcp, but host ports are to be named, one for each",
            "next": "name a host port for each container port of shop/web",
            "want": {"publish": "80", "binding": "", "by": "shop/web"},
        },
    ]


def test_a_host_s_range_comes_from_its_evidence():
    evidence = {"schema": 1, "kernel": {"port_range": [10000, 20000]}}

    assert port_policy_findings(["40000:1"], POLICY, evidence=evidence) == []
    assert [one["rule"] for one in port_policy_findings(["10000:1"], POLICY, evidence=evidence)] == ["not_ephemeral"]


@pytest.mark.parametrize(
    "publish, policy, message",
    [
        (["x"], POLICY, "'x' is not a port or a rising range of ports within 1-65535: it is the container port of 'x', "
         "expected one such as 8080 or 8000-8010"),
        (["80"], {"rule": {}}, "'rule' is not a key of the policy: expected bands, container_ports, owners, rules, ephemeral"),
    ],
)  # fmt: skip
def test_refuses(publish, policy, message):
    with pytest.raises(AnsibleFilterError) as refusal:
        port_policy_findings(publish, policy)

    assert str(refusal.value) == f"dockmaster.ports.port_policy_findings: {message}"


def test_the_documentation_names_the_policy_s_keys():
    assert set(yaml.safe_load(plugin.DOCUMENTATION)["options"]["policy"]["suboptions"]) == set(KEYS)
