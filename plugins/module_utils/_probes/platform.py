# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What kind of host this is.

Source: os-release(5); /proc/sys/kernel; https://systemd.io/CONTAINER_INTERFACE; `wslinfo --networking-mode` of WSL,
binfmt_misc; moby, daemon/libnetwork/drivers/bridge/internal/iptabler/wsl2.go.
"""

from __future__ import annotations

import re
import shlex
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Platform
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible

SECTIONS = ("platform",)

_MARKERS = (("/", ".dockerenv", "docker"), ("/run", ".containerenv", "podman"))
_MANAGERS = (("/run/systemd/system", "systemd"), ("/run/openrc", "openrc"))
_MIRROR = "loopback0"  # WSL makes it for networking mode mirrored; dockerd looks for it too
_RELEASES = ("/etc/os-release", "/usr/lib/os-release")


def probe(host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]) -> t.Dict[str, Platform]:
    """Raises Unseen where /proc/sys cannot be read: then this is no Linux that this probe knows."""
    release = host.read("/proc/sys/kernel/osrelease").strip()
    wsl = wsl_of(release)
    told = parse_os_release(next((text for text in (_text(host, path) for path in _RELEASES) if text), ""))
    return {
        "platform": Platform(
            distribution=told.get("ID", ""),
            version=told.get("VERSION_ID", ""),
            release=release,
            hostname=visible(_text(host, "/proc/sys/kernel/hostname").strip()),
            wsl=wsl,
            wsl_networking=_wsl_networking(host, blind) if wsl else "",
            wsl_interop=_has_interop(host) if wsl else None,
            wsl_integration=_is_integrated(host) if wsl else None,
            container=_container(host),
            service_manager=next((name for path, name in _MANAGERS if _names(host, path) is not None), ""),
            namespace=_namespace(host),
        )
    }


def wsl_of(release: str) -> str:
    """1 or 2, by the kernel's release: 4.4.0-19041-Microsoft, 5.15.153.1-microsoft-standard-WSL2."""
    if "microsoft" not in release.lower():
        return ""
    return "1" if re.fullmatch(r"4\.4\.0-\d+-Microsoft", release) else "2"


def parse_os_release(text: str) -> t.Dict[str, str]:
    """Assignments as a shell takes them; a line that a shell would not take is left out."""
    told = {}
    for line in text.splitlines():
        name, found, value = line.strip().partition("=")
        try:
            words = shlex.split(value)
        except ValueError:
            continue
        if found and not name.startswith("#"):
            told[name] = visible(" ".join(words))
    return told


def _wsl_networking(host: Host, blind: t.List[Blind]) -> str:
    try:
        answer = host.run("wslinfo", "--networking-mode")
        if answer.rc:
            raise Unseen(f"wslinfo: {visible(answer.err.strip()) or f'exit status {answer.rc}'}")
    except Unseen as exc:
        if _MIRROR in (_names(host, "/sys/class/net") or ()):
            return "mirrored"
        blind.append(Blind("platform", exc.why, exc.see or "update WSL", part="WSL's networking mode", hides=False))
        return ""
    return visible(answer.out.strip())


def _has_interop(host: Host) -> bool:
    """Imported here: only WSL needs it."""
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes.wsl_interop import is_on

    return is_on(host)


def _is_integrated(host: Host) -> bool:
    """Docker Desktop puts its own client where the distribution's would be."""
    try:
        return "/wsl/docker-desktop/" in host.link("/usr/bin/docker")
    except Unseen:
        return False


def _container(host: Host) -> str:
    """What systemd noted, what process 1 was told, or what an engine left; empty on a host."""
    told = _text(host, "/run/systemd/container").strip() or _told_process_1(host)
    marked = (kind for folder, name, kind in _MARKERS if name in (_names(host, folder) or ()))
    return visible(told) or next(marked, "")


def _told_process_1(host: Host) -> str:
    variables = _text(host, "/proc/1/environ").split("\0")
    return next((one[len("container=") :] for one in variables if one.startswith("container=")), "")


def _namespace(host: Host) -> str:
    try:
        return host.link("/proc/self/ns/net")
    except Unseen:
        return ""


def _text(host: Host, path: str) -> str:
    try:
        return host.read(path)
    except Unseen:
        return ""


def _names(host: Host, path: str) -> t.Optional[t.List[str]]:
    try:
        return host.names(path)
    except Unseen:
        return None
