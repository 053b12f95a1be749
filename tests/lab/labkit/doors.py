# SPDX-License-Identifier: GPL-3.0-or-later
"""Published ports of every kind on a host, and two clients outside of it: one that a policy lets in, and another one.

The table says what each gets from each port, and is asked again after whatever happens to the host.
"""

from __future__ import annotations

import json
import shlex
import sys
import time
import typing as t
from dataclasses import dataclass

from . import network, places
from .errors import Mismatch
from .scenario import Lab
from .scene import IMAGE, UDP, UDP_OPTIONS

DENIED = network.CLIENT + 1  # last number of the second client's addresses
SILENT = "silent"

Ask = tuple[str, str, str, int]  # protocol, source, address, port


@dataclass(frozen=True)
class Door:
    """A published port. publish: of `docker run`; reach: addresses of the host to ask it on; opens: to those let in."""

    publish: str
    port: int
    reach: tuple[str, ...]
    protocol: str = "tcp"
    opens: bool = True


def doors(lab: Lab) -> list[Door]:
    """On every address, one address, loopback, IPv6 only, in a range, TCP and UDP; host and container ports differ."""
    v4, v6 = lab.host.v4, lab.host.v6
    return [
        Door("8080:80", 8080, (v4, v6)),
        Door(f"{v4}:8081:80", 8081, (v4,)),
        Door("[::]:8083:80", 8083, (v6,)),
        Door(f"[{v6}]:8084:80", 8084, (v6,)),
        Door("8090-8092:80-82", 8090, (v4, v6)),
        Door("", 8091, (v4, v6)),
        Door("", 8092, (v4, v6), opens=False),
        Door("9300:80", 9300, (v4, v6), opens=False),
        Door("8053:53/udp", 8053, (v4, v6), "udp"),
        Door(f"{v4}:8054:53/udp", 8054, (v4,), "udp"),
        Door("9053:53/udp", 9053, (v4, v6), "udp", opens=False),
    ]


POLICY: dict[str, t.Any] = {
    "default": "deny",
    "rules": [
        {"ports": ["8080-8084", "8090-8091", "8053-8054/udp"], "action": "allow", "comment": "doors for the one let in"}
    ],
}


