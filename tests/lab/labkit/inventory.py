# SPDX-License-Identifier: GPL-3.0-or-later
"""The run's hosts as Ansible sees them: over ssh, and over community.docker's connection."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from . import engine, fleet, network, places, ssh

PYTHON = "/usr/bin/python3"


def inventory(hosts: t.Sequence[str]) -> dict[str, t.Any]:
    """Groups `ssh` and `docker`, the same hosts in both; `lab` is the first, what playbooks use."""
    return {
        "lab": {"children": {"ssh": None}},
        "ssh": {"hosts": {host: _ssh(host) for host in hosts}},
        "docker": {"hosts": {f"{host}-docker": _docker(host) for host in hosts}},
    }


def _ssh(host: str) -> dict[str, t.Any]:
    where = fleet.address(host)
    return {
        "ansible_connection": "ssh",
        "ansible_host": where.v4(network.HOST),
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(places.run_dir() / "id"),
        "ansible_ssh_args": ssh.arguments(places.run_dir()),
        "ansible_ssh_pipelining": True,
        "ansible_python_interpreter": PYTHON,
        "lab_address_v6": where.v6(network.HOST),
    }


def _docker(host: str) -> dict[str, t.Any]:
    return {
        "ansible_connection": "community.docker.docker",
        "ansible_host": fleet.container(host),
        "ansible_docker_extra_args": f"-H {engine.socket()}",
        "ansible_docker_docker_host": engine.socket(),  # for the connection community.docker.docker_api
        "ansible_user": "root",
        "ansible_python_interpreter": PYTHON,
    }


def write(hosts: t.Sequence[str]) -> Path:
    """The inventory as a file of the run: YAML, in the form of JSON."""
    path = places.run_dir() / "inventory.yml"
    path.write_text(json.dumps(inventory(hosts), indent=2) + "\n")
    return path
