# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The command line that a systemd unit starts, from what `systemctl show` prints.

Source: systemd.exec(5), systemctl(1).
"""

from __future__ import annotations

import re
import shlex
import typing as t

PROPERTIES = "LoadState,ActiveState,MainPID,ExecStart,Environment,EnvironmentFiles,NeedDaemonReload"

_ARGV = re.compile(r"argv\[\]=(.*?) ; ignore_errors=")
_PATH = re.compile(r"path=(.*?) ; argv\[\]=")
_FILE = re.compile(r"(.*) \(ignore_errors=(?:yes|no)\)")
_WHOLE = re.compile(r"\$(\w+)|\$\{(\w+)\}")
_BRACED = re.compile(r"\$\{(\w+)\}|\$\$")


def parse_show(text: str) -> t.Dict[str, t.List[str]]:
    """Each property's values: one that is printed on several lines has several."""
    shown: t.Dict[str, t.List[str]] = {}
    for line in text.splitlines():
        name, found, value = line.partition("=")
        if found and value:
            shown.setdefault(name, []).append(value)
    return shown


def program_of(exec_start: str) -> str:
    match = _PATH.search(exec_start)
    return match[1] if match else ""


def words_of(exec_start: str) -> t.List[str]:
    """The command line's words, program first, variables still in them."""
    match = _ARGV.search(exec_start)
    return _split(match[1]) if match else []


def environment_files(shown: t.Mapping[str, t.List[str]]) -> t.List[str]:
    matches = (_FILE.fullmatch(value) for value in shown.get("EnvironmentFiles", ()))
    return [match[1] for match in matches if match]


def parse_environment(text: str) -> t.Dict[str, str]:
    """`Environment=` as shown: VAR=value words, quoted where they hold spaces."""
    return dict(_pair(word) for word in _split(text) if "=" in word)


def parse_environment_file(text: str) -> t.Dict[str, str]:
    """An EnvironmentFile: VAR=value lines, comments, quotes, a backslash that joins lines."""
    found = {}
    for line in map(str.strip, re.sub(r"\\\n", " ", text).splitlines()):
        if line and line[0] not in "#;" and "=" in line:
            name, value = _pair(line)
            found[name.strip()] = _unquoted(value.strip())
    return found


def expand(words: t.Sequence[str], variables: t.Mapping[str, str]) -> t.List[str]:
    """$VAR as a word of its own is split at spaces and may vanish; ${VAR} within a word is put in as it is."""
    expanded: t.List[str] = []
    for word in words:
        whole = _WHOLE.fullmatch(word)
        if whole and whole[1]:
            expanded += _split(variables.get(whole[1], ""))
        else:
            expanded.append(_BRACED.sub(lambda m: variables.get(m[1], "") if m[1] else "$", word))
    return expanded


def _pair(text: str) -> t.Tuple[str, str]:
    name, _equals, value = text.partition("=")
    return name, value


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return value


def _split(text: str) -> t.List[str]:
    """As a shell does; where quotes do not match, at spaces."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
