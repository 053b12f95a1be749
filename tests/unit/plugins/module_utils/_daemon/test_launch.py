# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import Launch, Place, launch_of
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.unit import PROPERTIES
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost

SHOW = f"systemctl show --no-pager -p {PROPERTIES} docker.service"
UNIT = (
    "ExecStart={{ path={0} ; argv[]={0} -H fd:// $DOCKER_OPTS ; ignore_errors=no ; pid=7 }}\n"
    "MainPID={1}\nLoadState=loaded\nNeedDaemonReload=no\nEnvironmentFiles=/etc/default/docker (ignore_errors=yes)\n"
)
VERSION = [0, "Docker version 26.1.5+dfsg1, build 411e817\n", ""]
MISSING = [1, "LoadState=not-found\n", ""]
PROCESS = {"/proc/812/comm": "dockerd\n", "/proc/812/cmdline": "/usr/bin/dockerd\0--ip\x00127.0.0.1\0"}


def host(run, read=None, **verbs):
    return ReplayHost({"run": run, "read": read or {}, "names": {"/proc": ["1", "812", "self"]}, **verbs})


def test_a_unit_tells_program_and_arguments():
    run = {SHOW: [0, UNIT.format("/usr/sbin/dockerd", 812), ""], "/usr/sbin/dockerd --version": VERSION}
    read = {**PROCESS, "/etc/default/docker": "DOCKER_OPTS='--userland-proxy=false -D'\n"}

    launch = launch_of(host(run, read), Place())

    assert launch == Launch(
        ("-H", "fd://", "--userland-proxy=false", "-D"), "unit docker.service", "/usr/sbin/dockerd", 812, (26, 1, 5)
    )
    assert launch.flags == {"host": ["fd://"], "userland-proxy": ["false"], "debug": ["true"]}


def test_a_stopped_unit_tells_its_arguments_too():
    run = {SHOW: [0, UNIT.format("/usr/sbin/dockerd", 0), ""], "/usr/sbin/dockerd --version": VERSION}

    launch = launch_of(host(run), Place())

    assert (launch.arguments, launch.pid) == (("-H", "fd://"), None)


def test_where_a_unit_starts_a_wrapper_the_process_tells():
    run = {SHOW: [0, UNIT.format("/usr/bin/snap", 811), ""], "/usr/bin/dockerd --version": VERSION}
    read = {**PROCESS, "/proc/811/comm": "sh\n", "/var/run/docker.pid": "812"}

    launch = launch_of(host(run, read), Place())

    assert launch == Launch(("--ip", "127.0.0.1"), "process 812", "/usr/bin/dockerd", 812, (26, 1, 5))


def test_without_systemd_the_only_engine_of_our_network_tells():
    link = {"/proc/812/ns/net": "net:[1]", "/proc/self/ns/net": "net:[1]"}

    launch = launch_of(host({SHOW: MISSING, "/usr/bin/dockerd --version": VERSION}, PROCESS, link=link), Place())

    assert (launch.source, launch.pid) == ("process 812", 812)


def test_an_engine_in_another_network_is_somebody_elses():
    link = {"/proc/812/ns/net": "net:[2]", "/proc/self/ns/net": "net:[1]"}

    launch = launch_of(host({SHOW: MISSING, "dockerd --version": VERSION}, PROCESS, link=link), Place())

    assert launch == Launch(None, "", "dockerd", None, (26, 1, 5), unseen="systemd has no unit docker.service")


def test_nothing_is_installed():
    launch = launch_of(host({}), Place())

    assert (launch.program, launch.version, launch.pid, launch.arguments) == ("", (), None, None)
    assert "systemctl show" in launch.unseen


def test_a_users_own_systemd_is_asked_for_a_rootless_engine():
    place = Place(rootless=True, folder="/home/a/.config/docker", run="/run/user/1000")
    show = f"env XDG_RUNTIME_DIR=/run/user/1000 systemctl --user show --no-pager -p {PROPERTIES} docker.service"
    run = {show: [0, UNIT.format("/usr/bin/dockerd-rootless.sh", 700), ""], "/usr/bin/dockerd --version": VERSION}
    read = {**PROCESS, "/proc/700/comm": "rootlesskit\n", "/run/user/1000/docker.pid": "812\n"}

    launch = launch_of(host(run, read), place)

    assert (launch.source, launch.pid, launch.arguments) == ("process 812", 812, ("--ip", "127.0.0.1"))


@pytest.mark.parametrize("answer, stale", [("no", False), ("yes", True)])
def test_a_unit_that_changed_after_systemd_read_it(answer, stale):
    shown = UNIT.format("/usr/sbin/dockerd", 0).replace("Reload=no", f"Reload={answer}")

    launch = launch_of(host({SHOW: [0, shown, ""], "/usr/sbin/dockerd --version": VERSION}), Place())

    assert launch.stale is stale
