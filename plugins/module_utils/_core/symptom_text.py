# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What an error's text is wrapped in: terminals, JSON, logs, command lines, Ansible, Python."""

from __future__ import annotations

import re
import typing as t

_TERMINAL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b\x0c\x0e-\x1a\x7f]")
_ESCAPES = re.compile(r"\\{1,4}(?:u[0-9a-f]{4}|x3e|x26|x1b|[rnt]|(?=[\"']))|&(?:gt|amp|quot|#39|#34);", re.IGNORECASE)
_NAME = r"(?P<name>[a-zA-Z0-9][a-zA-Z0-9_.-]*)"

_CONTAINERS = [
    re.compile(rf"\bon endpoint {_NAME} \([0-9a-f]{{7,64}}[.…]*\)"),
    re.compile(rf"\bfailed to start containers: {_NAME}"),
    re.compile(
        rf"\bError when processing (?:service|container|unknown) {_NAME}:"
    ),  # community.docker.docker_compose_v2
    re.compile(rf"\bContainer {_NAME} (?:Starting |Creating )?Error"),
    re.compile(rf"\bfor {_NAME} Cannot start service (?!(?P=name):)"),  # Compose v1 says the container first
    re.compile(rf"\bError (?:starting|creating|restarting) container {_NAME}:"),
]


def unwrapped(text: str) -> str:
    """One line without colours and cursor movements, JSON's and logfmt's escapes undone, runs of blanks one blank."""
    plain = _TERMINAL.sub("", _ESCAPES.sub(_unescape, text))
    return " ".join(plain.split())


def container_of(plain: str) -> t.Optional[str]:
    """The container that failed to start, its id where the text has nothing else; None where it does not say."""
    for pattern in _CONTAINERS:
        match = pattern.search(plain)
        if match:
            return match["name"]
    return None


def _unescape(match: t.Match[str]) -> str:
    escape = match[0].lower().strip("\\&#;")
    if escape[:1] == "u":
        code = int(escape[1:], 16)
        return "" if 0xD800 <= code <= 0xDFFF else chr(code)  # half of a sign that no engine's text needs
    for sign, names in _SIGNS.items():
        if escape in names:
            return sign
    return ""


_SIGNS = {
    ">": ("x3e", "gt"),
    "&": ("x26", "amp"),
    "\x1b": ("x1b",),
    '"': ("quot", "34"),
    "'": ("39",),
    " ": ("r", "n", "t"),
}
