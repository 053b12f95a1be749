# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded rulesets, as the programs print them."""

from __future__ import annotations

import pathlib
import re

from ansible_collections.dockmaster.ports.plugins.module_utils._probes import iptables_save, nft_json

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "recordings"
# The recorder put both outputs of the program into one file: this comes on the standard error, anywhere in between.
_WARNING = re.compile(r"# Warning: ip6?tables-legacy tables present, use ip6?tables-legacy-save to see them\n")
_SAVES = {
    "iptables-nft-save": ("iptables-nft", "ip"),
    "ip6tables-nft-save": ("iptables-nft", "ip6"),
    "iptables-legacy-save": ("iptables-legacy", "ip"),
    "ip6tables-legacy-save": ("iptables-legacy", "ip6"),
}


def printed(path):
    return _WARNING.sub("", path.read_text(encoding="utf-8"))


def saves():
    """Every recorded output of a save program."""
    return sorted(path for name in _SAVES for path in FOLDER.glob(f"*/*.{name}.txt"))


def natives():
    """Every recorded output of nft -j list ruleset."""
    return sorted(FOLDER.glob("*/*.nft.json"))


def tables_in(path):
    """The tables of one recorded file."""
    if path.name.endswith(".nft.json"):
        return nft_json.parse(path.read_text(encoding="utf-8"))
    program = path.name.split(".")[-2]
    return iptables_save.parse(printed(path), *_SAVES[program])


def tables_of(folder, state):
    """The tables of all save programs and of nft in one recorded state, IPv4 first."""
    every = sorted(saves() + natives(), key=lambda path: "ip6tables" in path.name)
    paths = [path for path in every if path.parent.name == folder and path.name.startswith(f"{state}.")]
    assert paths, (folder, state)
    return [table for path in paths for table in tables_in(path)]
