# SPDX-License-Identifier: GPL-3.0-or-later
"""Role remediate: waits for a client, reserves a port, moves a want into files of Compose, publishes on one address."""

from labkit.play import play, promise
from labkit.remedied import idle, refused, remedied, tasks
from labkit.scenario import Lab, Mismatch

SHORT = ()
NOT_ON = dict.fromkeys(("bookworm", "sid"), "the very same code: proven on one host")
FILES = "rm -f /etc/sysctl.d/zz-dockmaster-ports.conf; sysctl -qw net.ipv4.ip_local_reserved_ports="
SHOP = "/srv/shop"
OVERRIDE = """\
# Managed by dockmaster.ports.remediate for shop/web: ports that had to move.
services:
  web:
    ports: !override
      - "8421:80"
"""


def run(lab: Lab) -> None:
    _client(lab)
    _moved(lab)
    _somebody_elses(lab)
    _narrow(lab)


def _client(lab: Lab) -> None:
    """A connection that ends after some seconds; then the port is kept out of the kernel's draws."""
    holder = lab.process("python3 /lab/connect.py 40010 127.0.0.1 22")
    lab.later(FILES)
    did = play(lab.host.name, tasks("40010:80", ["wait"], remediate_wait=5))
    if did.failed != 1 or did.changed or "NO HELP   wait" not in did.text:
        raise Mismatch(f"it lasts longer than that: {did.text}")
    lab.host.sh(f"(sleep 45; kill -9 {holder.pid}) >/dev/null 2>&1 &")
    remedied(lab, "40010:80", ["wait"], r"^(processes: .* (python3|sleep)|listeners: )")
    remedied(
        lab,
        "40010:80",
        ["reserve_port"],
        r"^(kernel: net.ipv4.ip_local_reserved_ports|/etc/sysctl.d|net.ipv4.ip_local_reserved_ports|/etc/sysctl.d/zz-)",
    )
    lab.want("40010:80", "free")


def _moved(lab: Lab) -> None:
    """Without a file it only says where to; with one it writes there, and nowhere else."""
    lab.hold("0.0.0.0", 8420)
    lab.later(f"rm -rf {SHOP}")
    idle(lab, "8420:80", ["move_want", "stop_process"], "shop/web publishes 8421:80 instead of 8420:80")
    lab.host.sh(f"mkdir -p {SHOP}; printf '# ours\\nTAG=2\\nexport WEB_PORT=\"8420\" # public\\n' > {SHOP}/.env")
    entry = {"by": "shop/web", "path": f"{SHOP}/.env", "variable": "WEB_PORT"}
    _written(lab, entry, '# ours\nTAG=2\nexport WEB_PORT="8421" # public')
    _written(lab, {"by": "shop/web", "path": f"{SHOP}/compose.ports.yaml"}, OVERRIDE.rstrip())
    lab.want("8421:80", "free")


def _written(lab: Lab, entry: dict, text: str) -> None:
    """Who has the port still has it, so a second run finds the very same and writes nothing."""
    did = promise(lab.host, tasks("8420:80", ["move_want"], remediate_move_files=[entry]))
    now = lab.host.sh(f"cat {entry['path']}")
    if did.failed or did.changed != 1 or now != text:
        raise Mismatch(f"{entry['path']} became {now!r}: {did.text}")


def _somebody_elses(lab: Lab) -> None:
    lab.host.sh(f"printf 'services:\\n  web: {{}}\\n' > {SHOP}/mine.yaml")
    entry = {"by": "shop/web", "path": f"{SHOP}/mine.yaml"}
    words = "was not written for shop/web by this role"
    refused(lab, "8420:80", ["move_want"], words, remediate_move_files=[entry])


def _narrow(lab: Lab) -> None:
    """systemd-resolved has port 53 of loopback; the host's own address is free."""
    said = f"shop/web publishes {lab.host.v4}:53:53 instead of 53:53"
    idle(lab, "53:53", ["bind_specific_address"], said)
    lab.want(f"{lab.host.v4}:53:53", "free")
    entry = {"by": "shop/web", "path": "/srv/none/.env", "variable": "WEB_PORT"}
    refused(lab, "53:53", ["bind_specific_address"], "holds a port, and", remediate_move_files=[entry])
