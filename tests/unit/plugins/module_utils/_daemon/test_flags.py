# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.flags import clashes, flags_of, without

LINES = [
    (
        "-H fd:// --containerd=/run/containerd/containerd.sock",
        {"host": ["fd://"], "containerd": ["/run/containerd/containerd.sock"]},
    ),
    ("-H=fd:// -Hunix:///x --host tcp://y", {"host": ["fd://", "unix:///x", "tcp://y"]}),
    ("-D --userland-proxy=false --ip 127.0.0.1", {"debug": ["true"], "userland-proxy": ["false"], "ip": ["127.0.0.1"]}),
    ("-DH fd://", {"debug": ["true"], "host": ["fd://"]}),
    ("-DHfd:// -D=false", {"debug": ["true", "false"], "host": ["fd://"]}),
    ("--live-restore --dns 1.1.1.1 --dns 8.8.8.8", {"live-restore": ["true"], "dns": ["1.1.1.1", "8.8.8.8"]}),
    ("--log-opt max-size=10m", {"log-opt": ["max-size=10m"]}),
    ("--ip", {"ip": ["true"]}),
    ("stray", {}),
    ("", {}),
]
CLASHES = [
    # file, command line, version, sentences
    (
        {"hosts": ["tcp://0.0.0.0:2375"]},
        "-H fd://",
        (28,),
        ["hosts is in the file (['tcp://0.0.0.0:2375']) and on the command line (--host fd://)"],
    ),
    (
        {"userland-proxy": False},
        "--userland-proxy=false",
        (28,),
        ["userland-proxy is in the file (False) and on the command line (--userland-proxy false)"],
    ),
    ({"debug": True}, "-D", (28,), ["debug is in the file (True) and on the command line (--debug true)"]),
    ({"labels": ["a=1"]}, "--label b=2", (28,), ["labels is in the file (['a=1']) and on the command line (--label b=2)"]),
    ({"runtimes": {"x": {"path": "/x"}}}, "--add-runtime y=/y", (28,), []),
    ({"proxies": {"http-proxy": "http://p"}}, "--http-proxy http://q", (28,), [
        "http-proxy is in the file ('http://p') and on the command line (--http-proxy http://q)"
    ]),
    ({"default-network-opts": {"bridge": {"mtu": "1"}}}, "--bridge none", (28,), []),
    ({"default-network-opts": {"bridge": {"mtu": "1"}}}, "--bridge none", (23,), [
        "bridge is in the file ({'mtu': '1'}) and on the command line (--bridge none)"
    ]),
    ({"hosts": ["fd://"]}, "--containerd=/x", (28,), []),
]  # fmt: skip


@pytest.mark.parametrize("line, flags", LINES)
def test_flags_of(line, flags):
    assert flags_of(line.split()) == flags


@pytest.mark.parametrize("config, line, version, sentences", CLASHES)
def test_clashes(config, line, version, sentences):
    assert clashes(config, flags_of(line.split()), version) == sentences


def test_without_some():
    assert without(["-H", "fd://", "--config-file", "/x", "-D"], "config-file") == ["--host=fd://", "--debug=true"]
