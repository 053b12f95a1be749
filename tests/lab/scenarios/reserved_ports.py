# SPDX-License-Identifier: GPL-3.0-or-later
"""port_reservation: the kernel no longer draws the ports, now and after a boot; killed at any moment, nothing leaks."""

from labkit.play import Module, promise, role
from labkit.scenario import Lab, Mismatch

NOT_ON = dict.fromkeys(("bookworm", "sid"), "the same kernel")
KEY = "net.ipv4.ip_local_reserved_ports"
FILE = "/etc/sysctl.d/zz-dockmaster-ports.conf"
PRESENT = {"name": "shop", "ports": ["40000-40009", "40020"], "purge": True}
ABSENT = {"name": "shop", "state": "absent"}
# Every port that the kernel draws from a range of 20, bound by as many clients as get one
DRAW = """
import socket
held, drawn = [], set()
try:
    while True:
        held.append(socket.socket())
        held[-1].bind(("127.0.0.1", 0))
        drawn.add(held[-1].getsockname()[1])
except OSError:
    print(sorted(drawn))
"""
# Runs the module again and again, for one state and the other, and kills it somewhere on the way
KILL = """
import os, sys
sys.path.insert(0, "/lab")
import kill
commands, times, file = [command.split() for command in sys.argv[1:3]], int(sys.argv[3]), sys.argv[4]
took, seen = kill.never(commands[1]), set()
for turn in range(times):
    took = kill.somewhere(commands[turn % 2], took)
    seen.add((turn % 2, os.path.exists(file)))
print(len(seen))
"""


def run(lab: Lab) -> None:
    lab.later(f"rm -f {FILE}; sysctl -q -w {KEY}=")
    lab.file("/etc/sysctl.d/50-others.conf", f"{KEY} = 40005,45000\n")
    lab.host.sh(f"sysctl -q -w {KEY}=40005,45000,46000")  # 46000 is somebody's, in the running kernel alone
    reserve = Module(lab.host, "port_reservation", ABSENT)
    _promise(lab, reserve, PRESENT, "40000-40009,40020,45000,46000", "40000-40009,40020,45000")
    _never_drawn(lab)
    _promise(lab, reserve, {**PRESENT, "ports": ["40001"]}, "40001,40005,45000,46000", "40001,40005,45000")
    _promise(lab, reserve, ABSENT, "40005,45000,46000", "")
    _killed(lab, reserve)
    _at_once(lab, reserve)
    _role(lab)


def _role(lab: Lab) -> None:
    """It finds what is published, by containers that do not run too."""
    lab.container("web", "-p", "35001:80")
    lab.container("later", "-p", "127.0.0.1:35003-35005:80-82", verb="create")
    wish = {"reserve_ports_name": "role", "reserve_ports_published": True, "reserve_ports_ports": ["35100"]}
    promise(lab.host, [role("reserve_ports", **wish)])
    _has(lab, "# for role: 35001,35003-35005,35100")
    promise(lab.host, [role("reserve_ports", reserve_ports_name="role", reserve_ports_state="absent")])
    lab.host.sh(f"! grep 'for role' {FILE}")


def _has(lab: Lab, line: str) -> None:
    if line not in lab.host.sh(f"cat {FILE}").splitlines():
        raise Mismatch(f"{line!r} is not in the file: {lab.host.sh(f'cat {FILE}')}")


def _promise(lab: Lab, reserve: Module, args: dict, live: str, at_boot: str) -> None:
    did = reserve.promise(args)
    now = lab.host.sh(f"cat /proc/sys/{KEY.replace('.', '/')}")
    if did.get("failed") or now != live or did["reserved"] != live:
        raise Mismatch(f"{args}: {now} is reserved: {did}")
    lab.host.sh("systemctl restart systemd-sysctl")  # what a boot does
    booted = lab.host.sh(f"cat /proc/sys/{KEY.replace('.', '/')}")
    if booted != (at_boot or "40005,45000"):
        raise Mismatch(f"{args}: after a boot {booted} is reserved")
    lab.host.sh(f"sysctl -q -w {KEY}={live}")


def _never_drawn(lab: Lab) -> None:
    old = lab.host.sh("cat /proc/sys/net/ipv4/ip_local_port_range").replace("\t", " ")
    lab.host.sh("sysctl -q -w net.ipv4.ip_local_port_range='40000 40021'")
    drawn = lab.host.sh(f"python3 - <<'EOF'\n{DRAW}\nEOF")
    lab.host.sh(f"sysctl -q -w net.ipv4.ip_local_port_range='{old}'")
    if drawn != str([*range(40010, 40020), 40021]):
        raise Mismatch(f"the kernel drew {drawn}")
    holder = lab.hold("127.0.0.1", 40000)  # whoever asks for a reserved port has it
    lab.end(holder)


def _killed(lab: Lab, reserve: Module) -> None:
    commands = [reserve.copy(name, args) for name, args in (("present", PRESENT), ("absent", ABSENT))]
    lab.host.sh(f"cat > /tmp/killing.py <<'EOF'\n{KILL}\nEOF")
    seen = lab.host.sh(f"python3 /tmp/killing.py '{commands[0]}' '{commands[1]}' 100 {FILE}", timeout=400)
    if seen != "4":
        raise Mismatch(f"runs were to be killed before and after they wrote, of either state: {seen} of 4")
    reserve(ABSENT)
    left = lab.host.sh(
        f"cat /proc/sys/{KEY.replace('.', '/')}; ls {FILE} 2>/dev/null || true; rm -f /etc/sysctl.d/.ansible_tmp*"
    )
    if left != "40005,45000,46000":
        raise Mismatch(f"after a hundred kills {left} is left")


def _at_once(lab: Lab, reserve: Module) -> None:
    """Eight sets, each reserved by a run of its own at the same time."""
    sets = [{"name": f"set{i}", "ports": [str(41000 + 2 * i)]} for i in range(8)]
    commands = [f"{reserve.copy(one['name'], one)} > /dev/null" for one in sets]
    lab.host.sh(" & ".join(commands) + " & wait")
    now = lab.host.sh(f"cat /proc/sys/{KEY.replace('.', '/')}")
    if now != "40005," + ",".join(str(41000 + 2 * i) for i in range(8)) + ",45000,46000":
        raise Mismatch(f"an update was lost: {now}")
