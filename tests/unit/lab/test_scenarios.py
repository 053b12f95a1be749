# SPDX-License-Identifier: GPL-3.0-or-later
"""What is true of every scenario."""

from __future__ import annotations

import ast
import itertools
import re
import threading
import types

import pytest
from labkit import fleet, runner
from labkit.errors import LabError, Mismatch
from labkit.remote import HostError
from labkit.scenario import Finding, plain

NAMES = runner.names()
WANTED = re.compile(r'lab\.want\(\s*\[?f?"(?:[^":]*:|\[[^]]*\]:|\{[^}]*\}:)?(\d+)(?:-\d+)?:')


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_happens_and_where_it_cannot(name):
    scenario = runner._load(name)

    assert scenario.__doc__ and len(scenario.__doc__.splitlines()[0]) > 20
    assert callable(scenario.run)
    assert {*getattr(scenario, "NOT_ON", {}), *getattr(scenario, "SHORT", ())} <= set(fleet.HOSTS)
    assert not {*getattr(scenario, "NOT_ON", {})} & {*getattr(scenario, "SHORT", ())}
    assert all(len(why) > 10 for why in getattr(scenario, "NOT_ON", {}).values())
    assert getattr(scenario, "RENEW", True) is True


def test_each_has_ports_of_its_own():
    """A TIME-WAIT of one would stand in the way of the next. Nothing but 53 is systemd-resolved's."""
    texts = {name: (runner.SCENARIOS / f"{name}.py").read_text(encoding="utf-8") for name in NAMES}
    ports = {name: set(WANTED.findall(text)) - {"53"} for name, text in texts.items()}

    shared = {f"{a}, {b}": ports[a] & ports[b] for a, b in itertools.combinations(NAMES, 2) if ports[a] & ports[b]}
    assert sum(map(len, ports.values())) > 30
    assert shared == {}


