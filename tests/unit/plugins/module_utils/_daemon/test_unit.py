# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon import unit

# As systemd 257 prints it
SHOWN = """\
MainPID=176
ExecStart={ path=/usr/sbin/dockerd ; argv[]=/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock \
$DOCKER_OPTS ; ignore_errors=no ; start_time=[Sat 2026-11-21 12:21:22 UTC] ; stop_time=[n/a] ; pid=176 ; code=(null) ; \
status=0/0 }
Environment=A=1 "B=two words"
EnvironmentFiles=/etc/default/docker (ignore_errors=yes)
EnvironmentFiles=/etc/docker/extra (ignore_errors=no)
LoadState=loaded
"""
EXPANDED = [
    ("dockerd $OPTS -x", {"OPTS": "--ip 127.0.0.1  -D"}, ["dockerd", "--ip", "127.0.0.1", "-D", "-x"]),
    ("dockerd $OPTS -x", {}, ["dockerd", "-x"]),
    ("dockerd --ip=${IP}", {"IP": "127.0.0.1"}, ["dockerd", "--ip=127.0.0.1"]),
    ("dockerd ${OPTS}", {"OPTS": "a b"}, ["dockerd", "a b"]),
    ("dockerd --label=a$$b --label=c$d", {}, ["dockerd", "--label=a$b", "--label=c$d"]),
]
FILES = [
    ('# DOCKER_OPTS="--dns 8.8.8.8"\n\nDOCKER_OPTS="--ip 127.0.0.1"\n', {"DOCKER_OPTS": "--ip 127.0.0.1"}),
    ("; no\nA=1 \\\n 2\nB='x y'\nC=\n", {"A": "1   2", "B": "x y", "C": ""}),
    ('A="say \\"yes\\""\n', {"A": 'say "yes"'}),
]


def test_what_systemctl_shows():
    shown = unit.parse_show(SHOWN)
    start = shown["ExecStart"][0]

    assert unit.program_of(start) == "/usr/sbin/dockerd"
    assert unit.words_of(start) == [
        "/usr/sbin/dockerd",
        "-H",
        "fd://",
        "--containerd=/run/containerd/containerd.sock",
        "$DOCKER_OPTS",
    ]
    assert unit.environment_files(shown) == ["/etc/default/docker", "/etc/docker/extra"]
    assert unit.parse_environment(shown["Environment"][0]) == {"A": "1", "B": "two words"}


@pytest.mark.parametrize("line, variables, words", EXPANDED)
def test_expand(line, variables, words):
    assert unit.expand(line.split(), variables) == words


@pytest.mark.parametrize("text, variables", FILES)
def test_environment_file(text, variables):
    assert unit.parse_environment_file(text) == variables


def test_quotes_that_do_not_match_are_letters():
    assert unit.expand(["$A"], {"A": "--label it's"}) == ["--label", "it's"]