class Street:
    """The host, its doors, and the two clients."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.net = lab.host.net
        self.doors = doors(lab)
        self.allowed = (self.net.v4(network.CLIENT), self.net.v6(network.CLIENT))
        self.denied = (self.net.v4(DENIED), self.net.v6(DENIED))
        self._serve_outside(9300)
        self._address(self.denied[0], 24)
        self._address(self.denied[1], 64)

    def _address(self, address: str, prefix: int) -> None:
        nodad = ["nodad"] if ":" in address else []
        self.lab.host.client("ip", "addr", "replace", f"{address}/{prefix}", "dev", "eth0", *nodad)
        self.lab._undo.callback(self.lab.host.client, "ip", "addr", "del", f"{address}/{prefix}", "dev", "eth0")

    def _serve_outside(self, port: int) -> None:
        """The first client also is somebody whom containers ask, on the number of a port that the policy closes."""
        ran = self.lab.host.client(
            sys.executable, str(places.HERE / "guest/hold.py"), "0.0.0.0", str(port), "reuse", "say=client"
        )
        self.lab._undo.callback(self.lab.host.client, "kill", ran.out.strip())

    def policy(self, **more: t.Any) -> dict[str, t.Any]:
        """Lets the first client in at the doors that open, and nobody else anywhere."""
        rules = [{**POLICY["rules"][0], "sources": list(self.allowed)}]
        return {**POLICY, "rules": rules, **more}

    def open_shop(self) -> None:
        """A container behind all doors, that comes back after a reboot."""
        self.lab.later("docker rm -f shop >/dev/null 2>&1 || true")
        self.run_shop()

    def run_shop(self, *options: str) -> None:
        """The container, with options that change where it stands."""
        web = "mkdir -p /w; echo shop > /w/index.html; for p in 80 81 82; do httpd -p $p -h /w; done"
        serve = f"{web}; {UDP.format(say='shop', port=53)}"
        publish = [word for door in self.doors if door.publish for word in ("-p", door.publish)]
        words = ["docker", "run", "-d", "--name", "shop", "--restart", "always", "--stop-signal", "KILL"]
        self.lab.host.sh(
            shlex.join([*words, *publish, "-p", "127.0.0.1:8082:80", *UDP_OPTIONS, *options, IMAGE, "sh", "-c", serve])
        )

    def expect(self, when: str, closed: bool, seconds: float = 0.0) -> None:
        """Everybody gets what the table says. seconds: within which it has to become so."""
        wanted = {ask: self._wanted(door, ask, closed) for door in self.doors for ask in self._asks(door)}
        until = time.monotonic() + seconds
        while True:
            said = self.ask(list(wanted))
            wrong = [
                f"{' '.join(map(str, ask))}: {got}, not {wanted[ask]}"
                for ask, got in said.items()
                if got != wanted[ask]
            ]
            if not wrong:
                return
            if time.monotonic() > until:
                rows = [*wrong[:12], "its container: " + self._said_of_shop()]
                raise Mismatch(f"{when}: {len(wrong)} of {len(wanted)} are wrong:\n    " + "\n    ".join(rows))

    def _said_of_shop(self) -> str:
        """Its state, and what the engine said of it since the boot: whether nobody was let in, or nobody was there."""
        state = self.lab.host.docker("inspect", "-f", "{{json .State}}", "shop").text
        script = "systemctl is-active docker; journalctl -b -q -u docker --no-pager -o cat | grep -iE 'shop|fail|error'"
        return f"{state} {self.lab.host.try_sh(script).text[-1500:]}"

    def denies(self, when: str, seconds: float = 0.0) -> None:
        """Nobody gets in where the policy does not let him; that those get in whom it lets is not asked.

        seconds: within which it has to become so.
        """
        asks = [ask for door in self.doors for ask in self._asks(door) if self._wanted(door, ask, True) == SILENT]
        until = time.monotonic() + seconds
        while True:
            wrong = [f"{' '.join(map(str, ask))}: {got}" for ask, got in self.ask(asks).items() if got == "shop"]
            if not wrong:
                return
            if time.monotonic() > until:
                raise Mismatch(f"{when}: {len(wrong)} get in:\n    " + "\n    ".join(wrong[:12]))

    def _asks(self, door: Door) -> t.Iterator[Ask]:
        for address in door.reach:
            for client in (self.allowed, self.denied):
                yield door.protocol, client[":" in address], address, door.port

    def _wanted(self, door: Door, ask: Ask, closed: bool) -> str:
        return "shop" if not closed or (door.opens and ask[1] in self.allowed) else SILENT

    def ask(self, asks: t.Sequence[Ask], seconds: float = 1.5) -> dict[Ask, str]:
        """What clients outside get."""
        script = str(places.HERE / "guest/ask_many.py")
        ran = self.lab.host.client(sys.executable, "-S", "-E", script, str(seconds), json.dumps(asks))
        return dict(zip(asks, json.loads(ran.out), strict=True))

    def inside(self, when: str, network: str = "bridge") -> None:
        """What no policy touches: the host itself, containers to published ports, to each other, and to the outside."""
        host = self.lab.host
        for address, port in (("127.0.0.1", 8080), ("127.0.0.1", 8082), (host.v4, 8080), (host.v4, 9300)):
            said = host.asks_itself("tcp", address, port)
            if said != "shop":
                raise Mismatch(f"{when}: the host itself asks {address}:{port} and gets {said!r}")
        gone = [
            *self._from_a_container(host.v4, 9300),
            *self._from_a_container(self.shop_address(), 80, network=network),
        ]
        gone += self._from_a_container(self.allowed[0], 9300, "client")
        if gone:
            raise Mismatch(f"{when}: a container asks and gets nothing: {', '.join(gone)}")

    def shop_address(self) -> str:
        """The container's own IPv4 address."""
        return self.lab.host.sh(
            "docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}' shop"
        ).split()[0]

    def _from_a_container(self, address: str, port: int, wanted: str = "shop", network: str = "bridge") -> list[str]:
        script = f"printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 3 {address} {port}"
        ran = self.lab.host.docker("run", "--rm", "--network", network, IMAGE, "sh", "-c", script)
        said = (ran.out.strip().splitlines() or [""])[-1]
        return [] if said == wanted else [f"{address}:{port} says {said!r} {ran.err.strip()}".rstrip()]
