# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which firewall the engine of this host uses, from its command line and its daemon.json. The engine is not woken."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import FirewallError, Process
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.view import View

CONFIG = "/etc/docker/daemon.json"
IPTABLES, NFTABLES = "iptables", "nftables"

_TRUE = ("1", "t", "true")  # as Go's strconv.ParseBool, in lower case


@dataclass(frozen=True)
class Engine:
    """pid: None where no daemon runs. iptables: whether it writes rules at all. backend: iptables or nftables."""

    pid: t.Optional[int] = None
    iptables: bool = True
    backend: str = IPTABLES
    config: str = CONFIG

    @property
    def refusal(self) -> str:
        """Why no policy can be laid out around this engine; empty if one can."""
        if self.iptables:
            return ""
        if self.pid is None:
            whose = f"the engine (not running) is to start with iptables: false ({self.config})"
        else:
            whose = (
                f"the engine (dockerd, pid {self.pid}) runs with iptables: false ({self.config} or its command line)"
            )
        return (
            f"{whose}: it turns no connection to a container and keeps no DOCKER-USER chain, so there is nothing for a "
            "policy to hang on; nothing was changed"
        )


DAEMON, PROXY = "dockerd", "docker-proxy"


def find(system: View, processes: t.Iterable[Process]) -> Engine:
    """The engine of this network namespace; what its configuration says where it does not run. Raises FirewallError.

    Of several it is the first one that writes rules: a policy in either backend is about all of them.
    """
    daemons = [_running(system, process) for process in sorted(processes) if process.name == DAEMON]
    if not daemons:
        return _engine(None, CONFIG, _config(system, CONFIG), {})
    return next((daemon for daemon in daemons if daemon.iptables), daemons[0])


def _running(system: View, process: Process) -> Engine:
    flags = _flags(process.command_line[1:])
    path = flags.get("config-file", CONFIG)
    return _engine(process, path, _config(system, process.root + path), flags)


def _engine(
    process: t.Optional[Process], path: str, config: t.Mapping[str, t.Any], flags: t.Mapping[str, str]
) -> Engine:
    iptables = flags["iptables"].lower() in _TRUE if "iptables" in flags else config.get("iptables", True) is not False
    backend = flags.get("firewall-backend") or config.get("firewall-backend") or IPTABLES
    return Engine(
        pid=process.pid if process else None,
        iptables=iptables,
        backend=NFTABLES if backend == NFTABLES else IPTABLES,
        config=path,
    )


def _flags(words: t.Sequence[str]) -> t.Dict[str, str]:
    """dockerd's flags: --name=value, --name value, and --name alone, which is true."""
    found: t.Dict[str, str] = {}
    for number, word in enumerate(words):
        name, equals, value = word.lstrip("-").partition("=")
        if not word.startswith("--"):
            continue
        following = words[number + 1] if number + 1 < len(words) else "-"
        alone = name in ("iptables", "ip6tables") or following.startswith("-")
        found[name] = value if equals else ("true" if alone else following)
    return found


def _config(system: View, path: str) -> t.Dict[str, t.Any]:
    try:
        text = system.read(path)
    except FileNotFoundError:
        return {}
    except OSError as exc:
        raise FirewallError(f"{path}: {(exc.strerror or str(exc)).lower()}; run with become: true") from exc
    try:
        found = json.loads(text) if text.strip() else {}
    except ValueError as exc:
        raise FirewallError(f"{path} is not JSON: {exc}") from exc
    return found if isinstance(found, dict) else {}
