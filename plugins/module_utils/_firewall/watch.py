# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Watches the kernel for what could undo the policy, and puts it back: containers and networks that come and go,
reloads of firewalld and ufw, flushed chains, a restarted engine.

The kernel tells of every change of nf_tables rules and of interfaces. It does not tell of legacy iptables: those rules
are looked at every RESTING seconds. Nobody else is asked, neither the engine nor D-Bus.
Source: netlink(7), rtnetlink(7).
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import firewall, store
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.surroundings import Surroundings
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import FirewallError, System

RESTING = 15.0  # seconds between looks when nothing is told
QUIET = 0.1  # seconds without news, before a look
RESTLESS = 1.0  # seconds of news without a pause, until a look all the same
AGAIN = (
    0.3,
    1.0,
    4.0,
)  # seconds after news, for other looks: a container's proxy starts after the last rule is written
SHARE, SPARE = 0.1, 3.0  # of one processor's time, that looks may take; seconds of it that may be saved up
FLAPPING = 20  # times a minute the rules were put back: somebody else wants his own in their place

_NEWS = ((0, 1), (12, 1 << 6))  # NETLINK_ROUTE: RTMGRP_LINK; NETLINK_NETFILTER: group 7, NFNLGRP_NFTABLES


class Pace:
    """How soon the next look may be, so that they take no more than their share of the time."""

    def __init__(self, now: float) -> None:
        self._spare, self._at = SPARE, now
        self._mended: t.List[float] = []

    def looked(self, now: float, took: float, mended: bool) -> None:
        """A look ended at `now`. took: seconds of processor time."""
        self._spare = min(SPARE, self._spare + (now - self._at) * SHARE) - took
        self._at = now
        self._mended = [moment for moment in self._mended if moment > now - 60] + [now] * mended

    @property
    def flaps(self) -> bool:
        """Whether the rules do not stay."""
        return len(self._mended) > FLAPPING

    def earliest(self) -> float:
        """When the next look may be."""
        if self.flaps:
            return self._at + RESTING
        return self._at + max(0.0, -self._spare / SHARE)


def run(system: System) -> None:
    """Until SIGTERM. SIGHUP: look at once."""
    news = [_subscribe(protocol, groups) for protocol, groups in _NEWS] + [_signals()]
    pace = Pace(time.monotonic())
    again: t.List[float] = []
    around: t.Optional[Surroundings] = None
    while True:
        start = _used()
        mended, around = _look(system, around)
        pace.looked(time.monotonic(), _used() - start, mended)
        if pace.flaps:
            _say(f"the rules were put back more than {FLAPPING} times within a minute: looking less often")
        _notify("READY=1")
        again = _sleep(news, pace, [moment for moment in again if moment > time.monotonic()])


def _used() -> float:
    """Seconds of processor time that this process and those it ran have had: waiting for others is no work."""
    return sum(os.times()[:4])


def _look(system: System, before: t.Optional[Surroundings]) -> t.Tuple[bool, t.Optional[Surroundings]]:
    """Put back what is missing. before: what there was around the rules at the last look; None: nobody knows.

    Returns whether somebody else had changed the rules, and what is around them now. Rules that change because a
    container published a port are nobody's doing: a host may start many containers within a minute.
    """
    try:
        with store.locked():
            seen = firewall.look(system)
            changed = firewall.settle(system, store.in_force(system), seen)
    except (FirewallError, OSError) as exc:
        _say(str(exc))
        return False, before
    mended = changed and before in (None, seen.around)
    if changed:
        _say(
            "the rules were not the policy's: put back" if mended else "another port or bridge: the rules are about it"
        )
    return mended, seen.around


def _sleep(news: t.List[t.Any], pace: Pace, again: t.List[float]) -> t.List[float]:
    """Until there is news, or it is time to look again. Returns when to look after that."""
    now = time.monotonic()
    if _told(news, max(0.0, min([*again, now + RESTING]) - now)):
        until = time.monotonic() + RESTLESS
        while time.monotonic() < until and _told(news, QUIET):
            pass
        again = [time.monotonic() + seconds for seconds in AGAIN]
    time.sleep(max(0.0, pace.earliest() - time.monotonic()))
    return again


def _told(news: t.List[t.Any], seconds: float) -> bool:
    """Whether there is news within so many seconds. What it says does not matter: it is taken away."""
    ready, _write, _error = select.select(news, [], [], seconds)
    for source in ready:
        try:
            os.read(source.fileno(), 1 << 18)
        except OSError:  # ENOBUFS: more news than the kernel could keep, which is news
            continue
    return bool(ready)


def _subscribe(protocol: int, groups: int) -> socket.socket:
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
    sock.bind((0, groups))
    return sock


def _signals() -> socket.socket:
    """SIGTERM ends, wherever it is: a transaction under way goes on by itself. SIGHUP is news."""
    hear, ring = socket.socketpair()
    ring.setblocking(False)
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, lambda *_args: ring.send(b"!") and None)
    return hear


def _end(*_args: object) -> t.NoReturn:
    raise SystemExit(0)


def _notify(state: str) -> None:
    """Tell systemd. Source: sd_notify(3)."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.sendto(state.encode(), "\0" + address[1:] if address[0] == "@" else address)


def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()
