# SPDX-License-Identifier: GPL-3.0-or-later
"""One fixed script, commands as data, and an answer that is whole or an error in one sentence."""

from __future__ import annotations

import base64

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.command import Command
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.remote import (
    NOT_ENDED,
    Answer,
    Machine,
    Windows,
)
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.script import MARK, SCRIPT
from ansible_collections.dockmaster.ports.tests.unit.plugins.plugin_utils._windows.fake_action import (
    FakeAction,
    answered,
    packed,
)

VARS = {"inventory_hostname": "web-07"}
STOP = Command(("net", "stop", "winnat"))
ADD = Command(("netsh", "interface", "ipv4", "add", "excludedportrange", "startport=80"), after=STOP)
IDS = Command(("docker", "ps", "--quiet"))
INSPECT = Command(("docker", "inspect", "--format", '{{json .Name}} "quoted" a\\'), each=IDS, seconds=90)
CMD_TAKES = 8191


def run(action, *commands):
    return Windows(action, VARS).run(commands)


def test_ssh_gets_a_command_line_that_is_always_the_same_and_fits_cmd():
    action = FakeAction(answered({}), transport="ssh")

    run(action, STOP)
    run(action, IDS)

    first, second = action.lines
    assert first == second
    assert len(first) < CMD_TAKES - 150
    assert base64.b64decode(first.split()[-1]).decode("utf-16-le") == SCRIPT


@pytest.mark.parametrize("transport", ["winrm", "psrp"])
def test_who_runs_powershell_gets_the_script(transport):
    """What winrm makes a command line of, it may not find to be one already: some releases encode it again."""
    action = FakeAction(answered({}), transport=transport)

    run(action, STOP)

    assert action.lines == [SCRIPT]
    assert "-EncodedCommand" not in SCRIPT


def test_the_script_is_ascii():
    assert SCRIPT.isascii()


def test_commands_are_data():
    action = FakeAction(answered({}, {}, {}, {}))

    Windows(action, VARS).run([STOP, ADD, IDS, INSPECT], {"DOCKER_CONTEXT": "desktop-linux"})

    assert action.asked == [
        {
            "commands": [
                {"program": "net", "arguments": "stop winnat", "seconds": 30, "after": None, "each": None},
                {
                    "program": "netsh",
                    "arguments": "interface ipv4 add excludedportrange startport=80",
                    "seconds": 30,
                    "after": 0,
                    "each": None,
                },
                {"program": "docker", "arguments": "ps --quiet", "seconds": 30, "after": None, "each": None},
                {
                    "program": "docker",
                    "arguments": 'inspect --format "{{json .Name}} \\"quoted\\" a\\\\"',
                    "seconds": 90,
                    "after": None,
                    "each": 2,
                },
            ],
            "environment": {"DOCKER_CONTEXT": "desktop-linux"},
        }
    ]


def test_answers_are_bytes_and_read_as_text_of_the_host():
    reply = answered(
        {"out": packed("Zugriff für".encode("cp850")), "code": 5},
        {"err": packed("déjà"), "code": None, "late": True},
        {"code": None, "late": True},
        {"code": None, "missing": True, "why": "Das System kann die\r\nDatei nicht finden"},
        {"code": None, "run": False},
    )

    answers = run(FakeAction(reply), STOP, STOP, STOP, STOP, STOP)

    assert answers == [
        Answer(5, "Zugriff für".encode("cp850"), page=850),
        Answer(NOT_ENDED, b"", "déjà".encode(), late=True, page=850),
        Answer(NOT_ENDED, late=True, page=850),
        Answer(NOT_ENDED, missing=True, why="Das System kann die\r\nDatei nicht finden", page=850),
        Answer(NOT_ENDED, run=False, page=850),
    ]
    assert [one.complaint for one in answers] == [
        "Zugriff für", "it did not end in time: déjà", "it did not end in time", "Das System kann die Datei nicht finden", "",
    ]  # fmt: skip


def test_the_host_says_who_it_is_and_what_we_may():
    windows = Windows(FakeAction(answered({}, elevated=False)), VARS)

    windows.run([STOP])

    address = {"ip": "192.0.2.7", "prefix": 24, "interface": "Ethernet"}
    assert windows.machine == Machine("WEB-07", "10.0.20348.0", False, 850, 1252, (address,))


def test_what_stands_around_the_answer_does_no_harm():
    """A terminal breaks lines, and a profile or a login banner prints its own."""
    reply = answered({"out": packed("x" * 300)})
    broken = "Welcome to WEB-07\r\n" + "\r\n".join(reply[i : i + 80] for i in range(0, len(reply), 80)) + "\r\n"

    assert run(FakeAction(broken), STOP)[0].out == b"x" * 300


@pytest.mark.parametrize(
    "reply, err, rc, why",
    [
        ("", "'PowerShell' is not recognized\r\n as a command.", 1,
         "PowerShell said: 'PowerShell' is not recognized as a command. (exit status 1)"),
        ("", "", 0, "PowerShell said: nothing (exit status 0)"),
        (f"{MARK}AAAA", "", 0, f"PowerShell said: {MARK}AAAA (exit status 0)"),
        (f"{MARK}{packed('no JSON')}{MARK}", "", 0,
         "PowerShell's answer cannot be read: Expecting value: line 1 column 1 (char 0)"),
        (f"{MARK}{packed('{}')}{MARK}", "", 0, "PowerShell's answer is not whole: KeyError('answers')"),
        (answered(), "", 0, "PowerShell answered 0 of 1 commands"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_said_in_one_sentence(reply, err, rc, why):
    with pytest.raises(AnsibleActionFail) as caught:
        run(FakeAction(reply, err, rc), STOP)

    assert str(caught.value) == f"dockmaster.ports.port_facts cannot ask web-07: {why}"
