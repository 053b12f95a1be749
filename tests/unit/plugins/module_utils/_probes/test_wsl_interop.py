# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows' programs from within a WSL distribution: found, started, and told when they cannot be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import wsl_interop
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.wsl_interop import Interop, drives
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.wsl_words import Distribution

NETSTAT = "/mnt/c/Windows/System32/netstat.exe -ano"
ON = "set enabled=true under [interop] in /etc/wsl.conf and run `wsl --shutdown` on Windows, or gather the Windows host itself"


@pytest.mark.parametrize(
    "interop, on", [("WSLInterop", True), ("WSLInterop-late", True), (None, False)], ids=["usual", "late", "off"]
)
def test_is_on(interop, on):
    assert wsl_interop.is_on(Distribution(interop=interop)) is on


def test_a_handler_that_is_disabled_starts_nothing():
    assert not wsl_interop.is_on(ReplayHost({"read": {"/proc/sys/fs/binfmt_misc/WSLInterop": "disabled\n"}}))


DRIVES = [
    # files                                                               where drives may be
    ({}, ("/mnt/c",)),
    ({"/proc/mounts": "C:\\134 /c 9p rw,aname=drvfs 0 0\n"}, ("/c", "/mnt/c")),
    ({"/proc/mounts": "D:\\134 /mnt/d 9p rw 0 0\nC:\\134 /mnt/my\\040c 9p rw 0 0\n"}, ("/mnt/my c", "/mnt/c", "/mnt/d")),
    ({"/proc/mounts": "drvfsaC /win/c virtiofs rw 0 0\n"}, ("/mnt/c", "/win/c")),
    ({"/proc/mounts": "drivers /usr/lib/wsl/drivers 9p ro 0 0\nnone /mnt/wsl tmpfs rw 0 0\n"}, ("/mnt/c",)),
    ({"/etc/wsl.conf": '[boot]\nroot=/no/\n[Automount]\nroot = "/windows/" # mine\n'}, ("/windows/c",)),
    ({"/etc/wsl.conf": "[automount]\nroot=/\n"}, ("/c",)),
]  # fmt: skip


@pytest.mark.parametrize("files, expected", DRIVES)
def test_drives(files, expected):
    assert drives(ReplayHost({"read": files})) == expected


def test_a_program_is_found_without_the_path():
    host = Distribution()
    answer = Interop(host).run("netstat", "-ano")

    assert host.called == [NETSTAT]
    assert answer.rc == 0
    assert "\r\n" in answer.out


def test_a_program_is_found_below_another_root():
    host = Distribution(root="/windows/")
    Interop(host).run("netstat", "-ano")

    assert host.called == ["/windows/c/Windows/System32/netstat.exe -ano"]


def test_where_the_server_is_not_named_each_is_tried_and_the_one_that_answers_is_kept():
    host = Distribution(servers=("notes", "812_interop", "1_interop", "20_interop"), alive=("20_interop",))
    windows = Interop(host)
    windows.run("netstat", "-ano")
    windows.run("netstat", "-anoq")

    assert host.called == [
        NETSTAT,
        f"env WSL_INTEROP=/run/WSL/1_interop {NETSTAT}",
        f"env WSL_INTEROP=/run/WSL/20_interop {NETSTAT}",
        f"env WSL_INTEROP=/run/WSL/20_interop {NETSTAT}q",
    ]


@pytest.mark.parametrize("servers", [(), ("1_interop", "2_interop", "3_interop", "4_interop")])
def test_no_server_answers(servers):
    host = Distribution(servers=servers, alive=())
    with pytest.raises(Unseen) as caught:
        Interop(host).run("netstat", "-ano")

    why = "WSL does not start /mnt/c/Windows/System32/netstat.exe: "
    assert caught.value.why == f"{why}<3>WSL (723 - ) ERROR: UtilConnectToInteropServer:307: connect failed 2"
    assert caught.value.see == ON
    assert len(host.called) == 1 + min(3, len(servers))


def test_drives_that_are_not_mounted():
    host = Distribution(root="/elsewhere/", read={"/proc/mounts": ""})
    with pytest.raises(Unseen) as caught:
        Interop(host).run("netsh")

    assert caught.value.why == "netsh.exe is not in /mnt/c/Windows/System32"
    assert caught.value.see == "set enabled=true under [automount] in /etc/wsl.conf"


sections = st.text(st.sampled_from("abcAutomnt"), min_size=1, max_size=8)
values = st.text(st.sampled_from("abc/ .-_0"), max_size=8).map(str.strip)


@given(st.dictionaries(sections, st.dictionaries(sections, values, max_size=3), max_size=3))
def test_what_is_written_is_read_back(wanted):
    text = "".join(f"[{s}]\n" + "".join(f"{k} = {v}\n" for k, v in pairs.items()) for s, pairs in wanted.items())

    expected = {}
    for section, pairs in wanted.items():
        expected.update({(section.lower(), key.lower()): value for key, value in pairs.items()})
    assert wsl_interop.parse_conf(text) == expected


def written(path):
    return "".join(f"\\{ord(one):03o}" if one in " \t\n\\" else one for one in path)


@given(st.lists(st.tuples(st.sampled_from("CDEZ"), st.text(st.sampled_from("ab/ \\\t"), max_size=8)), max_size=4))
def test_mounts_are_read_back(some):
    text = "".join(f"{drive}:\\134 {written('/mnt' + path)} 9p rw,aname=drvfs 0 0\n" for drive, path in some)

    assert list(wsl_interop.parse_mounts(text)) == [(f"{drive}:\\", f"/mnt{path}") for drive, path in some]


@given(st.text(st.sampled_from("[]=#\"'ab \t\n\\0134C:/9pdrvfs\udcff"), max_size=60))
def test_no_text_is_a_crash(text):
    wsl_interop.parse_conf(text)
    list(wsl_interop.parse_mounts(text))
