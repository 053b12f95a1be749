# SPDX-License-Identifier: GPL-3.0-or-later
"""Remedy restart_desktop, with a `docker` that writes down what it is asked."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.tests.integration.support.lookalike import Lookalike
from ansible_collections.dockmaster.ports.tests.integration.windows.double import Ran

WEB, DB = "a" * 64, "b" * 64
DOCKER = f"""
echo "$*" >> calls
case "$1 $2" in
"container ls") test -e hung && exit 1; test -e idle || printf '%s\\n' {WEB}/web {DB}/db ;;
"desktop restart") test -e gui || {{ echo 'Docker Desktop is not running in a session' >&2; exit 1; }} ;;
"info --format") test -e slow && rm slow && exit 1; echo 28.5.2 ;;
esac
"""
STOPS = ["container web, container db stops and is started again"]


class Desktop(Lookalike):
    """A host with Docker Desktop, as far as its command line goes. marks: files that make it behave."""

    def lay(self, *marks: str) -> Desktop:
        self.program("bin/docker", DOCKER)
        for mark in marks:
            (self.folder / mark).touch()
        return self

    def restart(self, *options: str) -> Ran:
        role = {"name": "dockmaster.ports.remediate", "tasks_from": "restart_desktop"}
        return self.play({"name": "restart", "ansible.builtin.include_role": role}, options=options)

    def asked(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()


def said(ran: Ran) -> object:
    return next(one for name, one in ran.results.items() if name.endswith("Say so before it is done"))["msg"]


def test_what_ran_is_started_again(tmp_path):
    host = Desktop(tmp_path).lay("gui", "slow")
    ran = host.restart()

    assert (ran.rc, said(ran)) == (0, STOPS), ran.printed
    assert host.asked() == [
        "container ls --no-trunc --format {{.ID}}/{{.Names}}",
        "desktop restart",
        "info --format {{.ServerVersion}}",
        "info --format {{.ServerVersion}}",
        f"container start {WEB} {DB}",
    ]


def test_check_mode_says_what_would_stop_and_changes_nothing(tmp_path):
    host = Desktop(tmp_path).lay("gui")
    ran = host.restart("--check")

    assert (ran.rc, said(ran)) == (0, STOPS), ran.printed
    assert "changed=1" in ran.printed
    assert host.asked() == ["container ls --no-trunc --format {{.ID}}/{{.Names}}"]


@pytest.mark.parametrize(
    "mark, told",
    [
        ("idle", ["no container runs"]),
        ("hung", ["Docker Desktop does not tell which containers run: all of them stop"]),
    ],
)
def test_what_stops_where_nothing_runs_or_nobody_knows(tmp_path, mark, told):
    host = Desktop(tmp_path).lay("gui", mark)
    ran = host.restart()

    assert (ran.rc, said(ran)) == (0, told), ran.printed
    assert [one.split()[0] for one in host.asked()] == ["container", "desktop", "info"]


def test_without_a_session_it_fails_in_docker_desktops_words(tmp_path):
    ran = Desktop(tmp_path).lay().restart()

    assert ran.rc != 0
    assert "Docker Desktop is not running in a session" in ran.printed
