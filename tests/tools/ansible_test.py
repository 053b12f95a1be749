# SPDX-License-Identifier: GPL-3.0-or-later
"""A home for ansible-test, so that it runs the same on every machine and writes nothing into the user's own home.

ansible-test makes a virtual environment for most of its sanity tests, and stumbles over three things:

* It bootstraps pip with a script from the network, whatever index pip is told to use. Here its cache has get_pip.py.
* It hands no PIP_* and no certificate variables on. Here a pip.conf says what they said.
* It runs every `python3.X` in PATH, a broken pyenv shim too. Here PATH has links to the Pythons that run.
"""

from __future__ import annotations

import ast
import configparser
import contextlib
import os
import re
import shutil
import subprocess
import typing as t
from pathlib import Path

from tests.tools import pythons
from tests.tools.jobs import Failed
from tests.tools.paths import ROOT

_CERTIFICATES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_SYSTEM = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")


def environment(programs: Path) -> dict[str, str]:
    """Variables for the ansible-test in a folder of programs."""
    home = programs.parent / "home"  # one each: two ansible-tests at once would make the same environments in it
    _give_get_pip(programs, home)
    _write_pip_conf(programs, home)
    path = [str(programs), str(_links(home)), *_SYSTEM]
    return {"HOME": str(home), "PATH": os.pathsep.join(path)}


def _give_get_pip(programs: Path, home: Path) -> None:
    """Put our script where this ansible-test caches the one it would download."""
    source = next(programs.parent.glob("lib/python3*/site-packages/ansible_test/_internal/python_requirements.py"))
    versions = re.findall(r"""\bpip='([0-9.]+)'""", source.read_text())
    if not versions:
        raise Failed(f"{source}: does not tell which pip ansible-test wants")
    cache = home / ".ansible/test/cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in versions:
        shutil.copy(ROOT / "tests/tools/get_pip.py", cache / f"get_pip_{version.replace('.', '_')}.py")


def _links(home: Path) -> Path:
    folder = home / "pythons"
    folder.mkdir(exist_ok=True)
    for version in pythons.VERSIONS:
        link = folder / f"python{version}"
        link.unlink(missing_ok=True)
        python = pythons.find(version)
        if python:
            link.symlink_to(python.resolve())
    return folder


def _write_pip_conf(programs: Path, home: Path) -> None:
    """What pip is told here by variables and by the user's own file; later sections of `pip config list` win."""
    config = configparser.RawConfigParser()
    config.add_section("global")
    for section, key, value in _pip_settings(programs):
        with contextlib.suppress(configparser.DuplicateSectionError):
            config.add_section(section)
        config.set(section, key, "\n".join(value.split()) if key in ("find-links", "extra-index-url") else value)
    target = home / ".config/pip/pip.conf"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w") as file:
        config.write(file)


def _pip_settings(programs: Path) -> t.Iterator[tuple[str, str, str]]:
    certificate = next((os.environ[name] for name in _CERTIFICATES if os.environ.get(name)), None)
    if certificate:
        yield "global", "cert", certificate
    proxy = os.environ.get("https_proxy") or os.environ.get("HTTPS_PROXY")
    if proxy:
        yield "global", "proxy", proxy
    yield "global", "cache-dir", _pip(programs, "cache", "dir").strip()
    for line in _pip(programs, "config", "list").splitlines():
        name, _equals, value = line.partition("=")
        section, _dot, key = name.replace(":env:", "global").rpartition(".")
        if section and key != "config-file":
            yield section, key, str(ast.literal_eval(value))


def _pip(programs: Path, *arguments: str) -> str:
    argv = [programs / "python", "-m", "pip", "--disable-pip-version-check", *arguments]
    return subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True).stdout
