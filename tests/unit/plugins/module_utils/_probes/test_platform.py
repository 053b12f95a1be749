# SPDX-License-Identifier: GPL-3.0-or-later
"""Section `platform`."""

from __future__ import annotations

import os
import platform as standard
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Platform
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import platform
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost

REQUEST = Request(sections=("platform",))
DEBIAN = """\
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
# a comment with "an odd quote
ID=debian
HOME_URL='https://www.debian.org/'
BROKEN="no end
"""
READ = {
    "/proc/sys/kernel/osrelease": "6.1.0-26-amd64\n",
    "/proc/sys/kernel/hostname": "web-01\n",
    "/etc/os-release": DEBIAN,
    "/proc/1/environ": "HOME=/\0TERM=linux\0",
}
NAMES = {"/": ["etc", "usr"], "/run": ["systemd"], "/run/systemd/system": []}
LINK = {"/proc/self/ns/net": "net:[4026531840]"}


def gather(read=None, names=None, run=None, **more):
    recording = {"read": {**READ, **(read or {})}, "names": {**NAMES, **(names or {})}, "run": run or {}, "link": LINK}
    blind = []
    return platform.probe(ReplayHost({**recording, **more}), REQUEST, Evidence(), blind)["platform"], blind


def test_a_debian_host():
    assert gather() == (
        Platform(
            distribution="debian",
            version="12",
            release="6.1.0-26-amd64",
            hostname="web-01",
            service_manager="systemd",
            namespace="net:[4026531840]",
        ),
        [],
    )


def test_os_release_may_be_in_usr_lib():
    read = {path: text for path, text in READ.items() if path != "/etc/os-release"}
    read["/usr/lib/os-release"] = "ID=alpine\nVERSION_ID=3.20.3\n"

    blind = []
    told = platform.probe(ReplayHost({"read": read}), REQUEST, Evidence(), blind)["platform"]

    assert (told.distribution, told.version, told.service_manager, told.namespace) == ("alpine", "3.20.3", "", "")


def test_bytes_that_are_no_text_are_escaped():
    assert gather({"/etc/os-release": "ID=de\udcffbian\n"})[0].distribution == "de\\xffbian"


@pytest.mark.parametrize(
    "release, wsl",
    [
        ("6.1.0-26-amd64", ""),
        ("4.4.0-19041-Microsoft", "1"),
        ("5.15.153.1-microsoft-standard-WSL2", "2"),
        ("6.6.36.3-microsoft-standard-WSL2+", "2"),
        ("4.19.128-microsoft-standard", "2"),
    ],
)
def test_wsl_of(release, wsl):
    assert platform.wsl_of(release) == wsl


WSL2 = {"/proc/sys/kernel/osrelease": "5.15.153.1-microsoft-standard-WSL2\n"}


def test_wsl_tells_its_networking_mode():
    told, blind = gather(WSL2, run={"wslinfo --networking-mode": (0, "mirrored\r\n", "")})

    assert (told.wsl, told.wsl_networking, blind) == ("2", "mirrored", [])


@pytest.mark.parametrize(
    "run, why",
    [
        ({}, "wslinfo --networking-mode is not in the recording"),
        ({"wslinfo --networking-mode": (1, "", "unknown option\n")}, "wslinfo: unknown option"),
        ({"wslinfo --networking-mode": (2, "", "")}, "wslinfo: exit status 2"),
    ],
)
def test_a_wsl_that_does_not_tell_is_blind_for_that(run, why):
    told, blind = gather(WSL2, run=run)

    assert told.wsl_networking == ""
    assert blind == [Blind("platform", why, "update WSL", part="WSL's networking mode", hides=False)]


def test_where_there_is_no_wslinfo_the_interface_of_mirrored_networking_tells():
    told, blind = gather(WSL2, names={"/sys/class/net": ["lo", "eth0", "loopback0"]})

    assert (told.wsl_networking, blind) == ("mirrored", [])


DESKTOPS = "/mnt/wsl/docker-desktop/cli-tools/usr/bin/docker"
SIDES = [
    # what the kernel says of Windows' programs       docker's link                   interop  integration
    ({"WSLInterop": "enabled\ninterpreter /init\n"}, {"/usr/bin/docker": DESKTOPS}, True, True),
    ({"WSLInterop-late": "enabled\n"}, {}, True, False),
    ({"WSLInterop": "disabled\n"}, {"/usr/bin/docker": "/opt/docker/docker"}, False, False),
    ({}, {}, False, False),
]  # fmt: skip


@pytest.mark.parametrize("handlers, link, interop, integration", SIDES)
def test_what_wsl_has_of_windows_and_of_docker_desktop(handlers, link, interop, integration):
    files = {f"/proc/sys/fs/binfmt_misc/{name}": text for name, text in handlers.items()}
    told, _blind = gather({**WSL2, **files}, link={**LINK, **link})

    assert (told.wsl_interop, told.wsl_integration) == (interop, integration)


def test_what_is_no_wsl_has_neither():
    told, _blind = gather(link={**LINK, "/usr/bin/docker": DESKTOPS})

    assert (told.wsl_interop, told.wsl_integration) == (None, None)


CONTAINERS = [
    # read                                                names                                    container
    ({}, {}, ""),
    ({"/run/systemd/container": "docker\n"}, {}, "docker"),
    ({"/proc/1/environ": "PATH=/bin\0container=lxc\0"}, {}, "lxc"),
    ({"/proc/1/environ": "notcontainer=lxc\0"}, {}, ""),
    ({}, {"/": [".dockerenv", "etc"]}, "docker"),
    ({}, {"/run": [".containerenv"]}, "podman"),
    ({"/run/systemd/container": "podman\n"}, {"/": [".dockerenv"]}, "podman"),
]


@pytest.mark.parametrize("read, names, container", CONTAINERS)
def test_container_or_host(read, names, container):
    assert gather(read, names)[0].container == container


@pytest.mark.parametrize(
    "names, manager",
    [({"/run/systemd/system": []}, "systemd"), ({"/run/openrc": []}, "openrc"), ({}, "")],
)
def test_service_manager(names, manager):
    told = platform.probe(ReplayHost({"read": READ, "names": names}), REQUEST, Evidence(), [])

    assert told["platform"].service_manager == manager


def test_without_proc_nothing_is_seen():
    with pytest.raises(Unseen):
        platform.probe(ReplayHost({}), REQUEST, Evidence(), [])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the probe reads Linux's files")
def test_this_machine():
    told = platform.probe(LiveHost(), REQUEST, Evidence(), [])["platform"]

    assert (told.release, told.hostname) == (os.uname().release, standard.node())
    assert told.namespace == os.readlink("/proc/self/ns/net")


@given(st.text(st.sampled_from("AB=\"'\\ #\n\t"), max_size=40))
def test_no_os_release_is_a_crash(text):
    platform.parse_os_release(text)
