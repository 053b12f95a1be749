# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Our nftables table, remembered as it was loaded.

nft lists rules in words of its own, and each release in other ones. So beside the text that was loaded stands what was
listed right after: as long as the listing is the same, the table is what was loaded.
"""

from __future__ import annotations

import hashlib
import json
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import files, nft
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import FirewallError, System
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.view import View

PATH = f"{files.RUN}/docker_firewall.nft.json"


def exists(system: View) -> bool:
    """Whether a table was loaded since the host booted."""
    return system.exists(PATH)


def table(system: View) -> t.Optional[str]:
    """Our table: the text it was loaded from; the listing, if somebody changed it since; None if there is none."""
    listing = _listing(system)
    if listing is None:
        return None
    loaded, listed = _kept(system)
    return loaded if listed == _digest(listing) else listing


def _kept(system: View) -> t.Tuple[str, str]:
    """What was loaded, and the digest of its listing; empty where nobody knows."""
    try:
        found = json.loads(system.read(PATH))
        return str(found["loaded"]), str(found["listed"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", ""


def keep(system: System, loaded: str) -> None:
    """Remember what was loaded; empty: the table is gone."""
    listing = _listing(system) if loaded else None
    if listing is not None:
        system.write(PATH, json.dumps({"loaded": loaded, "listed": _digest(listing)}), mode=0o600)
    elif system.exists(PATH):
        system.remove(PATH)


def _listing(system: View) -> t.Optional[str]:
    if not system.which("nft"):
        return None
    done = system.run("nft", "list", "table", *nft.TABLE.split())
    if done.rc != 0 and "No such file or directory" not in done.err:
        raise FirewallError(f"nft list table {nft.TABLE} failed: {done.err.strip()}")
    return done.out if done.rc == 0 else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
