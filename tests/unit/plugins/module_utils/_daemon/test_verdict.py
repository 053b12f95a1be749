# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import Launch
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.verdict import Refused, judge, judge_with_host
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost

NEW = Launch(
    ("-H", "fd://", "--config-file", "/etc/docker/daemon.json"),
    "unit docker.service",
    "/usr/bin/dockerd",
    1,
    (28, 5, 2),
)
OLD = Launch(("-H", "fd://"), "unit docker.service", "/usr/sbin/dockerd", 1, (20, 10, 24))
VALIDATE = "/usr/bin/dockerd --validate --config-file=/tmp/new.json --host=fd://"
OK = [0, "", "configuration OK\n"]
HELP = """
Options:
      --add-runtime runtime                     Register
      --config-file string                      Daemon configuration file
  -H, --host list                               Daemon socket(s)
      --label list                              Set key=value labels
      --userland-proxy                          Use userland proxy
"""
REFUSED = [
    (NEW, {"userland-proxy": "no"}, "userland-proxy is 'no': expected true or false"),
    (NEW, {"userland-proxy": 0}, "userland-proxy is 0: expected true or false"),
    (NEW, {"mtu": True}, "mtu is True: expected a whole number"),
    (NEW, {"mtu": 1500.5}, "mtu is 1500.5: expected a whole number"),
    (NEW, {"dns": "8.8.8.8"}, "dns is '8.8.8.8': expected a list"),
    (NEW, {"log-opts": []}, "log-opts is []: expected a mapping"),
    (NEW, {"ip": 127}, "ip is 127: expected a text"),
    # an engine before 23 cannot be asked, and does not start
    (OLD, {"log-opts": {"max-size": "10m", "max-file": 3}}, "log-opts.max-file is 3: expected a text"),
    (OLD, {"labels": ["a=1", 2]}, "item 2 of labels is 2: expected a text"),
    (OLD, {"features": {"buildkit": "yes"}}, "features.buildkit is 'yes': expected true or false"),
    (
        OLD,
        {"default-address-pools": ["10.0.0.0/8"]},
        "item 1 of default-address-pools is '10.0.0.0/8': expected a mapping",
    ),
    (OLD, {"default-ulimits": {"nofile": 5}}, "default-ulimits.nofile is 5: expected a mapping"),
    (OLD, {"runtimes": {"kata": "/usr/bin/kata"}}, "runtimes.kata is '/usr/bin/kata': expected a mapping"),
    (OLD, {"default-shm-size": 64}, "default-shm-size is 64: expected a text"),
    (
        NEW,
        {"hosts": ["tcp://0.0.0.0:2375"]},
        "an engine does not start with an option in both places: hosts is in the file (['tcp://0.0.0.0:2375']) and on the "
        "command line (--host fd://); remove it from the command line (unit docker.service) or leave it out of the file",
    ),
    (
        OLD,
        {"default-network-opts": {"bridge": {"x": "y"}}, "labels": ["a=1"]},
        "/usr/sbin/dockerd 20.10.24 ignores default-network-opts: engines read it since 24",
    ),
    (OLD, {"nonsense": 1}, "/usr/sbin/dockerd 20.10.24 does not know nonsense, and would not start"),
]


def dockerd(answer=None):
    return ReplayHost({"run": {VALIDATE: answer or OK, "/usr/sbin/dockerd --help": [0, HELP, ""]}})


@pytest.mark.parametrize("launch, config, message", REFUSED)
def test_an_engine_would_not_start(launch, config, message):
    with pytest.raises(Refused) as raised:
        judge(dockerd(), launch, config, "/tmp/new.json")

    assert str(raised.value) == message


@pytest.mark.parametrize(
    "launch, config, by",
    [
        (NEW, {"of-a-release-to-come": 1}, "dockerd"),
        (OLD, {"userland-proxy": False, "features": {"buildkit": True}, "runtimes": {}}, "help"),
        (Launch(), {"userland-proxy": False}, "nobody"),
        (Launch(), {"debug": None, "dns": None, "log-opts": {"max-file": None}, "labels": [None]}, "nobody"),
        (Launch(), {"builder": {"gc": {"enabled": True}}, "proxies": {"http-proxy": "http://p"}}, "nobody"),
    ],
)
def test_who_validated(launch, config, by):
    assert judge(dockerd(), launch, config, "/tmp/new.json") == by


def test_dockerd_says_why():
    words = "unable to configure the Docker daemon with file /tmp/new.json: the following directives don't match: x\n"

    with pytest.raises(Refused) as raised:
        judge(dockerd([1, "", words]), NEW, {"x": 1}, "/tmp/new.json")

    assert str(raised.value) == (
        "/usr/bin/dockerd --validate: unable to configure the Docker daemon with file the new file: "
        "the following directives don't match: x"
    )


def test_a_dockerd_that_helps_with_nothing_validates_nothing():
    host = ReplayHost({"run": {"/usr/sbin/dockerd --help": [1, "", "boom"]}})

    assert judge(host, OLD, {"x": 1}, "/tmp/new.json") == "nobody"


WITH_HOST = [
    ({"live-restore": True}, False, "1", ""),
    ({"live-restore": True}, True, "1", "live-restore does not go with swarm mode: this engine is in a swarm, and would not start again"),
    ({"live-restore": False}, True, "1", ""),
    ({"firewall-backend": "nftables"}, True, "1", "firewall-backend nftables does not go with swarm mode: this engine is in a swarm"),
    ({"firewall-backend": "nftables", "features": {"swarm-nftables": True}}, True, "1", ""),
    ({"firewall-backend": "nftables"}, False, "1", ""),
    ({"firewall-backend": "nftables"}, False, "0", "firewall-backend nftables needs net.ipv4.ip_forward=1, which is 0 here: the engine would not start"),
    ({"firewall-backend": "nftables", "ip-forward": False}, False, "0", ""),
    ({"firewall-backend": "iptables"}, True, "0", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    "recording, starts",
    [
        ({"names": {"/proc/sys/net/bridge": ["bridge-nf-call-iptables"]}}, True),
        ({"run": {"modprobe --dry-run br_netfilter": [0, "", ""]}}, True),
        ({"run": {"modprobe --dry-run br_netfilter": [1, "", "not found"]}}, False),
        ({}, True),  # nobody can tell
    ],
)
def test_without_the_proxy_the_kernel_needs_br_netfilter(recording, starts):
    if starts:
        judge_with_host(ReplayHost(recording), {"userland-proxy": False}, swarm=False)
        return
    with pytest.raises(Refused) as raised:
        judge_with_host(ReplayHost(recording), {"userland-proxy": False}, swarm=False)
    judge_with_host(ReplayHost(recording), {"userland-proxy": False, "iptables": False}, swarm=False)

    assert str(raised.value) == (
        "userland-proxy off needs the kernel's br_netfilter, which this one lacks: it would not start"
    )


@pytest.mark.parametrize("config, swarm, forward, message", WITH_HOST)
def test_what_no_validation_looks_at(config, swarm, forward, message):
    host = ReplayHost({"read": {"/proc/sys/net/ipv4/ip_forward": forward + "\n"}, "names": {}})
    said = ""
    try:
        judge_with_host(host, config, swarm)
    except Refused as exc:
        said = str(exc)

    assert said == message
