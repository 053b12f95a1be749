# SPDX-License-Identifier: GPL-3.0-or-later
"""netstat -ano [-q]: connections and listeners; with -q also TCP sockets that are bound and do not listen."""

from __future__ import annotations

import sys
import typing as t

from ansible_collections.dockmaster.ports.tests.integration.windows.state import State, say
from ansible_collections.dockmaster.ports.tests.integration.windows.words import WORDS


def table(state: t.Mapping[str, t.Any], bound: bool) -> str:
    words = WORDS[state["language"]]
    rows = [row(one, words) for one in state["sockets"] if bound or one["state"] != "bound"]
    proto, local, remote, status = words.columns
    head = f"\n{words.connections}\n\n  {proto:<6} {local:<22} {remote:<22} {status:<15} PID\n"
    return head + "".join(rows)


def row(one: t.Mapping[str, t.Any], words: t.Any) -> str:
    local = f"{_bracketed(one['ip'])}:{one['port']}"
    if one["protocol"] == "udp":
        return f"  {'UDP':<6} {local:<22} {'*:*':<22} {'':<15} {one['pid']}\n"
    nobody = "[::]:0" if ":" in one["ip"] else "0.0.0.0:0"
    return f"  {'TCP':<6} {local:<22} {one.get('peer') or nobody:<22} {getattr(words, one['state']):<15} {one['pid']}\n"


def _bracketed(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip


def main() -> int:
    if sys.argv[1:] not in (["-ano"], ["-anoq"]):
        say("\nDisplays protocol statistics and current TCP/IP network connections.\n")
        return 1
    state = State().read()
    say(table(state, "q" in sys.argv[1]), state)
    return 0


if __name__ == "__main__":
    sys.exit(main())
