# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/causes.md from the causes' own words: python docs/causes.py"""

from __future__ import annotations

import ast
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE.parent / "plugins/module_utils/_causes"
HEAD = """# Causes

Why a published port cannot have its binding, or cannot be reached on it. Each is one file in
`plugins/module_utils/_causes/`, and this page is made from what stands there (`python docs/causes.py`).

| cause | what it is | it needs to see |
|---|---|---|
"""


def guide() -> str:
    causes = [_read(path) for path in sorted(FOLDER.glob("*.py")) if path.stem not in ("catalogue", "__init__")]
    rows = [
        f"| [`{name}`](#{name}) | {title} | {', '.join(needs) or 'nothing but the request'} |"
        for name, title, needs, _doc in causes
    ]
    parts = [f"## {name}\n\n{_prose(doc)}" for name, _title, _needs, doc in causes]
    return HEAD + "\n".join(rows) + "\n\n" + "\n\n".join(parts) + "\n"


def _read(path: pathlib.Path) -> tuple[str, str, list[str], str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    words = {
        keyword.arg: ast.literal_eval(keyword.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Cause"
        for keyword in node.keywords
    }
    return words["id"], words["title"], list(words["needs"]), ast.get_docstring(tree) or ""


def _prose(doc: str) -> str:
    """Each labelled sentence a paragraph of its own."""
    for label in ("Seen as:", "Told apart", "Source:", "Typical:"):
        doc = doc.replace(f"\n{label}", f"\n\n**{label.rstrip(':')}{':' if label.endswith(':') else ''}**")
    return doc.replace("\n\n\n", "\n\n").strip()


if __name__ == "__main__":
    (HERE / "causes.md").write_text(guide(), encoding="utf-8")
