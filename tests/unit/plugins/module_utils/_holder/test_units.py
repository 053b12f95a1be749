# SPDX-License-Identifier: GPL-3.0-or-later
"""Units as `systemctl show` prints them: which of them stop together, and which are never stopped."""

from __future__ import annotations

import os

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._holder import units
from ansible_collections.dockmaster.ports.plugins.module_utils._holder.process import Refused
from ansible_collections.dockmaster.ports.plugins.module_utils._holder.units import NotStopped, Unit
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost

SHOW = (
    "systemctl show --property=Id,LoadState,ActiveState,UnitFileState,TriggeredBy,Triggers,"
    "RequiredBy,RequisiteOf,BoundBy,ConsistsOf -- "
)


def shown(name, active="active", state="enabled", **others):
    told = {"Id": name, "LoadState": "loaded", "ActiveState": active, "UnitFileState": state, **others}
    return (0, "\n".join(f"{key}={value}" for key, value in told.items()) + "\n", "")


def host(*answers, **done):
    """answers: what `systemctl show` says of units, by their name."""
    run = {SHOW + answer[1].partition("\n")[0][3:]: answer for answer in answers}
    run.update({command.replace("_", " "): answer for command, answer in done.items()})
    return ReplayHost({"run": run})


NGINX = shown("nginx.service")
CUPS = shown("cups.service", TriggeredBy="cups.socket cups.path cups.timer")
CUPS_SOCKET = shown("cups.socket", Triggers="cups.service")
TOGETHER = [
    ("nginx.service", (NGINX,), (Unit("nginx.service", "active", "enabled"),)),
    ("gone.service", (shown("gone.service", "inactive", "", LoadState="not-found"),), ()),
    (
        "removed.service",  # its file is gone, and it still runs
        (shown("removed.service", "active", "", LoadState="not-found"),),
        (Unit("removed.service", "active", ""),),
    ),
    (
        "cups.service",
        (CUPS, CUPS_SOCKET),
        (Unit("cups.socket", "active", "enabled"), Unit("cups.service", "active", "enabled")),
    ),
    (
        "cups.socket",
        (CUPS, CUPS_SOCKET),
        (Unit("cups.socket", "active", "enabled"), Unit("cups.service", "active", "enabled")),
    ),
    (
        "echo.socket",  # of a service that starts anew for each client
        (shown("echo.socket", Triggers="echo@.service"),),
        (Unit("echo.socket", "active", "enabled"),),
    ),
    (
        "db.service",
        (shown("db.service", state="static", RequiredBy="app.service x.target", BoundBy="app.service"),),
        (Unit("db.service", "active", "static", ("app.service",)),),
    ),
]


@pytest.mark.parametrize("name, answers, expected", TOGETHER, ids=[row[0] for row in TOGETHER])
def test_together(name, answers, expected):
    assert units.together(host(*answers), name) == expected


TOLD = [
    ((), []),
    ((Unit("a.service", "inactive", "static"),), []),
    ((Unit("a.service", "failed", "enabled"),), ["a.service is disabled"]),
    ((Unit("a.service", "activating", "static"),), ["a.service stops"]),
    (
        (Unit("a.service", "active", "generated"),),
        ["a.service stops", "a.service starts again at boot: it is a script of /etc/init.d, for people to disable"],
    ),
    (
        (Unit("a.socket", "active", "enabled"), Unit("a.service", "active", "static", ("b.service",))),
        ["a.socket stops", "a.service stops", "b.service stops with it", "a.socket is disabled"],
    ),
]


@pytest.mark.parametrize("found, lines", TOLD)
def test_told(found, lines):
    assert units.told(found) == lines


REFUSED = [
    ("ssh.service", "ssh.service is one that the host needs: it is never stopped like this"),
    ("systemd-networkd.service", "systemd-networkd.service is one that the host needs: it is never stopped like this"),
    ("docker.socket", "docker.socket is the engine's own: restart the engine instead"),
    (
        "systemd-resolved.service",
        "systemd-resolved.service resolves the host's names: release its stub instead (module resolved_stub)",
    ),
    ("my-runner.service", "my-runner.service is one that this very run needs"),
]
RUNNER = ReplayHost(
    {
        "read": {
            f"/proc/{os.getpid()}/stat": f"{os.getpid()} (python3) S 1 0",
            f"/proc/{os.getpid()}/cgroup": "0::/system.slice/my-runner.service\n",
            "/proc/1/cgroup": "0::/init.scope\n",
        }
    }
)


@pytest.mark.parametrize("name, words", REFUSED)
@pytest.mark.parametrize("dragged", [False, True])
def test_refused(name, words, dragged):
    unit = Unit("nginx.service", "active", "enabled", (name,)) if dragged else Unit(name, "active", "enabled")

    with pytest.raises(Refused) as refused:
        units.refuse(RUNNER, (unit,))

    assert str(refused.value) == words


def test_any_other_is_not_refused():
    units.refuse(RUNNER, (Unit("nginx.service", "active", "enabled", ("app.service",)),))


def test_stop():
    both = (Unit("a.socket", "active", "enabled"), Unit("a.service", "inactive", "enabled-runtime"))
    done = {
        "systemctl_stop_--_a.socket": (0, "", ""),
        "systemctl_disable_--_a.socket": (0, "", ""),
        "systemctl_disable_--runtime_--_a.service": (0, "", ""),
    }

    units.stop(host(**done), both)
    with pytest.raises(NotStopped, match=r"^systemctl disable a\.socket: Read-only file system$"):
        units.stop(host(**{**done, "systemctl_disable_--_a.socket": (1, "", "Read-only file system\n")}), both)
