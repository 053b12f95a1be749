# SPDX-License-Identifier: GPL-3.0-or-later
"""iptables_backend: an engine's rules in two backends come into one; what people wrote stays; ports answer."""

from labkit.play import Module, everything, same
from labkit.scenario import Lab, Mismatch

SHORT = ()
RENEW = True  # looking into legacy tables makes them
SET = "update-alternatives --set {program} /usr/sbin/{program}-{variant} >/dev/null"
MINE = {  # what people wrote, in both backends
    "legacy": ("-t filter -A FORWARD -i docker0 -o eth9 -j DROP", "-t filter -I DOCKER-USER -s 203.0.113.9 -j DROP"),
    "nft": ("-t filter -A FORWARD -i docker0 -o eth8 -j DROP", "-t filter -I DOCKER-USER -s 203.0.113.8 -j DROP"),
}


def run(lab: Lab) -> None:
    host = lab.host
    lab.container("web", "-p", "8160:80", "--restart", "always")
    backend = Module(host, "iptables_backend", {"sweep": True})
    clean = backend.promise({})
    if clean["changed"] or clean["split"] or (clean["variant"], clean["chosen"]) != ("nft", "nft"):
        raise Mismatch(f"a host as installed needs nothing: {clean}")
    _split(lab)
    _one(lab, backend, "legacy", "nft", split=True)
    _one(lab, backend, "nft", "legacy", split=False)
    _refused(lab, backend)
    _put_back(lab, backend)


def _alternatives(lab: Lab, variant: str) -> None:
    lab.host.sh("; ".join(SET.format(program=program, variant=variant) for program in ("iptables", "ip6tables")))


def _split(lab: Lab) -> None:
    """As people do it: they switch, and restart the engine."""
    for variant, rules in MINE.items():
        _alternatives(lab, variant)
        lab.restart_engine()
        for rule in rules:
            lab.host.sh(f"iptables-{variant} {rule}")


def _one(lab: Lab, backend: Module, variant: str, other: str, split: bool) -> None:
    """All in one; the other holds what people wrote and nothing else."""
    before = everything(lab.host)
    said = backend({"backend": variant}, check=True)
    same(before, everything(lab.host), "check mode")
    did = backend({"backend": variant})
    for key in ("changed", "diff", "removed", "kept"):
        if said.get(key) != did.get(key):
            raise Mismatch(f"{key}: check mode {said.get(key)}, the real run {did.get(key)} {did.get('msg')}")
    if did["split"] != split or not did["changed"]:
        raise Mismatch(f"split is {split}: {did}")
    again = backend({"backend": variant})
    if again["changed"] or again["split"] or again["diff"]:
        raise Mismatch(f"the second run: {again}")
    lab.reaches("out", lab.host.v4, 8160, "web")
    left = lab.host.sh(f"iptables-{other}-save | grep -E -v '^[#*:]|^COMMIT'").splitlines()
    wrote = [rule.partition("filter ")[2].replace("-I ", "-A ") for rule in MINE[other]]
    wrote = [
        rule.replace("-s 203.0.113.9", "-s 203.0.113.9/32").replace("203.0.113.8 ", "203.0.113.8/32 ") for rule in wrote
    ]
    if not set(wrote) <= set(left) or set(left) - set(wrote) - {
        "-A FORWARD -j DOCKER-USER",
        "-A DOCKER-USER -j RETURN",
    }:
        raise Mismatch(f"{other} was to hold what people wrote, and holds {left}")
    lab.host.sh(f"iptables-{variant}-save | grep -q -- '{wrote[0].split()[1]}'")


def _refused(lab: Lab, backend: Module) -> None:
    """A kernel without the legacy tables, played: the wrong direction is refused with the kernel's words."""
    path = "/usr/local/sbin/iptables-nft"
    words = "iptables v1.8.9 (nf_tables): Could not fetch rule set generation id: Invalid argument"
    lab.file(path, f"#!/bin/sh\necho '{words}' >&2\nexit 4\n")
    lab.host.sh(f"chmod +x {path}")
    before = everything(lab.host)
    did = backend({"backend": "nft"})
    if not did.get("failed") or "Could not fetch rule set generation id" not in did["msg"]:
        raise Mismatch(f"nft was to be refused: {did}")
    same(before, everything(lab.host), "a refusal")
    lab.host.sh(f"rm {path}")


def _put_back(lab: Lab, backend: Module) -> None:
    """The engine does not start with the other variant: all is as before."""
    now = lab.host.sh("readlink /etc/alternatives/iptables /etc/alternatives/ip6tables")
    script = "#!/bin/sh\\n! readlink /etc/alternatives/iptables | grep -q legacy\\n"
    lab.host.sh(f"printf '{script}' > /root/only-nft; chmod +x /root/only-nft")
    _alternatives(lab, "nft")
    lab.restart_engine()
    now = lab.host.sh("readlink /etc/alternatives/iptables /etc/alternatives/ip6tables")
    lab.file("/run/systemd/system/docker.service.d/lab.conf", "[Service]\nExecStartPre=/root/only-nft\n")
    lab.host.sh("systemctl daemon-reload")
    did = backend({"backend": "legacy", "wait": 20})
    if not did.get("failed") or "the alternatives are as before" not in did["msg"]:
        raise Mismatch(f"it was to be put back: {did}")
    if lab.host.sh("readlink /etc/alternatives/iptables /etc/alternatives/ip6tables") != now:
        raise Mismatch("the alternatives are not as before")
    lab.reaches("out", lab.host.v4, 8160, "web")
