# SPDX-License-Identifier: GPL-3.0-or-later
"""A read-only /etc: each module that writes there says so, in check mode too, and changes nothing."""

from labkit.play import Module, everything, same
from labkit.scenario import Lab, Mismatch

NOT_ON = dict.fromkeys(("bookworm", "sid"), "the very same code: proven on one host")
WRITERS = {
    "docker_daemon": {"config": {"debug": True}, "backup": False},
    "port_reservation": {"ports": ["40100"], "name": "lab"},
    "unprivileged_port": {"start": 80},
}


def run(lab: Lab) -> None:
    modules = {name: Module(lab.host, name, args) for name, args in WRITERS.items()}
    lab.later("umount /etc")
    lab.host.sh("mount --bind /etc /etc; mount -o remount,bind,ro /etc")
    before = everything(lab.host)
    for name, args in WRITERS.items():
        said, did = (modules[name](args, check=check) for check in (True, False))
        if not did.get("failed") or "read-only file system" not in did["msg"] or said.get("msg") != did["msg"]:
            raise Mismatch(f"{name} was to say that /etc is read-only: check mode {said}, the real run {did}")
    same(before, everything(lab.host), "a module that could not write")
