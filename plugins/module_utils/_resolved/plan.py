# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What becomes of resolved's files, and of /etc/resolv.conf."""

from __future__ import annotations

import os
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.state import (
    RESOLV_CONF,
    STUB,
    STUB_FILE,
    UPLINK,
    State,
    target_of,
)

KEPT = RESOLV_CONF + ".dockmaster-ports"  # a resolv.conf that was a file of its own

_TEXT = """\
# Managed by dockmaster.ports.resolved_stub: port 53 is left to containers.
{was}[Resolve]
DNSStubListener=no
"""
_WAS_LINK = f"# {RESOLV_CONF} was a link to "
_WAS_FILE = f"# {RESOLV_CONF} was a file, kept as {KEPT}\n"
_RECORD = re.compile(re.escape(_WAS_LINK) + r"(.+)\n")
_VENDOR = ("/usr/lib/systemd/resolv.conf", "/lib/systemd/resolv.conf")  # static: names the stub and nothing else


class Refused(ValueError):
    """What would leave the host worse off, or somebody else's work undone."""


@dataclass(frozen=True)
class Plan:
    """dropin: our file's text, "" for none. link: what resolv.conf is to lead to, "" to leave it.

    keep: resolv.conf is a file of its own, which is kept, or comes back.
    restart: resolved has to read its files again. back: this takes an earlier release of the port back.
    """

    dropin: str
    link: str = ""
    keep: bool = False
    restart: bool = False
    back: bool = False


def release(state: State) -> Plan:
    """The stub off, and resolv.conf naming resolved's real servers. Raises Refused."""
    if not state.active:
        return Plan(state.dropin)
    if state.overruled:
        raise Refused(f"{state.overruled} turns the stub listener on and is read after ours: change it there")
    if not state.through_stub:
        text = state.dropin or ("" if state.off else _TEXT.format(was=""))
        return Plan(text, restart=state.listens)
    if not state.servers:
        raise Refused(
            f"systemd-resolved knows no DNS server ({UPLINK} names none): "
            "without its stub this host would resolve nothing"
        )
    _refuse_foreign(state)
    was = _WAS_LINK + state.link + "\n" if state.link else _WAS_FILE
    relative = state.link and not os.path.isabs(state.link)
    link = os.path.relpath(UPLINK, os.path.dirname(RESOLV_CONF)) if relative else UPLINK
    return Plan(_TEXT.format(was=was), link, not state.link, state.listens)


def _refuse_foreign(state: State) -> None:
    """A link to a third program's file: it writes 127.0.0.53 there for reasons of its own, and would again."""
    target = target_of(state.link)
    if target and target not in (STUB_FILE, *_VENDOR):
        raise Refused(f"{RESOLV_CONF} leads to {target}, which names {STUB} and is another program's: change it there")


def take_back(state: State) -> Plan:
    """The stub as it was. Only what our own file remembers is undone."""
    text = state.dropin or state.undoing
    if not text:
        return Plan("")
    record = _RECORD.search(text)
    ours = target_of(state.link) == UPLINK
    link = record[1] if record and ours else ""
    kept = _WAS_FILE in text and ours
    return Plan("", link, kept, state.active, back=True)


def describe(state: State, plan: Plan) -> t.List[t.Dict[str, str]]:
    """A diff of resolv.conf and of what runs."""
    parts = []
    if plan.link or plan.keep:
        old = f"link to {state.link}\n" if state.link else "a file that names 127.0.0.53\n"
        new = f"link to {plan.link}\n" if plan.link else f"what was kept as {KEPT}\n"
        parts.append({"before_header": RESOLV_CONF, "after_header": RESOLV_CONF, "before": old, "after": new})
    if plan.restart:
        parts.append({"prepared": "systemd-resolved restarts\n"})
    return parts
