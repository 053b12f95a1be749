# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which ports are to be reserved, now and at boot, and which of them are ours."""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._dropins import text_of
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ledger import KEY, Ledger, read
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ports import NONE, Ports, PortsError, parse
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.settings import (
    LAST,
    in_main_file,
    settings_of,
)

FILE = "/etc/sysctl.d/zz-dockmaster-ports.conf"  # after 99-sysctl.conf


class Overruled(ValueError):
    """A file that is read after ours sets the key: at boot, ours would count for nothing."""


@dataclass(frozen=True)
class Wish:
    """name: of the set. ports: None for all that the set has. purge: the set is to have no others."""

    name: str
    ports: t.Optional[Ports]
    present: bool = True
    purge: bool = False


@dataclass(frozen=True)
class Plan:
    """before, after: the file's text, empty for none. live, wanted: what is reserved now and what is to be.

    others: what other files reserve at boot. ours: the set, as it will be. warning: "" if there is none.
    """

    before: str
    after: str
    live: Ports
    wanted: Ports
    others: Ports
    ours: Ports
    warning: str = ""


def plan(host: Host, live: Ports, wish: Wish) -> Plan:
    """live: what the kernel has reserved. Raises Unseen, NotOurs, Overruled, PortsError."""
    before = text_of(host, FILE)
    ledger = read(FILE, before)
    others, overruling = _others(host)
    after = ledger.with_set(wish.name, _set(ledger, wish), live)
    if after.sets and overruling:
        raise Overruled(overruling)
    released = ledger.ports - after.ports - ledger.found - others
    wanted = (live - released) | after.ports
    ours = after.sets.get(wish.name, NONE)
    return Plan(before, after.write(others), live, wanted, others, ours, _warning(host) if after.sets else "")


def _set(ledger: Ledger, wish: Wish) -> Ports:
    now = ledger.sets.get(wish.name, NONE)
    if wish.present:
        ports = wish.ports or NONE
        return ports if wish.purge else now | ports
    return NONE if wish.ports is None else now - wish.ports


def _others(host: Host) -> t.Tuple[Ports, str]:
    """What the last other file reserves at boot, and, if it is read after ours, the sentence that says so."""
    others, overruling = NONE, ""
    for setting in settings_of(host, KEY):
        if setting.path == FILE:
            continue
        where = f"{setting.path}, line {setting.line}"
        try:
            others = parse(setting.value)
        except PortsError as exc:
            raise PortsError(f"{where}: {exc}") from exc
        if os.path.basename(setting.path) > os.path.basename(FILE):
            overruling = f"{where} sets {KEY} and is read after {FILE}: rename that file, or remove the line"
    return others, overruling


def _warning(host: Host) -> str:
    setting = in_main_file(host, KEY)
    if not setting:
        return ""
    return (
        f"{LAST}, line {setting.line} sets {KEY}, and `sysctl --system` reads it last: it takes the reservations back"
    )
