# SPDX-License-Identifier: GPL-3.0-or-later
"""What Windows prints, in eight languages and six code pages; see the README beside the recordings."""

from __future__ import annotations

import pathlib

FOLDER = pathlib.Path(__file__).parents[3] / "recordings" / "windows"
CODE_PAGES = {
    "english": "cp437", "german": "cp850", "french": "cp850", "spanish": "cp850",
    "russian": "cp866", "japanese": "cp932", "chinese": "cp936", "korean": "cp949",
}  # fmt: skip
DECODED = list(CODE_PAGES.items())
DECODED += [(language, wrong) for language in CODE_PAGES for wrong in ("ascii", "utf-8", "latin-1", "cp1252")]
"""Nothing is read that depends on which page a text was taken for."""


def recorded(language: str, name: str, encoding: str) -> str:
    return (FOLDER / language / name).read_bytes().decode(encoding, "surrogateescape")
