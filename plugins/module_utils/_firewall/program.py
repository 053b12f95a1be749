# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The program that keeps the policy on a host without Ansible: these very files, in one archive that Python runs.

So what the module does and what the host does after a reboot cannot differ.
"""

from __future__ import annotations

import importlib.util
import io
import sys
import typing as t
import zipfile

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import command
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import FirewallError, System

PACKAGE = command.__name__.rpartition(".")[0]
PARTS = tuple(
    "bridges chains command engine files firewall interfaces iptables known marks memory networks nft placement policy "
    "ports published saved sets store surroundings system tables trial view watch".split()
)

_PYTHONS = (
    "/usr/bin/python3",
    "/usr/libexec/platform-python",
)  # those of the distribution outlive a virtual environment
_OLDEST = (3, 8)
_WHEN = (1980, 1, 1, 0, 0, 0)  # the same files are the same archive, byte for byte


def archive(python: str) -> str:
    """The program, run by that Python. It is text: what it packs is."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as file:
        for path, source in _sources():
            file.writestr(zipfile.ZipInfo(path, _WHEN), source)
    return f"#!{python} -I\n" + packed.getvalue().decode("utf-8", "surrogateescape")


def python(system: System) -> str:
    """The Python that the host's own program runs with. Raises FirewallError if none is there that will stay."""
    for path in (*_PYTHONS, sys.executable):
        check = f"import sys; sys.exit(sys.version_info < {_OLDEST})"
        if path and system.exists(path) and system.run(path, "-c", check).rc == 0:
            return path
    raise FirewallError("no Python 3.8 or newer is on this host that could keep the policy")


def _sources() -> t.Iterator[t.Tuple[str, str]]:
    packages = PACKAGE.split(".")
    for depth in range(1, len(packages) + 1):
        yield "/".join([*packages[:depth], "__init__.py"]), ""
    for part in PARTS:
        yield f"{'/'.join(packages)}/{part}.py", _source(f"{PACKAGE}.{part}")
    yield "__main__.py", f"from {command.__name__} import main\n\nmain()\n"


def _source(module: str) -> str:
    spec = importlib.util.find_spec(module)
    source = spec.loader.get_source(module) if spec and spec.loader else None  # type: ignore[attr-defined]
    if source is None:
        raise FirewallError(f"the source of {module} is not at hand")
    return str(source)
