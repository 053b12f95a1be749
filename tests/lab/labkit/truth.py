# SPDX-License-Identifier: GPL-3.0-or-later
"""The last word: the wanted container is started for real, and what the engine does is compared with what was said.

`free` and `at_risk` start and are reached from outside; `blocked` is refused with a text that the cause's "Seen as"
names; `diverted` starts, and a client does not get to it.
"""

from __future__ import annotations

import re
import shlex
import time
import typing as t
from dataclasses import dataclass

from . import places
from .remote import Remote
from .scene import IMAGE, UDP, UDP_OPTIONS, WEB

NAME = "wanted"
TOKEN = "it-is-the-wanted-one"
CAUSES = places.CHECKOUT / "plugins/module_utils/_causes"


@dataclass(frozen=True)
class Truth:
    """What the engine did: whether the container started, the engine's text if not, and what a client got."""

    started: bool
    text: str
    answers: dict[str, str]  # "from outside"/"on the host" ADDRESS:PORT -> answer

    def __str__(self) -> str:
        if not self.started:
            return f"the engine refused: {self.text}"
        return "it started; " + "; ".join(f"{where} says {answer!r}" for where, answer in self.answers.items())

    @property
    def reached(self) -> bool:
        """True if every answer was the container's own."""
        return all(answer == TOKEN for answer in self.answers.values())


def start(
    host: Remote,
    publish: t.Sequence[str],
    *options: str,
    reach: t.Sequence[str] = (),
    docker: str = "docker",
    seconds: float = 5.0,
) -> Truth:
    """Run the wanted container, ask it as `reach` says ("out tcp ADDRESS PORT", "in udp ADDRESS PORT"), remove it.

    seconds: within which it is to answer.
    """
    ports = [word for text in publish for word in ("-p", text)]
    target = re.match(r"\d+", publish[0].rpartition(":")[2]) if publish else None
    port = target[0] if target else "80"
    udp = bool(publish) and publish[0].endswith("/udp")
    serve = (UDP if udp else WEB).format(say=TOKEN, port=port)
    options = (*options, *(UDP_OPTIONS if udp else ()))
    argv = [
        *docker.split(),
        "run",
        "-d",
        "--name",
        NAME,
        "--stop-signal",
        "KILL",
        *ports,
        *options,
        IMAGE,
        "sh",
        "-c",
        serve,
    ]
    try:
        ran = host.try_sh(shlex.join(argv))
        if ran.rc:
            return Truth(False, " ".join(ran.err.split()) or ran.text, {})
        return Truth(True, "", {where: ask(host, where, seconds=seconds) for where in reach})
    finally:
        host.try_sh(f"{docker} rm -f {NAME}")


def ask(host: Remote, where: str, wished: str = TOKEN, seconds: float = 5.0) -> str:
    """What a port says; asked again for some seconds if it is not what was wished: a server may still be starting."""
    side, protocol, address, port = where.split()
    one = host.asks if side == "out" else host.asks_itself
    until = time.monotonic() + seconds
    while True:
        said = one(protocol, address, int(port), 1.5)
        if said == wished or time.monotonic() > until:
            return said
        time.sleep(0.2)


def agrees(verdict: str, truth: Truth) -> bool:
    """Whether what was said and what happened go together."""
    if verdict == "blocked":
        return not truth.started
    if verdict == "diverted":
        return truth.started and not truth.reached
    if verdict == "unknown":
        return True
    return truth.started and truth.reached


def named(cause: str, text: str) -> bool:
    """Whether the cause's doc names this text of an engine under "Seen as"."""
    said = " ".join(text.split())
    return any(pattern.search(said) for pattern in seen_as(cause))


def seen_as(cause: str, deep: bool = True) -> list[re.Pattern[str]]:
    """The quoted texts of a cause's "Seen as", and of causes whose texts it says it shares; numbers and names vary."""
    doc = (CAUSES / f"{cause}.py").read_text().split('"""')[1]
    part = re.search(r"Seen as:(.*?)(?:\n[A-Z][\w ]*:|\nTold apart|\Z)", doc, re.DOTALL)
    said = " ".join(part[1].split()) if part else ""
    found = [_loose(text) for text in re.findall(r'"([^"]+)"', said)]
    for other in re.findall(r"texts? (?:of|as) `(\w+)`", said) if deep else ():
        found += seen_as(other, deep=False)
    return found


def _loose(text: str) -> re.Pattern[str]:
    """Addresses, ports and protocols of the example stand for any; "..." for anything."""
    pattern = re.escape(text.strip(". "))
    pattern = re.sub(r"(?:\\\[[0-9a-f:]*\\\]|\d+(?:\\\.\d+){3}|<ip>|IP)", r"\\S+", pattern)
    pattern = re.sub(r"(?<![\\\w])\d{2,}|(?<=:)\d+", r"\\d+", pattern)
    pattern = pattern.replace("tcp4", r"(?:tcp|udp)[46]").replace("/tcp", "/(?:tcp|udp|sctp)")
    return re.compile(pattern.replace(r"\.\.\.", ".*"))
