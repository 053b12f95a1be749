# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The text of a failed start, to the layer that refused and what it refused.

The decisive split: "port is already allocated" comes from the engine's own table, so only an endpoint of this engine
can have the port; "address already in use" comes from the operating system, so a process has it, or a container whose
process it is. A firewall rule never makes a bind fail.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import BindingError, canonical
from ansible_collections.dockmaster.ports.plugins.module_utils._core.symptom_advice import Candidate, candidates, steps
from ansible_collections.dockmaster.ports.plugins.module_utils._core.symptom_rows import OTHERS, ROWS, Reading
from ansible_collections.dockmaster.ports.plugins.module_utils._core.symptom_text import container_of, unwrapped

REFUSALS = (
    "port_allocated",
    "address_in_use",
    "address_not_available",
    "permission_privileged",
    "windows_excluded_or_forbidden",
    "windows_in_use",
    "hns_conflict",
    "desktop_backend",
    "iptables_chain_missing",
    "iptables_backend",
    "proxy_failed",
    "swarm_port_in_use",
    "host_mode_port_no_node",
    "rootless_port_driver",
    "invalid_port_spec",
    "not_a_port_problem",
)
LAYERS = ("allocator", "socket", "firewall", "platform", "config", "input", "other")


class SymptomError(ValueError):
    """What was given is no text of an error."""


@dataclass(frozen=True)
class Symptom:
    """What an engine's error text says.

    layer: one of LAYERS, which part refused; refusal: one of REFUSALS.
    address, port, protocol, container: None where the text does not say. `address` is the one in the text: engines
    from 28.3 may name the holder's instead of the one that was asked for.
    said_by: which engines use these words. summary: for people. causes: candidates, the most likely first.
    next: what to run.
    """

    layer: str
    refusal: str
    summary: str
    said_by: str = ""
    address: t.Optional[str] = None
    port: t.Optional[int] = None
    protocol: t.Optional[str] = None
    container: t.Optional[str] = None
    causes: t.Tuple[Candidate, ...] = ()
    next: t.Tuple[str, ...] = ()


def explain(text: t.Any) -> Symptom:
    """The symptom of an error's text, however it is wrapped. Raises SymptomError for anything that is no text.

    Of several failures in one text the first is explained. What no row knows is `not_a_port_problem` of layer `other`,
    and the summary says that nothing in it was recognised.
    """
    if not isinstance(text, str):
        raise SymptomError(f"{str(text)[:60]!r} ({type(text).__name__}) is not the text of an error")
    plain = unwrapped(text)
    found = _first(ROWS, plain) or _first(OTHERS, plain)
    if not found:
        return Symptom("other", "not_a_port_problem", "nothing in this text says that a port was refused")
    row, match = found
    return _symptom(row.reading(match), match.groupdict(), plain)


def _first(rows: t.Sequence[t.Any], text: str) -> t.Optional[t.Tuple[t.Any, t.Match[str]]]:
    """The row that matches earliest in the text; of those that match at the same place, the first of the table."""
    found = [(match.start(), number, row, match) for number, row, match in _matches(rows, text)]
    return min(found, key=lambda one: one[:2])[2:] if found else None


def _matches(rows: t.Sequence[t.Any], text: str) -> t.Iterator[t.Tuple[int, t.Any, t.Match[str]]]:
    for number, row in enumerate(rows):
        match = row.pattern.search(text)
        if match:
            yield number, row, match


def _symptom(reading: Reading, groups: t.Mapping[str, t.Optional[str]], text: str) -> Symptom:
    address, port = _address(groups.get("ip")), _port(groups.get("port"))
    protocol = re.sub(r"[^a-z]", "", (groups.get("protocol") or "").lower()) or None
    where = (address, port, protocol)
    return Symptom(
        layer=reading.layer,
        refusal=reading.refusal,
        summary=reading.summary,
        said_by=reading.said_by,
        address=address,
        port=port,
        protocol=protocol,
        container=container_of(text),
        causes=candidates(reading.refusal, reading.form, address, port),
        next=steps(reading.refusal, reading.form, where),
    )


def _address(text: t.Optional[str]) -> t.Optional[str]:
    """Go prints a bare IPv6 address before its port: `:::3000` is `::` and 3000. `0/0` is iptables' every address."""
    bare = (text or "").strip("[]").split("/")[0]
    if bare in ("", "0"):
        return "0.0.0.0" if bare else None
    try:
        return canonical(bare)
    except BindingError:
        return None


def _port(text: t.Optional[str]) -> t.Optional[int]:
    return int(text) if text and len(text) <= 5 and 1 <= int(text) <= 65535 else None
