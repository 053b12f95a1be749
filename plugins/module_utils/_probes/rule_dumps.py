# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Runs what prints rules. None of it changes anything, and none of it creates a table.

`iptables-legacy -t nat -S` and `iptables-legacy-save -t nat` create the legacy table nat where there is none, and
iptables-nft warns of it from then on. `iptables-legacy-save` without -t prints what is in
/proc/net/ip_tables_names; it is run only if there is something. iptables-nft-save and `nft list` create nothing.
"""

from __future__ import annotations

import re
import struct
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._host import (
    BECOME,
    CAPABLE,
    Host,
    Output,
    Refused,
    Unseen,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import iptables_save, nft_json
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netlink import (
    attributes,
    dump_request,
    messages,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_tree import RulesError, Table
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible

PROGRAMS = {"ip": "iptables", "ip6": "ip6tables"}

_NAMES = {"ip": "ip_tables_names", "ip6": "ip6_tables_names"}
_NO_RIGHT = re.compile(r"permission denied|not permitted|must be root", re.IGNORECASE)
_NO_NFTABLES = re.compile(r"protocol not supported", re.IGNORECASE)  # a kernel without nf_tables has no such rules
_NAMED = re.compile(r"^\S+ v[\d.]+(?: \(\w+\))?: ")  # a message of iptables begins with its name and version
_RAW_BYTE = re.compile("[\udc80-\udcff]")

_NETLINK_NETFILTER = 12
_GET_TABLES = 10 << 8 | 1  # NFNL_SUBSYS_NFTABLES, NFT_MSG_GETTABLE; linux/netfilter/nf_tables.h
_TABLE_NAME = 1  # NFTA_TABLE_NAME
_FAMILIES = {1: "inet", 2: "ip", 10: "ip6"}


class Dump(t.NamedTuple):
    """tables: what was printed. partly: names of tables that were not printed wholly.

    absent: the kernel has no nf_tables at all.
    """

    tables: t.Tuple[Table, ...] = ()
    partly: t.Tuple[str, ...] = ()
    absent: bool = False


def iptables_kind(host: Host) -> str:
    """What `iptables` in the PATH is: nf_tables, legacy (also a version that knows no other), or "" for none."""
    try:
        done = host.run("iptables", "--version")
    except Unseen:
        return ""
    if done.rc:
        return ""
    return "nf_tables" if "nf_tables" in done.out else "legacy"


def dump_nft_side(host: Host, family: str, kind: str) -> Dump:
    """What iptables wrote through nf_tables. Raises Unseen."""
    done = _save(host, family, "nft", kind == "nf_tables")
    if done.rc and _NO_NFTABLES.search(done.err):
        return Dump(absent=True)
    text = _printed(host, done, f"{PROGRAMS[family]}-nft-save")
    return Dump(_parsed(text, "iptables-nft", family), iptables_save.incompatible(text))


def dump_legacy_side(host: Host, family: str, kind: str) -> Dump:
    """What iptables wrote into the tables of old. Raises Unseen."""
    if _NAMES[family] not in host.names("/proc/net"):
        return Dump()
    names = host.read(f"/proc/net/{_NAMES[family]}").split()
    if not names:
        return Dump()
    try:
        done = _save(host, family, "legacy", kind == "legacy")
    except Unseen as exc:
        raise Unseen(f"there are legacy tables ({', '.join(names)}), and {exc.why}", exc.see) from exc
    return Dump(_parsed(_printed(host, done, f"{PROGRAMS[family]}-legacy-save"), "iptables-legacy", family))


def dump_nft(host: Host, known: t.Callable[[str, str, str, int], bool]) -> Dump:
    """All that nf_tables holds, but the rules of chains that are known. Raises Unseen."""
    try:
        done = host.run("nft", "-j", "list", "ruleset")
    except Unseen as exc:
        raise Unseen(exc.why, exc.see or "install nftables") from exc
    if done.rc and _NO_NFTABLES.search(done.err):
        return Dump(absent=True)
    text = _RAW_BYTE.sub(lambda match: f"\\\\x{ord(match[0]) - 0xDC00:02x}", _printed(host, done, "nft"))
    try:
        return Dump(nft_json.parse(text, known))
    except RulesError as exc:
        raise Unseen(f"nft: {exc}") from exc


def table_names(host: Host) -> t.Tuple[t.Tuple[str, str], ...]:
    """Family and name of the tables that nf_tables holds, from the kernel itself. Raises Unseen."""
    request = dump_request(_GET_TABLES, struct.pack("=BBH", 0, 0, 0))
    try:
        answers = list(messages(host.netlink(_NETLINK_NETFILTER, request)))
        found = [
            (_FAMILIES.get(body[0], "other"), value.rstrip(b"\0").decode("utf-8", "backslashreplace"))
            for _kind, body in answers
            for kind, value in attributes(body, 4)
            if kind == _TABLE_NAME
        ]
    except (ValueError, IndexError) as exc:
        raise Unseen(f"netlink: {exc}") from exc
    return tuple(found)


def _save(host: Host, family: str, backend: str, is_default: bool) -> Output:
    """The backend's own save program, else the one without a name if that is of this backend."""
    program = PROGRAMS[family]
    try:
        return host.run(f"{program}-{backend}-save")
    except Unseen as exc:
        if not is_default:
            raise Unseen(exc.why, exc.see or "install iptables") from exc
    return host.run(f"{program}-save")


def _printed(host: Host, done: Output, program: str) -> str:
    if not done.rc:
        return done.out
    lines = [line.strip() for line in done.err.splitlines() if line.strip() and not line.startswith("#")]
    why = f"{program}: {_NAMED.sub('', lines[0]) if lines else f'ended with status {done.rc}'}"
    raise Refused(why, _see(host)) if _NO_RIGHT.search(why) else Unseen(why)


def _see(host: Host) -> str:
    """What would let rules be seen: root, or for root in a container the capability that it lacks."""
    try:
        status = host.read("/proc/self/status")
    except Unseen:
        return BECOME
    return CAPABLE if re.search(r"^Uid:\s+\d+\s+0\s", status, re.MULTILINE) else BECOME


def _parsed(text: str, backend: str, family: str) -> t.Tuple[Table, ...]:
    try:
        return iptables_save.parse(visible(text), backend, family)
    except RulesError as exc:
        raise Unseen(f"{PROGRAMS[family]}-save: {exc}") from exc
