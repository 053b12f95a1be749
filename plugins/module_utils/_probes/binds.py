# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The bind probe: what happens when the engine's own bind is tried. It has the last word on a free port.

Engines set SO_REUSEADDR on TCP sockets; 28.x set it on UDP sockets too. On IPv6 all of them set IPV6_V6ONLY. On macOS
the programs that bind for them are written in Go, too, whose TCP listeners set it.
Source: moby, daemon/libnetwork/portallocator/osallocator_linux.go; bind(2), socket(7).
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._core.elsewhere import SEE, elsewhere
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.opened import release, running
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.binds import Bind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._core.wsl import binds_on_windows
from ansible_collections.dockmaster.ports.plugins.module_utils._host import BECOME, Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

SECTIONS = ("binds",)

MOST = 4096  # ports of one range that are tried
_UDP_REUSE = 28  # the only series of engines whose UDP sockets share a port with others
_PRIVILEGED = 1024  # below it only root may bind, where the kernel does not say otherwise


def probe(host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]) -> t.Dict[str, t.Tuple[Bind, ...]]:
    """Raises Unseen if the engine binds elsewhere than in this network namespace, or on Windows."""
    apart = elsewhere(evidence)
    if apart:
        raise Unseen(apart, SEE)
    if binds_on_windows(evidence):
        raise Unseen("Docker Desktop binds on Windows, and not in this distribution", "gather the Windows host itself")
    engine = next(iter(running(evidence)), None)
    if engine and not engine.rootless:  # the ports of a rootless engine are bound on the host, not where it lives
        _check_namespace(host, engine)
    reuse = _reused(request.system, engine)
    tried = (_try(host, one, one.protocol in reuse) for one in dict.fromkeys(_singles(host, request, blind)))
    return {"binds": _without_our_own_limits(tried, evidence, engine, blind)}


def _check_namespace(host: Host, engine: Engine) -> None:
    theirs = engine.namespace or _namespace(host, engine.pid)
    ours = _namespace(host, "self")
    if theirs and ours and theirs != ours:
        raise Unseen(
            f"{engine.name} (pid {engine.pid}) binds in another network namespace ({theirs}) than this one ({ours})",
            "gather in the engine's namespace",
        )


def _namespace(host: Host, pid: t.Union[int, str, None]) -> str:
    try:
        return host.link(f"/proc/{pid}/ns/net") if pid else ""
    except Unseen:
        return ""


def _singles(host: Host, request: Request, blind: t.List[Blind]) -> t.Iterator[Binding]:
    """A binding a port."""
    for want in request.wants:
        why = _not_tried(host, want, request.system)
        if why:
            _note(blind, str(want), why, hides=False)
            continue
        ports = want.ports()
        if len(ports) > MOST:
            left = Binding(want.ip, want.protocol, ports[MOST], want.last)
            _note(blind, str(left), f"only the first {MOST} ports of a range are tried")
        for port in ports[:MOST]:
            yield Binding(want.ip, want.protocol, port, port)


def _not_tried(host: Host, want: Binding, system: str) -> str:
    """Why a bind would not be looking; empty if it would."""
    if want.protocol != "sctp":
        return ""
    if system == "Darwin":
        return "macOS has no SCTP"
    return "" if "sctp" in host.names("/proc/net") else "to try it would load the kernel's SCTP module"


def _reused(system: str, engine: t.Optional[Engine]) -> t.Tuple[str, ...]:
    """Protocols whose sockets are bound with SO_REUSEADDR. On macOS it is not the engine that binds."""
    shares = system == "Linux" and engine is not None and release(engine)[:1] == (_UDP_REUSE,)
    return ("tcp", "udp") if shares else ("tcp",)


def _try(host: Host, one: Binding, reuse: bool) -> Bind:
    step, error = host.bind(one.ip, one.protocol, one.first, reuse)
    return Bind(one.ip, one.protocol, one.first, error, step)


def _without_our_own_limits(
    tried: t.Iterable[Bind], evidence: Evidence, engine: t.Optional[Engine], blind: t.List[Blind]
) -> t.Tuple[Bind, ...]:
    """A low port that is refused to this user says nothing of an engine that runs as root."""
    start = evidence.kernel.unprivileged_start if evidence.kernel else None
    start = _PRIVILEGED if start is None else start
    kept = []
    for bind in tried:
        if bind.error == "EACCES" and bind.port < start and not (engine and engine.rootless):
            where = Binding(bind.ip, bind.protocol, bind.port, bind.port)
            _note(blind, str(where), f"this user may not bind ports below {start}", BECOME)
        else:
            kept.append(bind)
    return tuple(kept)


def _note(blind: t.List[Blind], part: str, why: str, see: str = "", hides: bool = True) -> None:
    blind.append(Blind("binds", why, see, part=part, hides=hides))
