# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The door to a recording of a machine."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Answer, Missing, Output, Tried, Unseen


class ReplayHost:
    """A recording of a machine: whatever it does not hold was not seen.

    read, names, link, links, run, netlink, api: what was asked, as one text, to what was answered.
    run: None for a program that is not there; a text, why it did not answer, for one that could not be run.
    """

    def __init__(self, recording: t.Mapping[str, t.Mapping[str, t.Any]], taken_at: float = 0.0) -> None:
        self._recording = recording
        self._taken_at = taken_at

    def _recall(self, verb: str, key: str) -> t.Any:
        try:
            return self._recording[verb][key]
        except KeyError:
            raise Missing(f"{key} is not in the recording") from None

    def read(self, path: str) -> str:
        return str(self._recall("read", path))

    def names(self, path: str) -> t.List[str]:
        return list(self._recall("names", path))

    def link(self, path: str) -> str:
        return str(self._recall("link", path))

    def links(self, path: str) -> t.List[str]:
        return list(self._recall("links", path))

    def run(self, *argv: str) -> Output:
        answer = self._recall("run", " ".join(argv))
        if answer is None:
            raise Missing(f"there is no program {argv[0]}")
        if isinstance(answer, str):
            raise Unseen(answer)
        return Output(*answer)

    def netlink(self, protocol: int, request: bytes) -> t.List[bytes]:
        return [bytes.fromhex(text) for text in self._recall("netlink", f"{protocol}:{request.hex()}")]

    def begin_netlink(self, protocol: int, request: bytes) -> t.Callable[[], t.List[bytes]]:
        return functools.partial(self.netlink, protocol, request)

    def api(self, endpoint: str, path: str) -> Answer:
        return Answer(*self._recall("api", f"{endpoint} {path}"))

    def bind(self, ip: str, protocol: str, port: int, reuse_address: bool) -> Tried:
        return Tried(*self._recall("bind", f"{ip} {protocol} {port} {reuse_address}"))

    def now(self) -> float:
        return self._taken_at
