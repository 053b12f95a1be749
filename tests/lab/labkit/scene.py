# SPDX-License-Identifier: GPL-3.0-or-later
"""What a scenario makes on a host: every piece is undone at its end, the last one first, whatever happens between."""

from __future__ import annotations

import contextlib
import shlex
import time
import typing as t
from dataclasses import dataclass

from .remote import HostError, Remote

IMAGE = "bb:1"
# Both answer every client with one line. busybox has no server for UDP: the host's Python serves, from the host's /usr.
WEB = "echo {say} > /www/index.html; exec httpd -f -p {port} -h /www"
UDP = "exec python3 -S -E /lab/hold.py 0.0.0.0 {port} udp stay say={say}"
UDP_OPTIONS = ("-v", "/usr:/usr:ro", "-v", "/lab:/lab:ro", "-e", "PATH=/usr/bin:/bin")


@dataclass(frozen=True)
class Process:
    """A process of the host: its pid there and its start in clock ticks since boot, which together name it for good."""

    pid: int
    started: str


class Scene:
    """The host while a scenario runs."""

    def __init__(self, host: Remote) -> None:
        self.host = host
        self._undo = contextlib.ExitStack()

    def __enter__(self) -> Scene:
        return self

    def __exit__(self, *exc: t.Any) -> None:
        self._undo.close()

    def forget(self) -> None:
        """Undo nothing: the host was made anew."""
        self._undo.pop_all()

    def later(self, script: str) -> None:
        """Run a script on the host at the end; it must succeed."""
        self._undo.callback(self.host.sh, script)

    # -- processes

    def hold(self, address: str, port: int, *words: str) -> Process:
        """A process that nothing manages binds a port; see guest/hold.py for the words."""
        return self.process(shlex.join(["python3", "/lab/hold.py", address, str(port), *words]))

    def process(self, command: str) -> Process:
        """Run a command that prints the pid of a process it leaves behind; the process ends with the scene."""
        pid = int(self.host.sh(command).split()[-1])
        process = Process(pid, self.host.sh(f"cut -d')' -f2 /proc/{pid}/stat | awk '{{print $20}}'"))
        self._undo.callback(self.end, process)
        return process

    def end(self, process: Process) -> None:
        """Kill it, if it is still the same; and wait until it is gone."""
        same = (
            f"[ \"$(cut -d')' -f2 /proc/{process.pid}/stat 2>/dev/null | awk '{{print $20}}')\" = {process.started} ]"
        )
        self.host.sh(
            f"if {same}; then kill -9 {process.pid}; fi;"
            f" for i in $(seq 50); do {same} || exit 0; sleep 0.1; done; exit 1"
        )

    # -- files and units

    def file(self, path: str, text: str) -> None:
        """Write a file; at the end it is as it was before."""
        kept = f"/tmp/kept{path.replace('/', '-')}"
        self.host.sh(f"mkdir -p $(dirname {path}); if [ -e {path} ]; then cp -a {path} {kept}; fi")
        self.later(f"if [ -e {kept} ]; then mv {kept} {path}; else rm -f {path}; fi")
        self.host.sh(f"printf %s {shlex.quote(text)} > {path}")

    def unit(self, name: str, text: str, start: bool = True) -> None:
        """A unit of systemd's."""
        self.file(f"/run/systemd/system/{name}", text)
        self.later("systemctl daemon-reload; systemctl reset-failed")
        if "@." not in name:
            self.later(f"systemctl stop {name}")
        self.host.sh(f"systemctl daemon-reload; {f'systemctl start {name}' if start else ''}")

    # -- the engine

    def container(
        self, name: str, *options: str, port: int = 80, command: str = "", verb: str = "run -d", client: str = "docker"
    ) -> str:
        """Run (or create) a container that answers with its name on a port of its own; its id. client: which engine."""
        serve = command or f"sh -c {shlex.quote(WEB.format(say=name, port=port))}"
        self.later(f"{client} rm -f {name} >/dev/null 2>&1 || true")
        found = self.host.sh(f"{client} {verb} --name {name} --stop-signal KILL {shlex.join(options)} {IMAGE} {serve}")
        return found.splitlines()[-1]

    def service(self, name: str, publish: str) -> None:
        """A service of swarm that answers with its name on port 80; the host is in a swarm, and made anew after it."""
        options = "--detach=false --quiet --no-resolve-image --stop-signal KILL"
        serve = f"sh -c {shlex.quote(WEB.format(say=name, port=80))}"
        self.host.sh(f"docker service create {options} --name {name} --publish {publish} {IMAGE} {serve}", timeout=180)

    def daemon(self, settings: str) -> None:
        """Restart the engine with a daemon.json; at the end with the old one."""
        self.later(RESTART)
        self.file("/etc/docker/daemon.json", settings)
        self.restart_engine()

    def restart_engine(self) -> None:
        """systemd refuses the fourth start within a minute, if nobody resets its count."""
        self.host.sh(RESTART)

    # -- waiting

    def until(self, script: str, seconds: float = 15) -> None:
        """Wait for a script to succeed on the host. Raises HostError if it does not in time."""
        end = time.monotonic() + seconds
        while self.host.try_sh(script).rc:
            if time.monotonic() > end:
                raise HostError(f"on {self.host.name}: not within {seconds} s: {script}")
            time.sleep(0.2)


RESTART = "systemctl reset-failed docker docker.socket 2>/dev/null || true; systemctl restart docker"
