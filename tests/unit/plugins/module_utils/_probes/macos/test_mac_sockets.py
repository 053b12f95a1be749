# SPDX-License-Identifier: GPL-3.0-or-later
"""Sections `sockets` and `clients` of a Mac."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.macos import processes, sockets
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.macos.macos_words import Mac

SECTIONS = ("sockets", "clients", "units")
LSOF = " ".join(sockets.COMMAND)


def gather(host=None, **request):
    blind = []
    asked = Request(**{"sections": SECTIONS, "system": "Darwin", **request})
    return sockets.probe(host or Mac(), asked, Evidence(), blind), blind


def test_a_record_has_everything_that_was_told():
    found, blind = gather(sections=("sockets",), command_lines=True)

    assert found["sockets"][0] == Socket(
        "0.0.0.0",
        "tcp",
        22,
        uid=0,
        pid=1,
        started=1795161481.0,
        command="launchd",
        command_line="/sbin/launchd --secret",
    )
    mysql = next(one for one in found["sockets"] if one.port == 3306)
    assert (mysql.pid, mysql.command, mysql.label, mysql.started) == (
        702,
        "mysqld",
        "homebrew.mxcl.mysql",
        1795161712.0,
    )
    assert blind == []


def test_every_socket_that_keeps_a_port_is_there_in_order_and_once():
    found, _blind = gather()

    assert [(one.protocol, one.port, one.ip, one.state, one.command) for one in found["sockets"]] == [
        ("tcp", 22, "0.0.0.0", "listen", "launchd"),
        ("tcp", 22, "::", "listen", "launchd"),
        ("tcp", 2375, "::", "listen", "com.docker.backend"),
        ("tcp", 3000, "127.0.0.1", "listen", "Python"),
        ("tcp", 3001, "127.0.0.1", "bound", "Python"),
        ("tcp", 3002, "fe80::1c2d:3e4f:5a6b:7c8d", "listen", "Python"),
        ("tcp", 3306, "127.0.0.1", "listen", "mysqld"),
        ("tcp", 5000, "0.0.0.0", "listen", "ControlCenter"),
        ("tcp", 5000, "::", "listen", "ControlCenter"),
        ("tcp", 7000, "0.0.0.0", "listen", "ControlCenter"),
        ("tcp", 7000, "::", "listen", "ControlCenter"),
        ("tcp", 8080, "::", "listen", "com.docker.backend"),
        ("tcp", 49158, "0.0.0.0", "listen", "rapportd"),
        ("udp", 5353, "0.0.0.0", "bound", "mDNSResponder"),
        ("udp", 5353, "::", "bound", "mDNSResponder"),
        ("udp", 58112, "2001:db8::23", "established", "Google Chrome Helper"),
    ]
    assert found["units"] == ()


def test_the_master_has_what_its_workers_share():
    assert [one.pid for one in gather()[0]["sockets"] if one.port == 3000] == [2201]


def test_an_app_that_somebody_opened_is_no_job():
    assert {one.label for one in gather()[0]["sockets"] if one.command == "com.docker.backend"} == {""}


def test_connections_are_told_of_ports_in_focus():
    found, _blind = gather(focus=((49800, 49900), (3000, 3000)))

    assert [(one.port, one.state, one.peer) for one in found["clients"]] == [
        (49810, "established", "142.250.185.78:443")
    ]
    assert found["focus"] == ("3000", "49800-49900")


def test_one_lsof_and_three_commands_for_names_whatever_there_is():
    host = Mac()
    gather(host)

    assert [one.split()[0] for one in host.called] == ["lsof", "launchctl", "env", "id"]


def test_a_user_is_told_that_others_are_hidden():
    found, blind = gather(Mac(user=501))

    assert {one.uid for one in found["sockets"]} == {501}
    why, see = "lsof shows them to root only", "gather with become: true"
    assert blind == [
        Blind("sockets", why, see, part="sockets of other users' processes"),
        Blind("clients", why, see, part="clients of other users' processes"),
    ]


def test_where_ps_does_not_tell_lsof_names_the_process():
    asked = "1,391,612,618,702,1404,1777,2201"
    runs = {"launchctl list": None, f"env TZ=UTC0 ps -ww -o pid=,lstart=,comm= -p {asked}": None}

    found, _blind = gather(Mac(runs=runs))

    assert [(one.command, one.started, one.label) for one in found["sockets"] if one.port in (8080, 3306)] == [
        ("mysqld", None, ""),
        ("com.docker.backe", None, ""),
    ]


@pytest.mark.parametrize("answer", [(1, "", ""), (0, "", "lsof: WARNING: can't stat() a file system\n")])
def test_nothing_open_is_nothing_open(answer):
    found, _blind = gather(Mac(runs={LSOF: answer}))

    assert (found["sockets"], found["clients"]) == ((), ())


@pytest.mark.parametrize(
    "answer, why",
    [
        (None, "lsof is not installed"),
        ((1, "", "lsof: illegal option\n usage: lsof\n"), "lsof: lsof: illegal option usage: lsof"),
        ((0, "p1\nf3\ntIPv4\nPTCP\nnlocalhost:ssh\n", ""), "lsof printed what is no socket: 'nlocalhost:ssh'"),
    ],
)
def test_nothing_is_seen_where_lsof_does_not_tell(answer, why):
    with pytest.raises(Unseen) as caught:
        gather(Mac(runs={LSOF: answer}))

    assert caught.value.why == why


STARTED = [
    ("  812 Sat Nov 21 09:30:07 2026     /usr/sbin/httpd", {812: (1795253407.0, "httpd")}),
    ("1 Sun Mar  1 00:00:00 2026     /Applications/A b.app/A b", {1: (1772323200.0, "A b")}),
    ("7 Sat Nov 21 09:30:07 2026", {7: (1795253407.0, "")}),
    ("7 Sat Foo 21 09:30:07 2026 x", {7: (None, "x")}),
    ("7 Sat Nov 41 09:30:07 2026 x", {7: (None, "x")}),
    ("7 sam. 21 nov. 09:30:07 2026 x", {}),
    ("", {}),
]


@pytest.mark.parametrize("text, expected", STARTED)
def test_parse_started(text, expected):
    assert processes.parse_started(text) == expected


def test_parse_jobs():
    text = (
        "PID\tStatus\tLabel\n-\t0\tcom.apple.a\n12\t-9\torg.b c\n13\t0\tapplication.com.docker.docker.1.2\nnonsense\n"
    )

    assert processes.parse_jobs(text) == {12: "org.b c"}


@given(st.text(st.sampled_from("0123456789\u0661 \t\n:-SatNovJn/.\udcff"), max_size=60))
def test_no_text_is_a_crash(text):
    for parse in (processes.parse_started, processes.parse_arguments, processes.parse_jobs):
        parse(text)


names = (
    st.text(st.sampled_from("abzAZ09._- /"), min_size=1, max_size=24)
    .map(str.strip)
    .filter(lambda name: name[-1:] not in ("", "/"))
)
moments = st.datetimes(datetime.datetime(1971, 1, 1), datetime.datetime(2099, 12, 31)).map(
    lambda when: when.replace(microsecond=0)
)


@given(st.dictionaries(st.integers(1, 99999), st.tuples(moments, names), max_size=5))
def test_what_ps_prints_is_read_back(some):
    days, months = "Mon Tue Wed Thu Fri Sat Sun".split(), "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    lines = []
    for pid, (when, name) in some.items():
        day = f"{days[when.weekday()]} {months[when.month - 1]} {when.day:2} {when:%H:%M:%S} {when.year}"
        lines.append(f"{pid:5} {day:<28} {name}")

    assert processes.parse_started("\n".join(lines)) == {
        pid: (when.replace(tzinfo=datetime.timezone.utc).timestamp(), name.rpartition("/")[2])
        for pid, (when, name) in some.items()
    }


labels = st.text(st.sampled_from("abz.-_ "), min_size=1, max_size=20).filter(
    lambda label: not label.startswith("application.")
)


@given(st.dictionaries(st.integers(1, 99999), labels, max_size=5))
def test_what_launchctl_prints_is_read_back(some):
    text = "PID\tStatus\tLabel\n" + "".join(f"{pid}\t0\t{label}\n" for pid, label in some.items())

    assert processes.parse_jobs(text) == some
