# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports from an archive like Ansible's, in a Python of their own: what is imported stays imported."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import sys
import zipfile

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils import _archive

UTILS = "ansible_collections/dockmaster/ports/plugins/module_utils"
IMPORT = """
import importlib, inspect, json, sys

archive, utils, prepare = sys.argv[1:]
sys.path.insert(0, archive)
compiled = []
sys.addaudithook(lambda event, args: compiled.append(str(args[1])) if event == "compile" else None)
if prepare:
    importlib.import_module(f"{utils}._archive").compile_once()
one, two = (importlib.import_module(f"{utils}.{name}") for name in ("one", "inner.two"))
try:
    importlib.import_module(f"{utils}.none")
except ImportError as exc:
    missing = str(exc)
print(json.dumps({
    "compiled": [compiled.count(module.__file__) for module in (one, two, sys.modules[f"{utils}.inner"])],
    "files": [module.__file__ for module in (one, two)],
    "specs": [[m.__spec__.origin, m.__spec__.cached, m.__spec__.parent, type(m.__loader__).__name__] for m in (one, two)],
    "path": list(sys.modules[f"{utils}.inner"].__path__),
    "source": inspect.getsource(two),
    "missing": missing,
}))
"""


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "payload.zip"
    own = pathlib.Path(_archive.__file__).read_text(encoding="utf-8")
    with zipfile.ZipFile(path, "w") as file:
        for depth in range(1, UTILS.count("/") + 2):
            file.writestr("/".join(UTILS.split("/")[:depth]) + "/__init__.py", "")
        for name, text in {"_archive": own, "one": "ONE = 1\n", "inner/__init__": "", "inner/two": "TWO = 2\n"}.items():
            file.writestr(f"{UTILS}/{name}.py", text)
    return path


def imported(archive, prepare):
    command = [sys.executable, "-c", IMPORT, str(archive), UTILS.replace("/", "."), "yes" if prepare else ""]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=60, cwd=str(archive.parent))
    return json.loads(done.stdout)


def test_each_module_is_compiled_once(archive):
    assert imported(archive, prepare=True)["compiled"] == [1, 1, 1]


def test_what_is_imported_is_what_python_itself_would_import(archive):
    own, python = imported(archive, prepare=True), imported(archive, prepare=False)
    del own["compiled"], python["compiled"]

    assert own == python
    assert own["files"] == [f"{archive}/{UTILS}/one.py", f"{archive}/{UTILS}/inner/two.py"]
    assert own["source"] == "TWO = 2\n"
    assert own["missing"] == f"No module named {UTILS.replace('/', '.') + '.none'!r}"


@pytest.mark.parametrize(
    "module", sorted((pathlib.Path(_archive.__file__).parents[1] / "modules").glob("*.py")), ids=lambda path: path.stem
)
def test_modules_ask_for_it_before_they_import_the_rest(module):
    text = module.read_text(encoding="utf-8")
    first = re.search(
        r"^from ansible_collections\.dockmaster\.ports\.plugins\.module_utils.*\n(\n.*\n)?", text, re.MULTILINE
    )

    assert first is None or first.group() == (
        "from ansible_collections.dockmaster.ports.plugins.module_utils._archive import compile_once\n\ncompile_once()\n"
    )


def test_in_a_folder_nothing_changes():
    before = list(sys.meta_path)

    _archive.compile_once()

    assert sys.meta_path == before
