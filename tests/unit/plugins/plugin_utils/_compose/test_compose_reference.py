# SPDX-License-Identifier: GPL-3.0-or-later
"""Random projects give the same ports here and by `docker compose config`."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.project import Request, project_of
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.source import Controller
from ansible_collections.dockmaster.ports.tests.unit.plugins.plugin_utils._compose.projects import random_project

PLUGINS = ["/usr/libexec/docker/cli-plugins", "/usr/lib/docker/cli-plugins", "/usr/local/lib/docker/cli-plugins"]
PROJECTS = int(os.environ.get("DOCKMASTER_COMPOSE_PROJECTS", "60"))
REFUSED = "refused"


@pytest.fixture(scope="module")
def compose():
    """The path of a Compose that reads as its newer releases do."""
    places = [
        os.environ.get("DOCKMASTER_COMPOSE"),
        shutil.which("docker-compose"),
        *(f"{p}/docker-compose" for p in PLUGINS),
    ]
    for place in filter(None, places):
        if os.access(place, os.X_OK):
            shown = subprocess.run([place, "version", "--short"], capture_output=True, text=True, check=False).stdout
            version = re.match(r"v?([0-9]+)\.([0-9]+)", shown.strip())
            if version and (int(version[1]), int(version[2])) >= (2, 40):
                return place
    pytest.skip("docker-compose 2.40 or newer is not installed; DOCKMASTER_COMPOSE names its path")


def by_compose(compose, project, folder):
    """(address, host port, container port, protocol) of every port, by service."""
    options = [("-f", project.named), ("--env-file", project.env_files), ("--profile", project.profiles)]
    words = [word for option, values in options for value in values for word in (option, value)]
    run = subprocess.run(
        [compose, *words, "config", "--format", "json"],
        cwd=folder, env={"PATH": "/bin", "HOME": str(folder), **project.variables}, capture_output=True, check=False,
    )  # fmt: skip
    if run.returncode:
        return REFUSED
    services = json.loads(run.stdout).get("services") or {}
    ports = {name: sorted(map(shown, service.get("ports") or ())) for name, service in services.items()}
    # Compose passes any text on as the host port; the engine refuses it
    bad = any(not re.fullmatch(r"([0-9]+(-[0-9]+)?)?", port[1]) for those in ports.values() for port in those)
    return REFUSED if bad else ports


def shown(port):
    published = "" if port.get("published") in (None, "0") else port["published"]
    return (port.get("host_ip", "").strip("[]"), published, port["target"], port["protocol"])


def by_us(project, folder):
    request = Request(
        files=tuple(str(folder / name) for name in project.named),
        folder=str(folder),
        env_files=tuple(project.env_files),
        profiles=tuple(project.profiles),
        variables=project.variables,
    )
    try:
        services = project_of(request, Controller()).services
    except ComposeError:
        return REFUSED
    return {name: sorted(map(ours, service.get("ports") or ())) for name, service in services.items()}


def ours(entry):
    first, last = entry.host
    published = "" if not first else str(first) if first == last else f"{first}-{last}"
    return ("" if entry.ip == "*" else entry.ip, published, entry.target, entry.protocol)


def test_random_projects_have_the_same_ports(compose, tmp_path: pathlib.Path):
    read = 0
    for seed in range(PROJECTS):
        project = random_project(seed)
        folder = tmp_path / f"project{seed}"
        for name, text in project.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        expected = by_compose(compose, project, folder)

        assert by_us(project, folder) == expected, f"seed {seed}"
        read += expected != REFUSED

    assert read > PROJECTS / 4
