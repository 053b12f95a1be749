# SPDX-License-Identifier: GPL-3.0-or-later
"""What processes say of themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._probes.processes import (
    Owner,
    ProcessReader,
    Stat,
    parse_boot_time,
    parse_command_line,
    parse_stat,
)
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.proc_words import (
    BOOT,
    ID,
    Process,
    proc,
)


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=15), st.integers(0, 2**22), st.integers(0, 2**40))
def test_a_name_may_hold_anything(name, parent, ticks):
    assert parse_stat(Process(812, name, parent, ticks=ticks).stat()) == Stat(name, parent, ticks)


@pytest.mark.parametrize("text", ["", "812", "812 (app", "812 (app) ", "812 (app) S 1 2 3"])
def test_a_file_that_is_cut_short_says_nothing(text):
    assert parse_stat(text) == Stat()


@pytest.mark.parametrize(
    "text, line",
    [
        ("", ""),
        ("nginx\0", "nginx"),
        ("python3\0-m\0http.server\0", "python3 -m http.server"),
        ("sh\0-c\0echo 'a b'; true\0", """sh -c 'echo '"'"'a b'"'"'; true'"""),
        ("app\0\0--empty\0", "app '' --empty"),
        ("nginx: master process /usr/sbin/nginx\0\0\0", "'nginx: master process /usr/sbin/nginx'"),
    ],
)
def test_parse_command_line(text, line):
    assert parse_command_line(text) == line


@pytest.mark.parametrize("text, seconds", [("cpu 1\nbtime 1700000000\n", 1700000000.0), ("cpu 1\n", None), ("", None)])
def test_parse_boot_time(text, seconds):
    assert parse_boot_time(text) == seconds


def test_an_owner_has_what_its_files_say():
    nginx = Process(
        812, "nginx", 1, ticks=12345, cgroup=f"/system.slice/docker-{ID}.scope", arguments="nginx\0-g\0x y\0"
    )
    host = proc(nginx)

    assert ProcessReader(host, command_lines=True).owner(812) == (
        Owner(812, BOOT + 123.45, "nginx", "nginx -g 'x y'", f"docker-{ID}.scope", ID),
        1,
    )


def test_arguments_are_read_only_where_somebody_asks_for_them():
    host = proc(Process(812, "app", arguments="app\0--password\0secret\0"))

    assert ProcessReader(host, command_lines=False).owner(812)[0].command_line == ""


@pytest.mark.parametrize(
    "command, visible",
    [
        ("two words", "two words"),
        ("new\nline", "new\nline"),
        ('quo"te) S (', 'quo"te) S ('),
        ("\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
        ("bad\udcff\udc80", "bad\\xff\\x80"),
        ("größe", "größe"),
    ],
)
def test_a_name_becomes_text_that_json_can_hold(command, visible):
    owner, _parent = ProcessReader(proc(Process(9, command)), False).owner(9)

    assert owner.command == visible
    owner.command.encode("utf-8")


def test_a_process_that_has_ended_says_its_number_only():
    assert ProcessReader(proc(Process(9, ended=True)), True).owner(9) == (Owner(9), 0)


def test_a_start_cannot_be_told_without_the_boot_time():
    host = proc(Process(9))
    host._recording["read"]["/proc/stat"] = "cpu 1\n"

    assert ProcessReader(host, False).owner(9)[0].started is None
