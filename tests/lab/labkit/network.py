# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's own network, IPv4 and IPv6, and the client namespace that stands on it outside the host.

A network is a bridge in the engine's namespace, made here and not by the engine: on a network of its own making the
engine would put its name server's sockets and NAT rules into every host. The host plugs itself in whenever it boots
(guest/entry.sh).
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from pathlib import Path

from . import engine, places
from .errors import LabError
from .shell import run

ROUTER, HOST, CLIENT = 1, 2, 200  # last number of each one's addresses


@dataclass(frozen=True)
class Network:
    """The network of one host. `number` (1 to 254) tells its addresses and its bridge."""

    name: str
    number: int

    @property
    def bridge(self) -> str:
        """The bridge, in the engine's namespace."""
        return f"dml{self.number}"

    @property
    def client(self) -> str:
        """The client's namespace."""
        return f"{self.name}-client"

    def v4(self, who: int) -> str:
        """The IPv4 address of one on it; all have the prefix 24."""
        return f"10.213.{self.number}.{who}"

    def v6(self, who: int) -> str:
        """The IPv6 address of one on it; all have the prefix 64."""
        return f"fd13:d0c:{self.number:x}::{who:x}"


def _numbers() -> Path:
    """One file a network, called as its number, with its name in it."""
    return places.runtime() / "networks"


def find(name: str) -> t.Optional[Network]:
    """The network of that name; None if there is none."""
    if not _numbers().is_dir():
        return None
    for path in _numbers().iterdir():
        if path.read_text() == name:
            return Network(name, int(path.name))
    return None


def make(name: str) -> Network:
    """The network and the client on it, if they are not there."""
    net = find(name) or Network(name, _reserve(name))
    _plug(net)
    return net


def _reserve(name: str) -> int:
    """A number that no other network has: who makes the file first has it."""
    _numbers().mkdir(parents=True, exist_ok=True)
    for number in range(1, 255):
        try:
            with (_numbers() / str(number)).open("x") as file:
                file.write(name)
        except FileExistsError:
            continue
        return number
    raise LabError("254 networks are in use", "take runs down: `lab down --all`")


def _plug(net: Network) -> None:
    """The bridge, the client's namespace, and the cable between."""
    if Path(f"/run/netns/{net.client}").exists():
        return
    port = f"{net.bridge}c"
    steps = f"""
        set -e
        ip link add {net.bridge} type bridge forward_delay 0
        ip link set {net.bridge} up
        ip addr add {net.v4(ROUTER)}/24 dev {net.bridge}
        ip addr add {net.v6(ROUTER)}/64 dev {net.bridge} nodad
        ip netns add {net.client}
        ip link add {port} type veth peer name eth0 netns {net.client}
        ip link set {port} master {net.bridge} up
        ip -n {net.client} link set lo up
        ip -n {net.client} link set eth0 up
        ip -n {net.client} addr add {net.v4(CLIENT)}/24 dev eth0
        ip -n {net.client} addr add {net.v6(CLIENT)}/64 dev eth0 nodad
        ip -n {net.client} route add default via {net.v4(ROUTER)}
    """
    run(*engine.inside("sh", "-c", steps)).must(
        f"the network {net.name} cannot be made", "run `lab down` and try again"
    )


def inside_client(name: str, *argv: str) -> list[str]:
    """The command line that runs argv in the client namespace of the network."""
    return ["nsenter", f"--net=/run/netns/{name}-client", *argv]


def remove(name: str) -> None:
    """The network and its client."""
    net = find(name)
    if net is None:
        return
    if Path(f"/run/netns/{net.client}").exists():
        run("ip", "netns", "del", net.client).must("a client's namespace stays")
    run(*engine.inside("ip", "link", "del", net.bridge))
    (_numbers() / str(net.number)).unlink()
