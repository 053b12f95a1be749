# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Whether an engine would start with a changed file."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.flags import clashes, flatten, without
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.keys import (
    FILE_ONLY,
    IGNORED_BEFORE,
    flag_of,
    item_kind_of,
    kind_of,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import Launch
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen

VALIDATES_SINCE = (23,)

_FLAG = re.compile(r"^ +(?:-\w, )?--([a-z0-9-]+)", re.MULTILINE)
_KINDS: t.Mapping[str, t.Tuple[type, ...]] = {
    "bool": (bool,),
    "list": (list,),
    "object": (dict,),
    "number": (int,),
    "text": (str,),
}
_WORDS = {
    "bool": "true or false",
    "list": "a list",
    "object": "a mapping",
    "number": "a whole number",
    "text": "a text",
}


class Refused(ValueError):
    """The engine would not start. The message has the engine's own words where it said some."""


def judge(host: Host, launch: Launch, config: t.Mapping[str, t.Any], path: str) -> str:
    """Who validated the file at `path`, which holds `config`: dockerd, help (its list of options) or nobody.

    Raises Refused.
    """
    both = clashes(config, launch.flags, launch.version)
    if both:
        raise Refused(
            f"an engine does not start with an option in both places: {'; '.join(both)}; "
            f"remove it from the command line ({launch.source}) or leave it out of the file"
        )
    for key, value in config.items():
        _check_key(key, value)
        _check_since(key, launch)
    if not launch.program:
        return "nobody"
    if launch.version >= VALIDATES_SINCE:
        return _ask_dockerd(host, launch, path)
    return _ask_help(host, launch, config)


def _check_key(key: str, value: t.Any) -> None:
    _check_kind(key, value, kind_of(key))
    kind = item_kind_of(key)
    if isinstance(value, dict):
        for name, item in value.items():
            _check_kind(f"{key}.{name}", item, kind)
    elif isinstance(value, list):
        for number, item in enumerate(value, 1):
            _check_kind(f"item {number} of {key}", item, kind)


def _check_kind(name: str, value: t.Any, kind: str) -> None:
    """null is as good as nothing, wherever it stands. Source: encoding/json, Unmarshal; seen at engine 20.10."""
    if value is None or not kind:
        return
    if not isinstance(value, _KINDS[kind]) or (kind == "bool") != isinstance(value, bool):
        raise Refused(f"{name} is {value!r}: expected {_WORDS[kind]}")


def _check_since(key: str, launch: Launch) -> None:
    since = IGNORED_BEFORE.get(key, ())
    if () < launch.version < since:
        raise Refused(f"{launch.program} {_text(launch.version)} ignores {key}: engines read it since {_text(since)}")


def _text(version: t.Tuple[int, ...]) -> str:
    return ".".join(str(number) for number in version)


def judge_with_host(host: Host, config: t.Mapping[str, t.Any], swarm: bool) -> None:
    """What no validation looks at, and an engine does not start with. Raises Refused.

    Source: moby daemon/cluster (IsSwarmCompatible), daemon/libnetwork/drivers/bridge (nftables, IPv4 forwarding).
    """
    if swarm and config.get("live-restore") is True:
        raise Refused("live-restore does not go with swarm mode: this engine is in a swarm, and would not start again")
    if config.get("userland-proxy") is False and config.get("iptables") is not False and not _has_br_netfilter(host):
        raise Refused("userland-proxy off needs the kernel's br_netfilter, which this one lacks: it would not start")
    if config.get("firewall-backend") != "nftables":
        return
    features = config.get("features")
    if swarm and not (isinstance(features, dict) and features.get("swarm-nftables") is True):
        raise Refused("firewall-backend nftables does not go with swarm mode: this engine is in a swarm")
    if config.get("ip-forward") is not False and host.read("/proc/sys/net/ipv4/ip_forward").strip() == "0":
        raise Refused(
            "firewall-backend nftables needs net.ipv4.ip_forward=1, which is 0 here: the engine would not start"
        )


def _has_br_netfilter(host: Host) -> bool:
    """Loaded, or there to be loaded. Where nobody can tell, the engine may try."""
    try:
        return "bridge-nf-call-iptables" in host.names("/proc/sys/net/bridge")
    except Unseen:
        pass
    try:
        return host.run("modprobe", "--dry-run", "br_netfilter").rc == 0
    except Unseen:
        return True


def _ask_dockerd(host: Host, launch: Launch, path: str) -> str:
    """With the flags of its next start: they are merged with the file, and only together they are right or wrong."""
    flags = without(launch.arguments or (), "config-file", "validate")
    done = host.run(launch.program, "--validate", f"--config-file={path}", *flags)
    if done.rc:
        words = (done.err or done.out).strip().replace(path, "the new file")
        raise Refused(f"{launch.program} --validate: {words or f'ended with status {done.rc}'}")
    return "dockerd"


def _ask_help(host: Host, launch: Launch, config: t.Mapping[str, t.Any]) -> str:
    """An engine before 23 cannot validate, but says which options it has; it does not start with any other."""
    try:
        known = set(_FLAG.findall(host.run(launch.program, "--help").out))
    except Unseen:
        return "nobody"
    if "config-file" not in known:
        return "nobody"
    unknown = [key for key in flatten(config, launch.version) if flag_of(key) not in known and key not in FILE_ONLY]
    if unknown:
        raise Refused(
            f"{launch.program} {_text(launch.version)} does not know {', '.join(unknown)}, and would not start"
        )
    return "help"
