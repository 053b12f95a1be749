# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pathlib

import pytest
from labkit import truth
from labkit.errors import Mismatch
from labkit.scenario import Lab

RECORDINGS = pathlib.Path(__file__).resolve().parents[1] / "recordings"

# recorded refusal -> causes whose "Seen as" must name it, and one whose must not
NAMED = [
    ("container-same-port", ("container",), "process"),
    ("host-tcp4-any", ("process", "unit", "client_socket"), "chains_missing"),
    ("host-udp4-any", ("process",), "chains_missing"),
    ("host-tcp6-any-v6only", ("process",), "address_absent"),
    ("container-any-vs-loopback", ("container",), "address_absent"),
    ("nonlocal-ip", ("address_absent",), "process"),
    ("start-after-chains-deleted", ("chains_missing",), "process"),
]


def refusals(state):
    """What each engine printed, each with the file's folder."""
    found = []
    for path in sorted(RECORDINGS.glob(f"*/{state}.engine-*.error.txt")):
        text = path.read_text(encoding="utf-8").partition("\ndaemon: ")[0]
        if "\nrc=0" not in text:
            found.append(pytest.param(text, id=path.parent.name))
    return found


@pytest.mark.parametrize(
    ("text", "causes", "other"),
    [
        pytest.param(case.values[0], causes, other, id=f"{state}-{case.id}")
        for state, causes, other in NAMED
        for case in refusals(state)
    ],
)
def test_the_doc_of_a_cause_names_what_every_engine_said(text, causes, other):
    assert {cause: truth.named(cause, text) for cause in causes} == dict.fromkeys(causes, True)
    assert not truth.named(other, text)


REACHED = truth.Truth(True, "", {"out tcp 10.0.0.2 80": truth.TOKEN})
ELSEWHERE = truth.Truth(True, "", {"out tcp 10.0.0.2 80": truth.TOKEN, "out tcp fd00::2 80": "silent"})
REFUSED = truth.Truth(False, "port is already allocated", {})


@pytest.mark.parametrize(
    ("verdict", "true", "agrees"),
    [
        ("free", REACHED, True),
        ("free", ELSEWHERE, False),
        ("free", REFUSED, False),
        ("at_risk", REACHED, True),
        ("at_risk", REFUSED, False),
        ("blocked", REFUSED, True),
        ("blocked", REACHED, False),
        ("blocked", ELSEWHERE, False),
        ("diverted", ELSEWHERE, True),
        ("diverted", REACHED, False),
        ("diverted", REFUSED, False),
        ("unknown", REFUSED, True),
    ],
)
def test_a_verdict_is_held_against_what_happened(verdict, true, agrees):
    assert truth.agrees(verdict, true) is agrees


def test_both_sides_are_printed():
    assert str(ELSEWHERE) == (
        "it started; out tcp 10.0.0.2 80 says 'it-is-the-wanted-one'; out tcp fd00::2 80 says 'silent'"
    )
    assert str(REFUSED) == "the engine refused: port is already allocated"


class Starting:
    """A host whose server says something else for some seconds."""

    def __init__(self, clock, seconds):
        self.clock, self.seconds, self.asked = clock, seconds, 0

    def asks(self, *_where):
        self.asked += 1
        return truth.TOKEN if self.clock.now >= self.seconds else "closed"


class Clock:
    now = 0.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.mark.parametrize("seconds, said", [(0, truth.TOKEN), (4, truth.TOKEN), (60, "closed")])
def test_a_server_has_some_seconds_to_start(monkeypatch, seconds, said):
    clock = Clock()
    monkeypatch.setattr(truth, "time", clock)

    assert truth.ask(Starting(clock, seconds), "out tcp 10.0.0.2 80") == said
    assert clock.now < 6


class Addressed:
    """A host, as far as its addresses go."""

    v4, v6 = "10.213.1.2", "fd13::2"


@pytest.mark.parametrize(
    "publish, asked",
    [
        ("8080:80", ["out tcp 10.213.1.2 8080", "out tcp fd13::2 8080"]),
        ("8053:53/udp", ["out udp 10.213.1.2 8053", "out udp fd13::2 8053"]),
        ("0.0.0.0:8080:80", ["out tcp 10.213.1.2 8080"]),
        ("[::]:8080:80", ["out tcp fd13::2 8080"]),
        ("127.0.0.1:8080:80", ["in tcp 127.0.0.1 8080"]),
        ("[::1]:8080:80", ["in tcp ::1 8080"]),
        ("10.213.1.2:8080:80", ["out tcp 10.213.1.2 8080"]),
    ],
)
def test_who_is_asked_once_it_runs(publish, asked):
    assert Lab(Addressed())._reach(publish) == asked


def test_a_range_says_itself_who_is_asked():
    with pytest.raises(Mismatch, match=r"^8000-8009:80 has no one port to ask: the scenario is to say whom"):
        Lab(Addressed())._reach("8000-8009:80")
