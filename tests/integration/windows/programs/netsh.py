# SPDX-License-Identifier: GPL-3.0-or-later
"""netsh interface ipv4|ipv6: excluded and dynamic ports; interface portproxy. What is kept where: `reserved.py`."""

from __future__ import annotations

import sys
import typing as t

from ansible_collections.dockmaster.ports.tests.integration.windows import port_proxies, reserved
from ansible_collections.dockmaster.ports.tests.integration.windows.excluded_ports import Refused, Row
from ansible_collections.dockmaster.ports.tests.integration.windows.range_words import WORDS, Words
from ansible_collections.dockmaster.ports.tests.integration.windows.state import State, say

ERRORS = {
    "ERROR_ELEVATION_REQUIRED": "elevation",
    "ERROR_SHARING_VIOLATION": "sharing",
    "ERROR_NOT_FOUND": "absent",
    "ERROR_ACCESS_DENIED": "denied",
    "ERROR_INVALID_PARAMETER": "invalid",
}


def excluded_table(words: Words, protocol: str, rows: t.Iterable[Row]) -> str:
    printed = "".join(
        f"{row.first:10}  {row.last:10}  {'   *' if row.owner == 'administrator' else '    '}\n" for row in rows
    )
    head = f"\n{words.excluded.format(protocol)}\n\n{words.columns}\n{words.rule}\n"
    return f"{head}{printed}\n{words.note}\n\n"


def show_excluded(state: t.Dict[str, t.Any], family: str, protocol: str, told: t.Mapping[str, str]) -> str:
    ports = reserved.load(state, reserved.place(state, family, protocol))
    lasting = told.get("store") == "persistent"
    if lasting and state.get("hidden"):
        return ""
    return excluded_table(WORDS[state["language"]], protocol, ports.persistent if lasting else ports.active)


def show_dynamic(state: t.Dict[str, t.Any], family: str, protocol: str, told: t.Mapping[str, str]) -> str:
    words = WORDS[state["language"]]
    start, number = reserved.dynamic(state, family, protocol)
    head = f"\n{words.dynamic.format(protocol)}\n{'-' * 33}\n"
    return f"{head}{words.start.format(start)}\n{words.number.format(number)}\n\n"


def change_excluded(verb: str) -> t.Callable[..., str]:
    def changed(state: t.Dict[str, t.Any], family: str, protocol: str, told: t.Mapping[str, str]) -> str:
        where = reserved.place(state, family, protocol)
        ports = reserved.load(state, where)
        change = ports.add if verb == "add" else ports.delete
        change(int(told["startport"]), int(told["numberofports"]), told.get("store", "persistent"))
        reserved.store(state, where, ports)
        return f"{WORDS[state['language']].done}\n\n"

    return changed


def set_dynamic(state: t.Dict[str, t.Any], family: str, protocol: str, told: t.Mapping[str, str]) -> str:
    """No less than 255 ports, none below 1025, none above the last."""
    start, number = int(told["startport"]), int(told["numberofports"])
    if number < 255 or start < 1025 or start + number > 65536:
        raise Refused("ERROR_INVALID_PARAMETER")
    for name in (family,) if state.get("apart") else ("ipv4", "ipv6"):
        state.setdefault("dynamic", {})[f"{name}/{protocol}"] = [start, number]
    return f"{WORDS[state['language']].done}\n\n"


VERBS: t.Dict[t.Tuple[str, str], t.Callable[..., str]] = {
    ("show", "excludedportrange"): show_excluded,
    ("add", "excludedportrange"): change_excluded("add"),
    ("delete", "excludedportrange"): change_excluded("delete"),
    ("show", "dynamicport"): show_dynamic,
    ("set", "dynamicport"): set_dynamic,
}


def answer(state: t.Dict[str, t.Any], words: t.Sequence[str]) -> t.Tuple[int, str]:
    """Raises Refused, KeyError and ValueError for words that netsh does not know."""
    if list(words) == ["interface", "portproxy", "dump"]:
        return 0, port_proxies.dump(state)
    _interface, family, verb, what, *rest = words
    if verb != "show" and not state["elevated"]:
        raise Refused("ERROR_ELEVATION_REQUIRED")
    told = dict(word.split("=", 1) for word in rest)
    return 0, VERBS[verb, what](state, family, told["protocol"], told)


def main() -> int:
    with State().changing() as state:
        try:
            code, text = answer(state, sys.argv[1:])
        except Refused as exc:
            code, text = int(not state.get("lies")), f"{getattr(WORDS[state['language']], ERRORS[str(exc)])}\n\n"
        except (KeyError, ValueError):
            code, text = 1, f"The following command was not found: {' '.join(sys.argv[1:])}.\n"
        say(text, state)
    return code


if __name__ == "__main__":
    sys.exit(main())
