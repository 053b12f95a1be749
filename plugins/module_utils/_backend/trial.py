# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Whether this kernel takes the rules that an engine writes, from one variant of iptables: it is tried.

In a network namespace that ends with the program, so that the host's own tables are neither touched nor created. What
the kernel needs for them it may load.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen

# Table and rule: what every engine writes for a published port
_RULES = (
    ("nat", "PREROUTING -m addrtype --dst-type LOCAL -j ACCEPT"),
    ("nat", "POSTROUTING ! -o lo -j MASQUERADE"),
    ("nat", "PREROUTING -p tcp -m tcp --dport 1 -j DNAT --to-destination {to}"),
    ("filter", "FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"),
    ("filter", "FORWARD -i lo ! -o lo -j ACCEPT"),
)
_TO = {"iptables": "192.0.2.1:1", "ip6tables": "[2001:db8::1]:1"}


def refusal(host: Host, program: str, variant: str) -> str:
    """What the kernel says to the first rule that it does not take; empty if it takes all of them.

    Raises Unseen where it cannot be tried.
    """
    name = f"{program}-{variant}"
    for table, rule in _RULES:
        words = rule.format(to=_TO[program]).split()
        done = host.run("unshare", "--net", "--", name, "-w", "5", "-t", table, "-A", *words)
        if done.rc:
            said = _said(done.err)
            if "failed to execute" in said:
                return "it is not installed"
            if "unshare:" in said:
                raise Unseen(f"{name} was not tried: {said}")
            return said or f"{name} ended with status {done.rc}"
    return ""


def _said(text: str) -> str:
    """The first line that says something, without the program's version."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return lines[0].partition("): ")[2] or lines[0] if lines else ""


def tried(host: Host, programs: t.Sequence[str], variant: str, rules: int) -> str:
    """Of all the programs that the engine needs; the first refusal.

    rules: how many the kernel has of this variant now: where nothing can be tried, they show that it takes them.
    """
    for program in programs:
        try:
            said = refusal(host, program, variant)
        except Unseen as exc:
            said = "" if rules else str(exc)
        if said:
            return f"{program}-{variant}: {said}"
    return ""
