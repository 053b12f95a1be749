# SPDX-License-Identifier: GPL-3.0-or-later
"""port_holder, docker_orphan_rules and docker_stale_*: each acts on what it was told of, and on nothing else."""

import json

from labkit import ask
from labkit.play import Module, files, same
from labkit.scenario import Lab, Mismatch

SHORT = ("bookworm",)
RENEW = True
GONE = "12345678" * 8


def run(lab: Lab) -> None:
    holder = Module(lab.host, "port_holder", {"kind": "container", "container": GONE})
    _processes(lab, holder)
    _guards(lab, holder)
    _containers(lab, holder)
    _stale(lab)
    _orphans(lab)


def _finding(lab: Lab, publish: str, by: str = "shop/web") -> dict:
    found = ask.module(lab.host.name, "port_check", {"publish": [publish], "by": by, "fail_on": "never"})["findings"]
    if len(found) != 1:
        raise Mismatch(f"{publish}: one finding was expected: {found}")
    return found[0]


def _expect(did: dict, changed: bool, found: bool = True) -> None:
    if did.get("failed") or (did["changed"], did["found"]) != (changed, found):
        raise Mismatch(f"changed {changed} and found {found} were expected: {did}")


def _refused(did: dict, words: str) -> None:
    if not did.get("failed") or words not in did["msg"]:
        raise Mismatch(f"it was to be refused with {words!r}: {did}")


def _processes(lab: Lab, holder: Module) -> None:
    """One that ends when it is asked, one that does not listen, and a stranger with its number."""
    lab.hold("0.0.0.0", 8180)
    lab.hold("0.0.0.0", 8181)
    one = _finding(lab, "8180:80")["holder"]
    who = {"kind": "process", "pid": one["pid"], "started": one["started"]}
    _expect(holder({**who, "started": one["started"] + 5}), changed=False, found=False)
    _expect(holder(who, check=True), changed=True)
    lab.host.sh(f"kill -0 {one['pid']}")
    did = holder(who)
    _expect(did, changed=True)
    _expect(holder(who), changed=False, found=False)
    lab.host.sh("ss -tlnH | grep -q ':8181 '; ! ss -tlnH | grep ':8180 '")
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); open('/run/deaf', 'w'); time.sleep(600)"
    lab.later("rm -f /run/deaf")
    pid = lab.process(f'setsid python3 -c "{deaf}" >/dev/null 2>&1 & echo $!').pid
    lab.until("test -e /run/deaf")
    did = holder({"kind": "process", "pid": pid, "started": _started(lab, pid), "grace": 0.5})
    if did.get("signal") != "KILL":
        raise Mismatch(f"it was to be killed: {did}")


def _started(lab: Lab, pid: int) -> float:
    ticks = int(lab.host.sh(f"cut -d')' -f2 /proc/{pid}/stat | awk '{{print $20}}'"))
    return int(lab.host.sh("awk '/btime/ {print $2}' /proc/stat")) + ticks / 100


def _guards(lab: Lab, holder: Module) -> None:
    """What is never ended, whoever asks."""
    lab.container("guarded", "-p", "8182:80")
    proxy = int(lab.host.sh("pgrep -o docker-proxy"))
    inner = int(lab.host.sh("docker inspect -f '{{.State.Pid}}' guarded"))
    unit = int(lab.host.sh("systemctl show -p MainPID --value systemd-resolved"))
    engine = int(lab.host.sh("systemctl show -p MainPID --value docker"))
    for pid, words in (
        (1, "is the system's own"),
        (engine, "is dockerd, which the host needs"),
        (int(lab.host.sh("pgrep -o sshd")), "is one that this very run needs"),
        (proxy, "a container stands behind it"),
        (inner, "stop the container"),
        (unit, "which the host needs"),
    ):
        _refused(holder({"kind": "process", "pid": pid, "started": _started(lab, pid)}), words)
    lab.unit("lab-web.service", "[Service]\nExecStart=/usr/bin/python3 -m http.server 8183\n")
    pid = int(lab.host.sh("systemctl show -p MainPID --value lab-web"))
    _refused(holder({"kind": "process", "pid": pid, "started": _started(lab, pid)}), "stop the unit")