def scripts(name):
    """The texts that a scenario runs on a host, as far as they are written out."""
    for node in ast.walk(ast.parse((runner.SCENARIOS / f"{name}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sh" and node.args:
            parts = [part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)]
            yield "".join(part for part in parts if isinstance(part, str))


def test_what_is_not_to_succeed_comes_last():
    """`set -e` does not heed a command behind `!`: before another one it would prove nothing."""
    commands = {
        (name, script): [one.strip() for one in script.split(";")] for name in NAMES for script in scripts(name)
    }

    assert len(commands) > 100
    assert [where for where, parts in commands.items() if any(one.startswith("! ") for one in parts[:-1])] == []


def test_a_host_is_called_as_itself_or_as_its_engine():
    assert runner.chosen(["process", "28.5", "bookworm"]) == (["process"], ["sid", "bookworm"])
    assert runner.chosen([]) == (NAMES, ["bookworm", "trixie", "sid"])


def test_an_unknown_scenario_is_the_lab_s_own_failure():
    with pytest.raises(LabError, match=r"^lab: there is no scenario nosuch; there are address_absent, "):
        runner.chosen(["nosuch"])


@pytest.mark.parametrize(
    ("publish", "binding"),
    [
        ("8080:80", "*:8080/tcp"),
        ("127.0.0.1:8080:80", "127.0.0.1:8080/tcp"),
        ("53:53/udp", "*:53/udp"),
        ("9098-9101:9098-9101", "*:9098-9101/tcp"),
        ("[::1]:8080:80", "[::1]:8080/tcp"),
    ],
)
def test_the_binding_of_a_short_text(publish, binding):
    assert plain(publish) == binding


def test_a_finding_is_one_sentence():
    found = Finding("process", "python3 (pid 7) has 0.0.0.0:80/tcp", ("move_want",))

    assert found.summary("shop/web", "*:80/tcp") == "shop/web wants *:80/tcp, but python3 (pid 7) has 0.0.0.0:80/tcp"


@pytest.mark.parametrize("asked, unmade", [(True, True), (True, False), (False, True)])
@pytest.mark.parametrize("second", ["ok", "FAILED"])
def test_a_scene_that_could_not_be_made_is_tried_again_on_a_new_host_if_asked(
    asked, unmade, second, monkeypatch, tmp_path, capsys
):
    done = []
    words = iter([("FAILED", "\n    silent"), (second, "" if second == "ok" else "\n    refused")])
    monkeypatch.setattr(runner, "Remote", lambda _host: types.SimpleNamespace(hang_up=lambda: done.append("hang up")))
    monkeypatch.setattr(runner.fleet, "renew", lambda host: done.append(f"renew {host}"))
    monkeypatch.setattr(runner.places, "run_dir", lambda: tmp_path)

    def prove(name, host, _how):
        word, why = next(words)
        return runner.Outcome(word, name, host, 1.0, why, unmade)

    again = asked and unmade
    monkeypatch.setattr(runner, "_prove", prove)

    outcomes = runner._on_host("sid", ["unit"], runner.How(again=asked), threading.Event())

    capsys.readouterr()
    steady = again and second == "ok"
    assert runner._sum_up(outcomes, 2.0) == (0 if steady else 1)
    said = capsys.readouterr().out
    assert done == (["hang up", "renew sid"] if again else [])
    if steady:
        assert said == (
            "lab: proven at the second try: on sid unit\n"
            "lab: unsteady unit                         sid         1.0 s  at the second try; at the first: silent\n"
            "lab: 1 proven, 0 failed, 0 not run because of the lab itself, 0 not for that host, 0 left out; 2 s\n"
        )
    else:
        assert ("\n    refused\n    and at the first try: silent\n" in said) == again
        assert "lab: 0 proven, 1 failed," in said


@pytest.mark.parametrize(
    "error, word, unmade",
    [(LabError("no", "fix it"), "LAB", True), (HostError("no"), "FAILED", True), (Mismatch("no"), "FAILED", False)],
)
def test_what_disagrees_is_no_scene_that_could_not_be_made(error, word, unmade, monkeypatch):
    def run(*_arguments):
        raise error

    monkeypatch.setattr(runner, "_load", lambda _name: types.SimpleNamespace())
    monkeypatch.setattr(runner, "Remote", lambda host: host)
    monkeypatch.setattr(runner, "_play", run)

    outcome = runner._prove("unit", "sid", runner.How())

    assert (outcome.word, outcome.unmade) == (word, unmade)


def test_a_host_that_is_not_among_those_of_a_short_run_is_left_out_and_said(monkeypatch, capsys):
    monkeypatch.setattr(runner, "_load", lambda _name: types.SimpleNamespace(SHORT=("sid",)))

    outcome = runner._prove("remedies", "trixie", runner.How(short=True))

    assert runner._sum_up([outcome], 2.0) == 0
    assert capsys.readouterr().out == (
        "lab: left out, for make test-lab: on trixie remedies\n"
        "lab: 0 proven, 0 failed, 0 not run because of the lab itself, 0 not for that host, 1 left out; 2 s\n"
    )


@pytest.mark.parametrize("host, short", [("sid", True), ("trixie", False)])
def test_it_is_proven_on_the_others_and_in_a_whole_run(host, short, monkeypatch):
    monkeypatch.setattr(runner, "_load", lambda _name: types.SimpleNamespace(SHORT=("sid",)))
    monkeypatch.setattr(runner, "Remote", lambda host: host)
    monkeypatch.setattr(runner, "_play", lambda *_arguments: [])

    assert runner._prove("remedies", host, runner.How(short=short)).word == "ok"


def test_a_host_on_which_it_cannot_happen_is_not_left_for_a_whole_run(monkeypatch):
    monkeypatch.setattr(runner, "_load", lambda _name: types.SimpleNamespace(SHORT=(), NOT_ON={"sid": "no such thing"}))

    outcome = runner._prove("remedies", "sid", runner.How(short=True))

    assert (outcome.word, outcome.why) == ("skipped", "no such thing")


def test_without_virtual_machines_it_is_said_why(monkeypatch):
    monkeypatch.setattr(runner, "_load", lambda _name: types.SimpleNamespace(VIRTUAL=True))
    monkeypatch.setattr("platform.machine", lambda: "aarch64")

    outcome = runner._prove("swarm_ingress", "sid", runner.How())

    assert (outcome.word, outcome.why) == ("skipped", "virtual machines are made on x86_64 alone, and this is aarch64")
