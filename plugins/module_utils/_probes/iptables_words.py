# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The words of a line of iptables-save, and how it quotes them.

Source: xtables_save_string() of iptables: a word with anything but letters, digits and a few signs is quoted, and a
backslash stands before `"`, `\\` and `'`.
"""

from __future__ import annotations

import re
import typing as t

_ESCAPED = re.compile(r"\\.", re.DOTALL)
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|\S+', re.DOTALL)


def words_of(line: str) -> t.List[str]:
    """A line's words as printed, quotes and backslashes kept."""
    return _WORD.findall(line) if '"' in line else line.split()


def arguments_of(line: str) -> t.List[str]:
    """A line's words as a program would be given them: quotes and backslashes undone."""
    return [plain(word) for word in words_of(line)]


def plain(word: str) -> str:
    """A word without its quotes and backslashes."""
    if len(word) < 2 or word[0] != '"':
        return word
    return _ESCAPED.sub(lambda match: match[0][1], word[1:-1])


def is_open(line: str) -> bool:
    """Whether a quote of this line is not closed in it."""
    return _ESCAPED.sub("", line).count('"') % 2 == 1
