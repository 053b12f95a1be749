# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows' excluded ports as a WSL distribution sees them."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.netsh import looks
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.wsl import WslNat, WslShell, insist_on_wsl
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Missing, Output, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost

WHOAMI = "/mnt/c/Windows/System32/whoami.exe /groups"
LEVEL = "Verbindliche Beschriftung\\Stufe   Bezeichnung   S-1-16-{}\r\n"


class Host(ReplayHost):
    """A program that is not in the recording is not installed."""

    def run(self, *argv):
        try:
            return super().run(*argv)
        except Unseen:
            raise Missing(f"{argv[0]} is not installed") from None


def host(groups=None, release="5.15.153.1-microsoft-standard-WSL2\n"):
    run = {} if groups is None else {WHOAMI: (0, groups, "")}
    return Host({"read": {"/proc/sys/kernel/osrelease": release}, "run": run})


@pytest.mark.parametrize(
    "groups, elevated",
    [
        (LEVEL.format(12288), True),
        (LEVEL.format(16384), True),
        (LEVEL.format(8192), False),
        ("", None),
        (None, None),
    ],
)
def test_elevation_is_read_from_sids(groups, elevated):
    assert WslShell(host(groups)).elevated is elevated


def test_netsh_is_found_without_the_path():
    command = looks([("ipv4", "tcp")])[0]
    found = {f"/mnt/c/Windows/System32/netsh.exe {' '.join(command.argv[1:])}": (0, "table", "")}

    assert WslShell(Host({"run": found})).run([command]) == [Output(0, "table", "")]


def test_how_it_can_be_done_is_said():
    said = WslShell(host()).unelevated(looks([("ipv4", "tcp")]))

    assert said.endswith(
        "administrator there: netsh interface ipv4 show excludedportrange protocol=tcp store=active; "
        "netsh interface ipv4 show excludedportrange protocol=tcp store=persistent"
    )


def test_winnat_is_not_stopped_from_within():
    nat = WslNat()

    assert nat.runs(Output(0, "        STATE : 4  RUNNING", "")) is None
    with pytest.raises(ValueError, match="winnat is not stopped from within WSL"):
        nat.change()


def test_only_wsl_has_a_windows_below():
    insist_on_wsl(host())
    with pytest.raises(Unseen, match="neither Windows nor a WSL distribution"):
        insist_on_wsl(host(release="6.1.0-26-amd64\n"))
