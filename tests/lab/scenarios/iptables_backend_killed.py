# SPDX-License-Identifier: GPL-3.0-or-later
"""iptables_backend killed at any moment while it chooses a variant: each program is one or the other, and works."""

from labkit.play import Module
from labkit.scenario import Lab, Mismatch

RENEW = True  # looking into legacy tables makes them
SHORT = ()
NOT_ON = dict.fromkeys(("bookworm", "sid"), "the very same code: proven on one host")
KILLED = 100
# Runs the module again and again, for one variant and the other, and kills it somewhere on the way
KILL = """
import os, subprocess, sys
sys.path.insert(0, "/lab")
import kill
commands, times = [command.split() for command in sys.argv[1:3]], int(sys.argv[3])
took, seen = kill.never(commands[0]), set()
for turn in range(times):
    took = kill.somewhere(commands[turn % 2], took)
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
    wish = {"restart": False, "sweep": False}
    copies = [backend.copy(variant, {**wish, "backend": variant}) for variant in ("legacy", "nft")]
    lab.host.sh(f"cat > /tmp/killing.py <<'EOF'\n{KILL}\nEOF")
    said = lab.host.sh(f"python3 /tmp/killing.py '{copies[0]}' '{copies[1]}' {KILLED}", timeout=400)
    if int(said) != 8:
        raise Mismatch(f"runs were to be killed before and after they wrote, of either variant: {said}")
    did = backend({"backend": "nft"})
    if did.get("failed") or backend({"backend": "nft"})["changed"]:
        raise Mismatch(f"the next run was to set it right: {did}")
    lab.restart_engine()
    lab.until("docker inspect -f '{{.State.Running}}' web | grep -q true")
    lab.reaches("out", lab.host.v4, 8167, "web")
