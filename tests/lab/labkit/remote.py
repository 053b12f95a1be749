# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands on a host, as its administrator gives them: over one kept ssh connection, or `docker exec` if it is cut."""

from __future__ import annotations

import shlex
import sys

from . import fleet, network, places, ssh
from .shell import Ran, run


class HostError(AssertionError):
    """A command that had to succeed on a host did not."""


class Remote:
    """One host as root."""

    def __init__(self, host: str) -> None:
        self.name = host
        self.net = fleet.address(host)
        self.version = tuple(int(part) for part in fleet.images.ENGINES[host].split("."))
        self._ssh = ssh.command(self.net)

    @property
    def v4(self) -> str:
        """The host's address."""
        return self.net.v4(network.HOST)

    @property
    def v6(self) -> str:
        """The host's address."""
        return self.net.v6(network.HOST)

    def try_sh(self, script: str, timeout: float = 60) -> Ran:
        """What a shell script says, however it ends. It runs in a login session, like a person's commands."""
        ran = run(*self._ssh, f"bash -c {shlex.quote(script)}", timeout=timeout)
        if ran.rc == 255:  # ssh's own failure: a firewall of the scenario's, or the host booted
            ran = fleet.execute(self.name, "bash", "-c", script, timeout=timeout)
        return Ran((script,), ran.rc, ran.out, ran.err)

    def sh(self, script: str, timeout: float = 60) -> str:
        """What a script prints, without the last newline. Raises HostError if it fails."""
        ran = self.try_sh(f"set -e; {script}", timeout)
        if ran.rc:
            raise HostError(f"on {self.name}: {script[:300]} ended with {ran.rc}: {ran.text[-500:]}")
        return ran.out.rstrip("\n")

    def hang_up(self) -> None:
        """End the kept connection: the host is about to go away."""
        run(*self._ssh[:1], "-O", "exit", *self._ssh[1:])

    def docker(self, *args: str) -> Ran:
        """What the host's docker client says, however it ends."""
        return self.try_sh(shlex.join(["docker", *args]))

    def client(self, *argv: str, timeout: float = 30) -> Ran:
        """Run a program in the client namespace, outside of the host on its network."""
        return run(*network.inside_client(self.net.name, *argv), timeout=timeout)

    def asks(self, protocol: str, address: str, port: int, seconds: float = 2.0) -> str:
        """What the client gets from a port: an answer's last line, `refused`, `silent`, `closed` or an errno's text."""
        return self.client(
            sys.executable, "-S", "-E", str(places.HERE / "guest/ask.py"), protocol, address, str(port), str(seconds)
        ).out.strip()

    def asks_itself(self, protocol: str, address: str, port: int, seconds: float = 2.0) -> str:
        """The same, asked on the host."""
        return self.sh(f"python3 /lab/ask.py {protocol} {address} {port} {seconds}")
