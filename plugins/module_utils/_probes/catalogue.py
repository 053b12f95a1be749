# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Every probe, in the order they run: one may read what an earlier one reported. The only list of them.

Written out because Ansible ships to a target what import statements name, and nothing else. The statements are in
functions because a target compiles all that it imports, each time: for one section that costs more than gathering it.

A probe is a module with SECTIONS, the names of what it reports, and
`probe(host, request, evidence, blind) -> {section: records}`: it reads through `host`, may read the sections gathered
so far in `evidence`, appends to `blind` what it saw only in part, and raises Unseen where it saw nothing.
"""

from __future__ import annotations

import typing as t


def _platform() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes import platform

    return platform


def _kernel() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes import kernel

    return kernel


def _units() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes import units

    return units


def _sockets() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes import sockets

    return sockets


def _engine() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes import engine

    return engine


def _clients() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes import clients

    return clients


def _rulesets() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes import rulesets

    return rulesets


def _networks() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes import networks

    return networks


def _windows_side() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes import windows_side

    return windows_side


def _binds() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes import binds

    return binds


def _macos_platform() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes.macos import platform

    return platform


def _macos_kernel() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes.macos import kernel

    return kernel


def _macos_sockets() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes.macos import sockets

    return sockets


def _macos_pf() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes.macos import pf

    return pf


def _windows_platform() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows import platform

    return platform


def _windows_kernel() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows import kernel

    return kernel


def _windows_sockets() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows import sockets

    return sockets


def _windows_engine() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows import engine

    return engine


def _windows_redirections() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows import redirections

    return redirections


def _windows_exclusions() -> t.Any:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows import exclusions

    return exclusions


class Probe(t.NamedTuple):
    """sections: what it reports, as its module says in SECTIONS. load: imports the module."""

    sections: t.Tuple[str, ...]
    load: t.Callable[[], t.Any]


PROBES = (
    Probe(("platform",), _platform),
    Probe(("kernel",), _kernel),
    Probe(("units",), _units),
    Probe(("sockets",), _sockets),
    Probe(("engine", "containers", "publications", "endpoints"), _engine),
    Probe(("clients",), _clients),
    Probe(("nat", "firewall", "published_policy"), _rulesets),
    Probe(("endpoints",), _networks),
    Probe(("windows_sockets", "exclusions"), _windows_side),
    Probe(("binds",), _binds),
)

WINDOWS_PROBES = (
    Probe(("platform",), _windows_platform),
    Probe(("kernel",), _windows_kernel),
    Probe(("engine", "containers", "publications", "endpoints"), _windows_engine),
    Probe(("sockets", "clients", "units"), _windows_sockets),
    Probe(("nat", "firewall"), _windows_redirections),
    Probe(("exclusions",), _windows_exclusions),
)
"""These run on the controller, over what the commands that each of them names printed on the host."""

MACOS_PROBES = (
    Probe(("platform",), _macos_platform),
    Probe(("kernel",), _macos_kernel),
    Probe(("engine", "containers", "publications", "endpoints"), _engine),
    Probe(("sockets", "clients", "units"), _macos_sockets),
    Probe(("nat", "firewall"), _macos_pf),
    Probe(("endpoints",), _networks),
    Probe(("binds",), _binds),
)

PROBES_OF = {"Linux": PROBES, "Darwin": MACOS_PROBES, "Windows": WINDOWS_PROBES}
"""By the system of a host."""
