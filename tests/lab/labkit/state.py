# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host is like, to be compared after a scenario: nothing of it may be left."""

from __future__ import annotations

import contextlib
import json
import re
import typing as t

from .errors import LabError
from .remote import Remote

State = dict[str, list[str]]

# those of the connection, of looking, and those that come and go by themselves
USUAL = r"ps|sort|uniq|bash|sh|grep|sed|awk|sshd|sshd-(session|auth)|\(sd-pam\)|systemd(-.*)?|agetty|kworker.*|polkitd"
# a watcher or an engine may just be looking at its rules; one that hangs is older than that, in seconds
BRIEF, AGE = "ip6?tables|xtables-|nft", 3

# Not by the engine's client: it starts its plugins and answers in the time that all of the rest takes.
GET = "curl -s --max-time 30 --unix-socket /run/docker.sock http://engine/"
# Each section's lines are compared as they come, without pids, counters and dates. Legacy tables are dumped only where
# they exist: looking at them makes them.
SECTIONS = {
    "containers": f"{GET}containers/json?all=1",
    "networks": f"{GET}networks",
    "volumes": f"{GET}volumes",
    "swarm": f"{GET}info",
    "images": f"{GET}images/json",
    "listeners": r"ss -tulnpH | sed -E 's/users:\(\(\"([^\"]*)\".*/\1/' | awk '{print $1, $5, $7}'"
    " | grep -v -E ' 127.0.0.1:[0-9]+ containerd' | sort",
    "iptables-nft": "iptables-nft-save",
    "ip6tables-nft": "ip6tables-nft-save",
    "iptables-legacy": "[ ! -s /proc/net/ip_tables_names ] || iptables-legacy-save",
    "ip6tables-legacy": "[ ! -s /proc/net/ip6_tables_names ] || ip6tables-legacy-save",
    "nft tables": "nft list tables | grep -v -E ' ip6? (filter|nat|raw|mangle)$' | sort",
    "processes": 'ps -eo etimes=,comm= | awk \'{age = $1; sub(/^ *[0-9]+ +/, "")}'
    f" !(age < {AGE} && /^({BRIEF})/)' | grep -v -E '^({USUAL})$' | sort | uniq -c",
    "units": "systemctl list-units --failed --plain --no-legend | awk '{print $1}';"
    " ls /run/systemd/system /etc/systemd/system | grep -v -E '\\.(wants|requires)$'",
    "engine": "cat /etc/docker/daemon.json 2>/dev/null; systemctl is-active docker docker.socket ufw firewalld;"
    " readlink -f /usr/sbin/iptables",
    "resolved": "cat /etc/systemd/resolved.conf.d/* 2>/dev/null",
    "kernel": "sysctl net.ipv4.ip_forward net.ipv4.ip_local_port_range net.ipv4.ip_local_reserved_ports"
    " net.ipv4.ip_unprivileged_port_start net.ipv4.ip_nonlocal_bind net.ipv6.bindv6only",
    "addresses": "ip -o addr | awk '{print $2, $4}' | grep -v -E '^(veth|docker|br-)' | sort",
}
# What of the engine's documents is compared.
DOCUMENTS: dict[str, t.Callable[[t.Any], list[str]]] = {
    "containers": lambda found: [f"{one['Names'][0][1:]} {one['State']}" for one in found],
    "networks": lambda found: [f"{one['Name']} {one['Driver']}" for one in found],
    "volumes": lambda found: [one["Name"] for one in found["Volumes"] or ()],
    "swarm": lambda info: [f"{info['Swarm']['LocalNodeState']} {info['LiveRestoreEnabled']}"],
    "images": lambda found: [tag for one in found for tag in one["RepoTags"] or ()],
}
ALWAYS = ("listeners", "kernel", "addresses")  # of these every host has some
MARK = "@@@"
_NOISE = re.compile(r"\[\d+:\d+\]| on (Mon|Tue|Wed|Thu|Fri|Sat|Sun) .*|# Warning: iptables-legacy.*")


def of(host: Remote) -> State:
    """The host's state now. Raises LabError if the host did not tell all of it: nothing is like nothing."""
    script = "\n".join(f"echo '{MARK}{name}'; {command}" for name, command in SECTIONS.items())
    state: State = {}
    ran = host.try_sh(script + "\ntrue")
    for part in ran.out.split(MARK)[1:]:
        name, _newline, text = part.partition("\n")
        with contextlib.suppress(ValueError, LookupError, TypeError):  # an error of the engine's is no document
            state[name] = _lines(name, text)
    silent = [name for name in SECTIONS if name not in state] + [name for name in ALWAYS if not state.get(name)]
    if ran.rc or silent:
        what = f"{host.name} does not tell its state ({', '.join(silent)}): {ran.err[-300:]}"
        raise LabError(what, "see `lab status`")
    return state


def _lines(name: str, text: str) -> list[str]:
    """Of one section. An engine that does not run says nothing."""
    if name in DOCUMENTS:
        return sorted(DOCUMENTS[name](json.loads(text))) if text.strip() else []
    lines = [line for line in (_NOISE.sub("", raw).rstrip() for raw in text.splitlines()) if line]
    return _rules(lines) if "tables-" in name else lines


def _rules(dump: t.Sequence[str]) -> list[str]:
    """Rules, chains and policies, each with its table; an empty table with the kernel's policies is as good as none."""
    found, table = [], ""
    for line in dump:
        if line.startswith("*"):
            table = line[1:]
        elif line.startswith("-") or (line.startswith(":") and " ACCEPT" not in line):
            found.append(f"{table} {line}")
    return found


def difference(before: State, after: State) -> list[str]:
    """One line for each thing that is there now and was not, or the other way round."""
    said = []
    for name in SECTIONS:
        old, new = before.get(name, []), after.get(name, [])
        if old != new:
            said += [f"{name}: gone: {line}" for line in _more(old, new)]
            said += [f"{name}: left: {line}" for line in _more(new, old)]
            said += [f"{name}: the same in another order"] if sorted(old) == sorted(new) else []
    return said


def _more(these: t.Sequence[str], those: t.Sequence[str]) -> list[str]:
    rest = list(those)
    found = []
    for line in these:
        if line in rest:
            rest.remove(line)
        else:
            found.append(line)
    return found
