# SPDX-License-Identifier: GPL-3.0-or-later
"""docker_daemon killed at any moment, run twice at once, on a full disk and on a read-only one: nothing is lost."""

import json

from labkit.play import Module
from labkit.scenario import Lab, Mismatch

SHORT = ()
NOT_ON = dict.fromkeys(("bookworm", "sid"), "the very same code: proven on one host")
PATH = "/etc/docker/daemon.json"
OLD = '{\n  "debug": true\n}\n'
NEW = '{\n  "debug": true,\n  "userland-proxy": false\n}\n'
KILLED = 100
# Runs the module again and again, each time with the state that changes the file, and kills it somewhere on the way
KILL = f"""
import sys
sys.path.insert(0, "/lab")
import kill
path, times, commands = sys.argv[1], int(sys.argv[2]), dict(absent=sys.argv[3].split(), present=sys.argv[4].split())
old, new, seen, took = {OLD!r}, {NEW!r}, set(), kill.never(commands["absent"])
for turn in range(times):
    state = "absent" if open(path).read() == new else "present"
    took = kill.somewhere(commands[state], took)
    text = open(path).read()
    assert text in (old, new), text
    seen.add((state, text == new))
print(sorted(seen))
"""


def run(lab: Lab) -> None:
    lab.file(PATH, OLD)
    daemon = Module(lab.host, "docker_daemon", {"config": {}})
    _killed(lab, daemon)
    _twice_at_once(lab, daemon)
    _full_and_read_only(lab, daemon)
    _linked(lab, daemon)


def _killed(lab: Lab, daemon: Module) -> None:
    wish = {"config": {"userland-proxy": False}, "backup": False}
    absent, present = (daemon.copy(state, {**wish, "state": state}) for state in ("absent", "present"))
    lab.host.sh(f"cat > /tmp/killing.py <<'EOF'\n{KILL}\nEOF")
    said = lab.host.sh(f"python3 /tmp/killing.py {PATH} {KILLED} '{absent}' '{present}'", timeout=300)
    if "('absent', False)" not in said or "('present', False)" not in said:
        raise Mismatch(f"no run was killed before and none after it wrote: {said}")
    lab.host.sh(f"ls /etc/docker/.ansible_tmp* 2>/dev/null | xargs -r rm; printf %s '{OLD}' > {PATH}")
    lab.restart_engine()


def _twice_at_once(lab: Lab, daemon: Module) -> None:
    """Eight runs, each with a key of its own: all keys are there."""
    names = ["debug", "icc", "ipv6", "init", "experimental", "no-new-privileges", "ip-masq", "selinux-enabled"]
    lab.host.sh(f"echo '{{}}' > {PATH}")
    commands = [daemon.copy(key, {"config": {key: False}, "backup": False}) for key in names]
    lab.host.sh(" & ".join(f"{command} >/dev/null" for command in commands) + " & wait")
    found = json.loads(lab.host.sh(f"cat {PATH}"))
    if found != dict.fromkeys(names, False):
        raise Mismatch(f"an update was lost: {found}")


def _full_and_read_only(lab: Lab, daemon: Module) -> None:
    for name, options, words in (
        ("full", "size=4k", "no space left on device"),
        ("read-only", "ro", "read-only file system"),
    ):
        place = f"/run/{name}"
        lab.host.sh(
            f"mkdir -p {place}; mount -t tmpfs -o size=4k tmpfs {place}; printf %s '{OLD}' > {place}/daemon.json"
        )
        lab.later(f"umount {place}; rmdir {place}")
        lab.host.sh(f"mount -o remount,{options} {place}")
        did = daemon({"config": {"userland-proxy": False}, "path": f"{place}/daemon.json", "backup": False})
        if not did.get("failed") or words not in did["msg"]:
            raise Mismatch(f"{name}: {did}")
        if lab.host.sh(f"cat {place}/daemon.json; printf .") != OLD + ".":
            raise Mismatch(f"{name}: the file is another one")
        if (
            name == "read-only"
            and words not in daemon({"config": {"ip": "::1"}, "path": f"{place}/daemon.json"}, check=True)["msg"]
        ):
            raise Mismatch("check mode did not say that the file system is read-only")
        if lab.host.sh(f"ls -A {place}") != "daemon.json":
            raise Mismatch(f"{name}: something was left there")


def _linked(lab: Lab, daemon: Module) -> None:
    """Configuration management likes links: the file behind it changes, and the link stays."""
    real = "/root/daemon-real.json"
    lab.host.sh(f"printf %s '{OLD}' > {real}; ln -sf {real} {PATH}")
    lab.later(f"rm -f {real}")
    did = daemon({"config": {"userland-proxy": False}, "backup": False})
    if did.get("failed") or lab.host.sh(f"readlink {PATH}; cat {real}; printf .") != f"{real}\n{NEW}.":
        raise Mismatch(f"the file behind the link was to change: {did}")
    lab.host.sh(f"rm {PATH}")