def _containers(lab: Lab, holder: Module) -> None:
    container = lab.container("victim", "-p", "8184:80", "-v", "victim-data:/data", "-v", "/anonymous")
    lab.later("docker volume prune -af >/dev/null 2>&1 || docker volume prune -f >/dev/null")
    lab.later("docker volume rm victim-data >/dev/null 2>&1 || true")
    who = {"kind": "container", "container": container}
    volumes = lab.host.sh("docker volume ls -q | sort")
    _refused(holder({**who, "state": "absent"}), "only a container that does not run is removed")
    _expect(holder(who, check=True), changed=True)
    _expect(holder(who), changed=True)
    _expect(holder(who), changed=False)
    before = files(lab.host)
    _expect(holder({**who, "state": "absent"}, check=True), changed=True)
    same(before, files(lab.host), "check mode")
    _expect(holder({**who, "state": "absent"}), changed=True)
    _expect(holder({**who, "state": "absent"}), changed=False, found=False)
    if lab.host.sh("docker volume ls -q | sort") != volumes:
        raise Mismatch("a volume is gone")


def _stale(lab: Lab) -> None:
    """The old one goes, with nothing of another's; a network that a stopped container needs stays."""
    lab.host.sh("docker network create --label old=1 used; docker network create --label old=1 unused")
    lab.later("docker network rm used unused >/dev/null 2>&1 || true")
    lab.container("keep", "-p", "8185:80", "--label", "old=1")
    lab.container("old-1", "-p", "127.0.0.1:8186:80", "--label", "old=1", "--network", "used", verb="create")
    lab.container("other", "--label", "new=1", verb="create")
    containers = Module(lab.host, "docker_stale_containers", {"name": "^none$"})
    networks = Module(lab.host, "docker_stale_networks", {"name": "^none$"})
    did = networks.promise({"labels": ["old=1"]}, look=_everything)
    if [one["name"] for one in did["removed"]] != ["unused"]:
        raise Mismatch(f"network unused was to go: {did}")
    if containers({"labels": ["old"], "older_than": "1h"})["changed"]:
        raise Mismatch("it is not that old")
    did = containers.promise({"labels": ["old=1"]}, look=_everything)
    if [(one["name"], one["wants"]) for one in did["removed"]] != [("old-1", ["127.0.0.1:8186:80/tcp"])]:
        raise Mismatch(f"old-1 was to go: {did}")
    if not all(containers(args).get("failed") for args in ({}, {"labels": []}, {"name": ""})):
        raise Mismatch("without a selection nothing is to be removed")


def _everything(host) -> list[str]:
    return host.sh("docker ps -a --format '{{.Names}} {{.State}}' | sort; docker network ls | sort").splitlines()


def _orphans(lab: Lab) -> None:
    """A rule of a container that is gone, beside a live one and one that somebody wrote."""
    lab.container("live", "-p", "8187:80")
    chain = "iptables -t nat -I DOCKER"
    lab.host.sh(f"{chain} ! -i docker0 -p tcp -m tcp --dport 8188 -j DNAT --to-destination 172.17.0.99:80")
    lab.host.sh(f"{chain} ! -i docker0 -p tcp -m tcp --dport 8189 -j DNAT --to-destination 192.0.2.7:80")
    rules = Module(lab.host, "docker_orphan_rules", {"rules": []})
    finding = _finding(lab, "8188:80")
    (remedy,) = [one for one in finding["remedies"] if one["id"] == "remove_orphan_rules"]
    did = rules.promise({"rules": remedy["params"]["rules"], "pause": 0.5}, look=_rules)
    if len(did["removed"]) != 1 or "172.17.0.99" not in did["removed"][0]:
        raise Mismatch(f"one rule was to go: {json.dumps(did)}")
    again = rules({"rules": remedy["params"]["rules"], "pause": 0.1})
    if again["changed"] or len(again["kept"]) != 1 or rules({"pause": 0.1})["changed"]:
        raise Mismatch(f"nothing else is an orphan: {again}")
    lab.reaches("out", lab.host.v4, 8187, "live")
    lab.host.sh("iptables -t nat -S DOCKER | grep -q 192.0.2.7")


def _rules(host) -> list[str]:
    return host.sh("iptables-save | grep -E '^-' | sort; ip6tables-save | grep -E '^-' | sort").splitlines()
