# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The only door to the machine.

Probes read through a Host and through nothing else, so the same probe sees a live machine (`_live_host.LiveHost`),
a recording of one (`_replay_host.ReplayHost`), and what a connection printed on a machine without Python.
"""

from __future__ import annotations

import typing as t

BECOME = "gather with become: true"
CAPABLE = "gather as a root that has all capabilities"


class Unseen(Exception):
    """A source cannot be read. why: what stood in the way; see: what would let it be read."""

    def __init__(self, why: str, see: str = "") -> None:
        super().__init__(f"{why}; {see}" if see else why)
        self.why = why
        self.see = see


class Missing(Unseen):
    """A file or a program is not there, or not in the recording."""


class Refused(Unseen):
    """This user lacks the right to read a source."""


class Deserted(Unseen):
    """A socket's file or address is there, and nobody listens."""


class Output(t.NamedTuple):
    """What a command left: its exit status, standard output and standard error."""

    rc: int
    out: str
    err: str


class Answer(t.NamedTuple):
    """What an HTTP server said. headers: their names in lower case."""

    status: int
    body: str
    headers: t.Mapping[str, str] = {}


class Tried(t.NamedTuple):
    """A bind that was tried: the step that failed (socket, bind, listen) and its errno's name; both empty if none."""

    step: str
    error: str


class Host(t.Protocol):
    def read(self, path: str) -> str:
        """A text file. Raises Unseen."""

    def names(self, path: str) -> t.List[str]:
        """The names in a folder. Raises Unseen."""

    def link(self, path: str) -> str:
        """Where a symbolic link points to. Raises Unseen."""

    def links(self, path: str) -> t.List[str]:
        """The targets of all symbolic links in a folder; one that goes away meanwhile is left out. Raises Unseen."""

    def run(self, *argv: str) -> Output:
        """A command in the C locale, with no terminal and no input. Raises Unseen if it is missing or hangs."""

    def netlink(self, protocol: int, request: bytes) -> t.List[bytes]:
        """The datagrams that answer a netlink dump request. Raises Unseen."""

    def begin_netlink(self, protocol: int, request: bytes) -> t.Callable[[], t.List[bytes]]:
        """The same, answered by a later call of what is returned; the kernel may work in between."""

    def api(self, endpoint: str, path: str) -> Answer:
        """A GET to a container engine's API. Raises Unseen if nobody answers in time, Deserted if nobody listens."""

    def bind(self, ip: str, protocol: str, port: int, reuse_address: bool) -> Tried:
        """Bind as a container engine does, listen where the protocol can, and close at once. Raises Unseen."""

    def now(self) -> float:
        """Seconds since the epoch."""
