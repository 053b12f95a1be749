# SPDX-License-Identifier: GPL-3.0-or-later
"""Role remediate: a process, a unit with its socket, containers; a stranger in the holder's place; what is refused."""

import copy

from labkit import ask
from labkit.play import everything, play, promise, role
from labkit.remedied import idle, only, refused, remedied
from labkit.scenario import BY, Lab, Mismatch

SHORT = ()
NOT_ON = dict.fromkeys(("bookworm", "sid"), "scenario holders proves the modules there")
SOCKET = "[Socket]\nListenStream=0.0.0.0:8402\n[Install]\nWantedBy=sockets.target\n"
SERVICE = "[Service]\nExecStart=/usr/bin/sleep 600\n"  # it keeps the socket that systemd hands it


def run(lab: Lab) -> None:
    _process(lab)
    _stranger(lab)
    _respawned(lab)
    _proxy(lab)
    _unit(lab)
    _containers(lab)
    _chores(lab)


def _process(lab: Lab) -> None:
    lab.hold("0.0.0.0", 8400)
    idle(lab, "8400:80", [], "none of move_want, stop_process is in remediate_allow")
    remedied(lab, "8400:80", ["stop_process"], r"^(listeners: .*:8400|processes: .* python3$)")
    lab.want("8400:80", "free")


def _stranger(lab: Lab) -> None:
    """A finding of a process that had this number before, and one about a process that nobody may end."""
    holder = lab.hold("0.0.0.0", 8401)
    (found,) = ask.module(lab.host.name, "port_check", {"publish": ["8401:80"], "by": BY, "fail_on": "never"})[
        "findings"
    ]
    old = copy.deepcopy(found)
    old["holder"]["started"] -= 60
    idle(lab, "8401:80", ["stop_process"], "it was so no longer", remediate_findings=[old])
    wrong = copy.deepcopy(found)
    wrong["remedies"] = [{**found["remedies"][-1], "params": {"pid": _sshd(lab), "started": _began(lab, _sshd(lab))}}]
    refused(lab, "8401:80", ["stop_process"], "is one that this very run needs", remediate_findings=[wrong])
    lab.host.sh(f"kill -0 {holder.pid}")


def _respawned(lab: Lab) -> None:
    """Something that nothing manages starts it again at once: the remedy did not help, and nothing else is tried."""
    loop = "while sleep 0.2; do python3 /lab/hold.py 0.0.0.0 8406 stay; done"
    shell = lab.process(f"setsid sh -c '{loop}' >/dev/null 2>&1 & echo $!")
    lab.until("ss -tlnH 'sport = 8406' | grep -q .")
    lab.hold("0.0.0.0", 8407)
    both = {"publish": ["8406:80", "8407:80"], "by": BY, "fail_on": "never"}
    found = ask.module(lab.host.name, "port_check", both)["findings"]
    did = play(lab.host.name, [role("remediate", remediate_allow=["stop_process"], remediate_findings=found)])
    if did.failed != 1 or "1 did not help, 1 not tried" not in did.text or "but: shop/web wants *:8406" not in did.text:
        raise Mismatch(f"one was to be in vain: {did.text}")
    lab.end(shell)
    lab.host.sh("kill -9 $(ss -tlnpH 'sport = 8406' | grep -o 'pid=[0-9]*' | cut -d= -f2)")


def _proxy(lab: Lab) -> None:
    """A docker-proxy without a container, which an audit finds; one with a container is never ended."""
    lab.container("live", "-p", "8409:80")
    left = "-proto tcp -host-ip 0.0.0.0 -host-port 8408 -container-ip 172.17.0.99 -container-port 80"
    lab.process(f"setsid docker-proxy {left} 3>/dev/null >/dev/null 2>&1 & echo $!")
    lab.until("ss -tlnpH 'sport = 8408' | grep -q docker-proxy")
    remedied(lab, None, ["stop_process"], r"^(listeners: .*:8408|processes: .* docker-proxy$)")
    lab.want("8408:80", "free")
    lab.reaches("out", lab.host.v4, 8409, "live")
    lab.host.sh("docker rm -f live >/dev/null")


def _sshd(lab: Lab) -> int:
    return int(lab.host.sh("pgrep -o sshd"))


def _began(lab: Lab, pid: int) -> float:
    ticks = int(lab.host.sh(f"cut -d')' -f2 /proc/{pid}/stat | awk '{{print $20}}'"))
    return int(lab.host.sh("awk '/btime/ {print $2}' /proc/stat")) + ticks / 100


def _unit(lab: Lab) -> None:
    """A service that was started by its socket has the port as well: both stop, and neither comes back at boot."""
    lab.unit("lab-late.service", SERVICE, start=False)
    lab.unit("lab-late.socket", SOCKET)
    lab.host.sh("systemctl enable --runtime --quiet lab-late.socket")
    lab.host.sh("python3 /lab/ask.py tcp 127.0.0.1 8402 0.5 >/dev/null")
    lab.until("systemctl is-active lab-late")
    did = remedied(
        lab, "8402:80", ["stop_unit"], r"^(listeners: .*:8402|processes: .* sleep$|units: (sockets.target.wants)?)"
    )
    for line in ("lab-late.socket stops", "lab-late.service stops", "lab-late.socket is disabled"):
        if line not in did.text:
            raise Mismatch(f"{line!r} was to be said: {did.text}")
    lab.want("8402:80", "free")


def _containers(lab: Lab) -> None:
    """It stops; then it is only one that wants the port; removed, it is gone and its volume is not."""
    lab.container("holder", "-p", "8403:80", "-v", "holder-data:/data")
    lab.later("docker volume rm holder-data >/dev/null")
    remedied(lab, "8403:80", ["stop_container"], r"^(containers|listeners|processes|ip6?tables-nft): ")
    found = ask.module(lab.host.name, "port_check", {"publish": ["8403:80"], "by": BY, "fail_on": "never"})
    if found["wants"][0]["verdict"] != "at_risk":
        raise Mismatch(f"a stopped container is a risk: {found['msg']}")
    remedied(lab, "8403:80", ["remove_container"], r"^containers: holder exited$")
    lab.host.sh("docker volume inspect holder-data >/dev/null")
    lab.want("8403:80", "free")


def _chores(lab: Lab) -> None:
    """What no finding offers is done if it is allowed and selected."""
    lab.host.sh("docker network create --label old=1 old-net >/dev/null")
    lab.later("docker network rm old-net >/dev/null 2>&1 || true")
    lab.container("old-1", "-p", "8404:80", "--label", "old=1", verb="create")
    lab.container("young", "-p", "8405:80", verb="create")
    allow = ["prune_networks", "remove_stale_containers"]
    wish = {"remediate_findings": [], "remediate_stale_networks": {"labels": ["old=1"]}}
    before = everything(lab.host)
    chores = {**wish, "remediate_allow": allow, "remediate_stale_containers": {"labels": ["old=1"]}}
    did = promise(lab.host, [role("remediate", **chores)])
    only(before, everything(lab.host), r"^(containers: old-1 |networks: old-net )|\bbr-[0-9a-f]{12}\b")
    if "removes old-1, which would want " not in did.text or "removes old-net" not in did.text:
        raise Mismatch(f"old-1 was to go: {did.text}")
    idle(lab, None, allow, "nothing is selected", **wish)
    idle(lab, None, ["prune_networks"], "GONE      prune_networks", **wish)
