# SPDX-License-Identifier: GPL-3.0-or-later
"""The door to the machine: files, folders and links, and what each refusal is called."""

from __future__ import annotations

import os
import sys

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._host import BECOME, CAPABLE, Refused, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost

HOST = LiveHost()


def test_a_file_is_read_to_its_end_byte_for_byte(tmp_path):
    text = "größe\r\n" * 30000 + "bad \udcff"
    (tmp_path / "file").write_bytes(text.encode("utf-8", "surrogateescape"))

    assert HOST.read(str(tmp_path / "file")) == text


def test_an_empty_file_is_empty(tmp_path):
    (tmp_path / "file").touch()

    assert HOST.read(str(tmp_path / "file")) == ""


def test_names_and_links_of_a_folder(tmp_path):
    (tmp_path / "one").symlink_to("socket:[70]")
    (tmp_path / "two").symlink_to("/dev/null")
    (tmp_path / "file").touch()  # no link: left out

    assert sorted(HOST.names(str(tmp_path))) == ["file", "one", "two"]
    assert sorted(HOST.links(str(tmp_path))) == ["/dev/null", "socket:[70]"]
    assert HOST.link(str(tmp_path / "one")) == "socket:[70]"


@pytest.mark.parametrize("verb", ["read", "names", "link", "links"])
def test_what_is_not_there_is_unseen(tmp_path, verb):
    path = str(tmp_path / "absent")

    with pytest.raises(Unseen) as caught:
        getattr(HOST, verb)(path)

    assert not isinstance(caught.value, Refused)
    assert (caught.value.why, caught.value.see) == (f"{path}: no such file or directory", "")


@pytest.fixture
def nobody():
    """Without root's rights for a while; the group's and others' rights of the files are closed by the test."""
    if os.geteuid() == 0:
        os.seteuid(65534)
        yield
        os.seteuid(0)
    else:
        yield


@pytest.mark.skipif(os.name != "posix", reason="rights are POSIX's")
@pytest.mark.parametrize("verb", ["read", "names", "links"])
def test_what_is_closed_to_this_user_is_refused(tmp_path, nobody, verb):
    path = "/proc/1/" + ("environ" if verb == "read" else "fd")

    with pytest.raises(Refused) as caught:
        getattr(HOST, verb)(path)

    assert (caught.value.why, caught.value.see) == (f"{path}: permission denied", BECOME)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="what even root may not do, only root can try")
def test_become_is_no_advice_to_root(monkeypatch):
    def refuse(path, *_):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "readlink", refuse)

    with pytest.raises(Refused) as caught:
        HOST.link("/proc/1/ns/net")

    assert caught.value.see == CAPABLE


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it looks into /proc")
def test_a_folder_whose_links_are_closed_one_by_one_is_refused(monkeypatch):
    """Root may list the files of a process that has capabilities which it lacks, and may read none of them."""

    def refuse(name, dir_fd):
        raise PermissionError(13, "Permission denied", name)

    monkeypatch.setattr(os, "readlink", refuse)

    with pytest.raises(Refused, match=r"^/proc/self/fd: permission denied"):
        HOST.links("/proc/self/fd")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it looks into /proc")
def test_no_descriptor_is_left_open():
    before = len(os.listdir("/proc/self/fd"))
    for _turn in range(20):
        HOST.links("/proc/self/fd")
        HOST.read("/proc/self/stat")
        HOST.netlink(0, b"\x20\0\0\0\x12\0\x01\x03" + bytes(24))

    assert len(os.listdir("/proc/self/fd")) == before
