# SPDX-License-Identifier: GPL-3.0-or-later
"""iptables_backend killed at any moment while it chooses a variant: each program is one or the other, and works."""

import json

from labkit.play import Module
from labkit.scenario import Lab, Mismatch

RENEW = True  # looking into legacy tables makes them
LONG = ("trixie",)
NOT_ON = dict.fromkeys(("bookworm", "sid"), "the very same code: proven on one host")
KILLED = 100
# Runs the module again and again, for one variant and the other, and kills it somewhere on the way
KILL = """
import os, subprocess, sys
sys.path.insert(0, "/lab")
import kill
commands, times, took = sys.argv[1:3], int(sys.argv[3]), float(sys.argv[4])
seen = set()
for turn in range(times):
    took = kill.somewhere(commands[turn % 2].split(), took)
    for program in ("iptables", "ip6tables"):
        link = os.readlink(f"/etc/alternatives/{program}")
        assert link in (f"/usr/sbin/{program}-nft", f"/usr/sbin/{program}-legacy"), link
        subprocess.run([program, "--version"], check=True, stdout=-3)
        seen.add((turn % 2, link))
print(len(seen))
"""


def run(lab: Lab) -> None:
    lab.container("web", "-p", "8167:80", "--restart", "always")
    backend = Module(lab.host, "iptables_backend", {"restart": False})
    copies = [_copy(lab, backend, variant) for variant in ("legacy", "nft")]
    timed = f"s=$(date +%s.%N); {copies[0]} >/dev/null; e=$(date +%s.%N); echo $e $s"
    took = float(lab.host.sh(timed + " | awk '{print $1 - $2}'"))
    lab.host.sh(f"cat > /tmp/killing.py <<'EOF'\n{KILL}\nEOF")
    said = lab.host.sh(f"python3 /tmp/killing.py '{copies[0]}' '{copies[1]}' {KILLED} {took}", timeout=400)
    if int(said) != 8:
        raise Mismatch(f"runs were to be killed before and after they wrote, of either variant: {said}")
    did = backend({"backend": "nft"})
    if did.get("failed") or backend({"backend": "nft"})["changed"]:
        raise Mismatch(f"the next run was to set it right: {did}")
    lab.restart_engine()
    lab.until("docker inspect -f '{{.State.Running}}' web | grep -q true")
    lab.reaches("out", lab.host.v4, 8167, "web")


def _copy(lab: Lab, backend: Module, variant: str) -> str:
    """Another folder with the module and arguments of its own; the command that runs it."""
    given = {"backend": variant, "restart": False, "sweep": False, "_ansible_remote_tmp": "/tmp"}
    text = json.dumps({"ANSIBLE_MODULE_ARGS": given})
    lab.host.sh(f"rm -rf /tmp/{variant}; cp -r {backend.path} /tmp/{variant}")
    lab.host.sh(f"printf %s '{text}' > /tmp/{variant}/debug_dir/args")
    return f"python3 /tmp/{variant}/AnsiballZ_iptables_backend.py execute"
