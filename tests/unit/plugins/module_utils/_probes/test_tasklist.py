# SPDX-License-Identifier: GPL-3.0-or-later
"""What tasklist prints of processes and services, in eight languages and six code pages."""

from __future__ import annotations

import contextlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.tasklist import Task, tasks
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.windows_recordings import (
    CODE_PAGES,
    DECODED,
    recorded,
)

OWN_NAME = 7312  # the one process whose name is of the language
PROCESSES = {
    0: Task("System Idle Process"),
    4: Task("System"),
    1012: Task("svchost.exe", ("RpcEptMapper", "RpcSs")),
    2210: Task("svchost.exe", ("Dnscache",)),
    3344: Task("lsass.exe", ("KeyIso", "SamSs")),
    4120: Task("svchost.exe", ("SSDPSRV",)),
    5120: Task("msedge.exe"),
}


@pytest.mark.parametrize("language, encoding", DECODED)
def test_no_language_and_no_code_page_changes_a_service(language, encoding):
    found = tasks(recorded(language, "tasklist.bin", encoding))

    assert found.pop(OWN_NAME).services == ()
    assert found == PROCESSES


@pytest.mark.parametrize(
    "language, name", [("english", "web server.exe"), ("german", "Prüfer.exe"), ("chinese", "服务器.exe")]
)
def test_a_name_keeps_its_letters(language, name):
    assert tasks(recorded(language, "tasklist.bin", CODE_PAGES[language]))[OWN_NAME].name == name


def test_a_byte_that_is_no_letter_is_shown():
    assert tasks('"Idle","0","N/A"\r\n"a\udcff.exe","8","N/A"\r\n')[8].name == "a\\xff.exe"


def test_a_quote_in_a_name_is_no_end():
    assert tasks('"Idle","0","N/A"\r\n"a "" b.exe","8","S"\r\n')[8] == Task('a " b.exe', ("S",))


@pytest.mark.parametrize(
    "text, why",
    [
        ("", "tasklist printed nothing"),
        ("\r\n", "tasklist printed nothing"),
        ('"svchost.exe","8","N/A"\r\n', "tasklist printed no idle process: '\"svchost.exe\",\"8\",\"N/A\"'"),
        ("INFO: No tasks are running.\r\n",
         "tasklist printed a row that is no process: 'INFO: No tasks are running.'"),
        ('"Idle","0"\r\n', "tasklist printed a row that is no process: '\"Idle\",\"0\"'"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_not_an_empty_one(text, why):
    with pytest.raises(Unseen) as caught:
        tasks(text)

    assert caught.value.why == why


names = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
services = st.lists(st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=12), max_size=4)
processes = st.dictionaries(st.integers(1, 2**32 - 1), st.tuples(names, services), max_size=12)


@given(processes, st.sampled_from(["N/A", "Nicht zutreffend", "暂缺", ""]))
def test_what_a_grammar_prints_is_read_back(found, none):
    lines = [f'"Idle","0","{none}"']
    for pid, (name, hosted) in found.items():
        quoted = name.replace('"', '""')
        lines.append(f'"{quoted}","{pid}","{",".join(hosted) or none}"')

    expected = {pid: Task(name, tuple(hosted)) for pid, (name, hosted) in found.items()}
    assert tasks("\r\n".join([*lines, ""])) == {0: Task("Idle"), **expected}


@given(st.sampled_from(sorted(CODE_PAGES)), st.data())
def test_mangled_text_raises_nothing_else(language, data):
    text = recorded(language, "tasklist.bin", CODE_PAGES[language])
    at, gone = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 40))
    noise = data.draw(st.text(st.sampled_from(string.printable + "\x00\udcff\u0663\uff11\u3000"), max_size=20))

    with contextlib.suppress(Unseen):
        tasks(text[:at] + noise + text[at + gone :])


@given(st.text())
def test_any_text_raises_nothing_else(text):
    with contextlib.suppress(Unseen):
        tasks(text)
