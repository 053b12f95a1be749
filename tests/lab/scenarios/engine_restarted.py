# SPDX-License-Identifier: GPL-3.0-or-later
"""docker_restart: all that ran and answered before does so again; what cannot is said before, or fails the run."""

from labkit.play import Module, everything, same
from labkit.scenario import Lab, Mismatch

SHORT = ()


def run(lab: Lab) -> None:
    lab.container("web", "-p", "8100:80", "--restart", "always")
    lab.container("db", "-p", "127.0.0.1:8101:80")  # no restart policy: the engine leaves it stopped
    engine = Module(lab.host, "docker_restart", {"wait": 60})
    before = everything(lab.host)
    said = engine({}, check=True)
    same(before, everything(lab.host), "check mode")
    did = engine({})
    if said["diff"] != did["diff"] or did["started_again"] != ["db"]:
        raise Mismatch(f"check mode {said}, real run {did}")
    if "127.0.0.1:8101" not in did["answered"] or "127.0.0.1:8100" not in did["answered"]:
        raise Mismatch(f"both were to answer before: {did['answered']}")
    left = [line for line in everything(lab.host) if line.startswith(("containers", "listeners", "units", "engine"))]
    if left != [line for line in before if line.startswith(("containers", "listeners", "units", "engine"))]:
        raise Mismatch(f"the restart left {left}")
    again = engine({"pid": said["engine"]["pid"], "started": said["engine"]["started"]})
    if again["changed"] or again["engine"] != did["engine"]:
        raise Mismatch(f"that engine does not run any more: {again}")
    _often(lab, engine)
    _lost(lab, engine)
    _broken(lab, engine)


def _often(lab: Lab, engine: Module) -> None:
    """More often than systemd allows in a minute."""
    for _turn in range(4):
        did = engine({})
        if did.get("failed"):
            raise Mismatch(f"it was not restarted: {did['msg']}")


def _lost(lab: Lab, engine: Module) -> None:
    lab.container("tmp", "--rm")
    for check in (True, False):
        did = engine({}, check)
        if not did.get("failed") or did["msg"] != (
            "a restart removes tmp (--rm): stop them first, or allow it with lose=true"
        ):
            raise Mismatch(f"it was to be refused: {did}")
    if engine({"lose": True}).get("failed") or lab.host.docker("inspect", "tmp").rc == 0:
        raise Mismatch("it was to be restarted without tmp")


def _broken(lab: Lab, engine: Module) -> None:
    """The engine does not come back: the failure has its own words."""
    lab.file("/etc/docker/daemon.json", '{"nonsense": true}')
    did = engine({"wait": 5})
    if not did.get("failed") or "nonsense" not in did["msg"]:
        raise Mismatch(f"the engine's words were to be in the failure: {did}")
    lab.host.sh("rm /etc/docker/daemon.json")
    lab.restart_engine()
