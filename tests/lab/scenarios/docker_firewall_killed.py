# SPDX-License-Identifier: GPL-3.0-or-later
"""docker_firewall killed at a hundred moments: each family has old or new rules, and soon both have the same."""

import json

from labkit.doors import Street
from labkit.play import Module
from labkit.scenario import Lab, Mismatch

SHORT = ()
NOT_ON = dict.fromkeys(("bookworm", "sid"), "the very same code: proven on one host")
KILLED = 100
# Runs the module again and again, each time with the other policy, kills it on the way, and compares rules as text
KILL = """
import json, subprocess, sys, time
sys.path.insert(0, "/lab")
import kill
commands, times = [command.split() for command in sys.argv[1:3]], int(sys.argv[3])

def rules():
    found = []
    for program in ("iptables-save", "ip6tables-save"):
        text = subprocess.run([program, "-t", "filter"], capture_output=True, text=True).stdout
        found.append("\\n".join(line for line in text.splitlines() if line.startswith("-A") and "DOCKMASTER" in line))
    return found

whole = []
for command in commands:
    took = kill.never(command)
    whole.append(rules())
assert whole[0][0] != whole[1][0] and whole[0][1] != whole[1][1]
seen = {"old": 0, "new": 0, "between": 0}
old = 1
for turn in range(times):
    new = 1 - old
    took = kill.somewhere(commands[new], took)
    now = rules()
    for family in (0, 1):
        assert now[family] in (whole[old][family], whole[new][family]), now[family]
    until = time.monotonic() + 20
    while now not in whole:
        seen["between"] += 1
        assert time.monotonic() < until, now
        time.sleep(0.1)
        now = rules()
    seen["new" if now == whole[new] else "old"] += 1
    old = whole.index(now)
print(json.dumps(seen))
"""


def run(lab: Lab) -> None:
    street = Street(lab)
    street.open_shop()
    lab.later("rm -rf /tmp/payload-* /tmp/killing.py /etc/dockmaster")
    firewall = Module(lab.host, "docker_firewall", {"default": "deny"})
    lab.later(f"{firewall.copy('end', {'state': 'absent'})} >/dev/null")
    allowed = street.policy()
    policies = [allowed, {**allowed, "rules": [{**allowed["rules"][0], "sources": list(street.denied)}]}]
    commands = [firewall.copy(str(number), wanted) for number, wanted in enumerate(policies)]
    lab.host.sh(f"cat > /tmp/killing.py <<'EOF'\n{KILL}\nEOF")
    said = lab.host.sh(f"python3 /tmp/killing.py '{commands[0]}' '{commands[1]}' {KILLED}", timeout=900)
    seen = json.loads(said.splitlines()[-1])
    if not seen["old"] or not seen["new"]:
        raise Mismatch(f"of {KILLED} runs none was killed before, or none after it changed the rules: {seen}")
