# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own engine: a dockerd in network and mount namespaces, with data folder, socket and pid file of its own.

Every bridge, address, rule and mount that it makes lives there, so it meets neither another engine of the machine nor
the machine's own network, and all of it ends with the namespaces.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
import typing as t
from pathlib import Path

from . import places
from .errors import LabError
from .shell import Ran, run

PACKAGES = "docker.io mmdebstrap iproute2 iptables openssh-client netcat-openbsd busybox-static procps"
NEEDED = ("dockerd", "mmdebstrap", "ip", "iptables", "ssh", "nc", "busybox", "nsenter")
INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")
# dockerd, containerd and ip use these whatever folders they are told to; deepest first
SHARED = ("/run/docker/plugins", "/run/docker", "/run/containerd/s", "/run/containerd", "/run/netns")
DAEMONS = (b"dockerd", b"containerd", b"containerd-shim-runc-v2", b"qemu-system-x86_64")
INOTIFY_NEEDED = 1024  # a systemd host takes about 11, all count for the same root; the default is 128


def socket() -> str:
    """The engine's address, as DOCKER_HOST has it."""
    return f"unix://{places.runtime()}/docker.sock"


def CLIENT() -> list[str]:
    """The command line of a client of the lab's engine, whatever DOCKER_HOST or context the user has."""
    program = "/usr/bin/docker" if os.access("/usr/bin/docker", os.X_OK) else "docker"
    return [program, "--host", socket()]


def docker(*args: str, timeout: float = 120, stdin: t.Optional[str] = None) -> Ran:
    """Run a command of the client on the lab's engine."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("DOCKER_")}
    return run(*CLIENT(), *args, timeout=timeout, stdin=stdin, env=env)


def inside(*argv: str) -> list[str]:
    """The command line that runs argv in the engine's network namespace.

    nsenter and not `ip netns exec`: that one mounts a sysfs of its own, and the cgroups are gone.
    """
    return ["nsenter", f"--net=/run/netns/{places.netns()}", *argv]


def install(packages: str = PACKAGES, programs: t.Sequence[str] = NEEDED) -> None:
    """What the lab needs on this machine, from the machine's own Debian sources."""
    if os.geteuid():
        raise LabError("hosts can be run by root alone", "run it as root (sudo -E)")
    missing = ", ".join(program for program in programs if not shutil.which(program))
    if not missing:
        return
    if not shutil.which("apt-get"):
        raise LabError(f"{missing} not found, and no apt-get to install it", "install it, or use Debian or Ubuntu")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print(f"lab: installing {packages}", flush=True)
    run("apt-get", "update", "-qq", "-o", "Acquire::Check-Valid-Until=false", env=env, timeout=300)
    # docker.io would start an engine of the machine: with no systemd to be seen, its postinst starts nothing
    apt = f"apt-get install -y -qq --no-install-recommends {packages}"
    if Path("/run/systemd/system").is_dir():
        apt = f"mount -t tmpfs none /run/systemd && {apt}"
    run("unshare", "--mount", "sh", "-c", apt, env=env, timeout=600).must(
        "the lab's programs cannot be installed", f"install them by hand: {packages}"
    )


def answers() -> bool:
    """True if the lab's engine is up."""
    return Path(str(places.runtime() / "docker.sock")).exists() and docker("version", timeout=20).rc == 0


def start() -> None:
    """Bring the engine up, if it is not. Call with the engine's lock held."""
    if answers():
        return
    _forget_the_dead()
    places.runtime().mkdir(mode=0o700, parents=True, exist_ok=True)
    (places.cache() / "engine").mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (places.runtime() / "made").exists():  # it does after a crash, and says what was before
        (places.runtime() / "made").write_text("\n".join(path for path in SHARED if not Path(path).exists()))
    _namespace()
    _inotify()
    log = places.cache() / "engine.log"
    # a mount namespace of its own: what it mounts ends with it, and what others mount over it does not disturb it
    with log.open("w") as out:
        child = subprocess.Popen(
            inside("unshare", "--mount", "--propagation", "private", *_dockerd()),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    for _turn in range(200):
        if answers():
            return
        if child.poll() is not None:
            break
        time.sleep(0.1)
    last = " ".join(log.read_text(errors="replace").split("\n")[-4:])[-400:]
    raise LabError(
        f"the lab's engine does not start: {last}",
        f"it needs root with CAP_SYS_ADMIN and CAP_NET_ADMIN, and overlay, bridge, veth and netfilter; see {log}",
    )


def _dockerd() -> list[str]:
    where, data = places.runtime(), places.cache() / "engine"
    return [
        "dockerd", "--host", socket(), "--data-root", str(data), "--exec-root", f"{where}/exec",
        "--pidfile", f"{where}/dockerd.pid", "--bridge", "none", "--iptables=false", "--ip-forward=false",
        "--config-file", f"{where}/daemon.json",
    ]  # fmt: skip


def _namespace() -> None:
    name = places.netns()
    if not Path(f"/run/netns/{name}").exists():
        run("ip", "netns", "add", name).must(
            "no network namespace can be made", "run as root, outside of an unprivileged container"
        )
    # hosts of one fleet reach each other, as machines on routed networks do
    run(*inside("sh", "-c", "ip link set lo up; sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1"))
    (places.runtime() / "daemon.json").write_text("{}\n")  # not the machine's /etc/docker/daemon.json


def _inotify() -> None:
    now = int(INOTIFY.read_text())
    if now < INOTIFY_NEEDED:
        (places.runtime() / "inotify").write_text(str(now))
        INOTIFY.write_text(str(INOTIFY_NEEDED))


def _inotify_back() -> None:
    was = places.runtime() / "inotify"
    if was.exists() and int(INOTIFY.read_text()) == INOTIFY_NEEDED:  # else somebody changed it meanwhile
        INOTIFY.write_text(was.read_text())


def _shared_back() -> None:
    """Remove the shared folders that were not there before, unless somebody else uses them by now."""
    made = places.runtime() / "made"
    for path in made.read_text().split() if made.exists() else ():
        with contextlib.suppress(OSError):
            if path == "/run/netns" and not os.listdir(path):  # ip mounts it on itself
                run("umount", path)
            os.rmdir(path)


def pid() -> t.Optional[int]:
    """The engine's process, if it runs and is ours: a pid file may name a stranger after a crash."""
    try:
        found = int((places.runtime() / "dockerd.pid").read_text())
        line = Path(f"/proc/{found}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    return found if str(places.runtime()).encode() in line else None


def stop() -> None:
    """End the engine and everything it made here, but for its data folder (the images). Call with the lock held."""
    engine = pid()
    if engine is not None:
        os.kill(engine, signal.SIGTERM)
        if not _ends(engine, 30):
            os.kill(engine, signal.SIGKILL)
            _ends(engine, 5)
    _forget_the_dead()
    _inotify_back()
    if Path(f"/run/netns/{places.netns()}").exists():
        run("ip", "netns", "del", places.netns())
    _shared_back()
    shutil.rmtree(places.runtime(), ignore_errors=True)


def _ends(process: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":  # it ended, and its parent has not asked yet
            return True
        time.sleep(0.1)
    return False


def _forget_the_dead() -> None:
    """After a crash: end the containers, shims and the containerd that were left; their mounts end with them."""
    for process in [*_containers_left(), *_daemons_left()]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        _ends(process, 5)
    for name in ("dockerd.pid", "docker.sock"):
        (places.runtime() / name).unlink(missing_ok=True)
    shutil.rmtree(places.runtime() / "exec", ignore_errors=True)


def _containers_left() -> list[int]:
    """First processes of containers that outlived the engine. A pid is believed if its cgroup names the container."""
    found = []
    for config in (places.cache() / "engine" / "containers").glob("*/config.v2.json"):
        pid_then = json.loads(config.read_text())["State"].get("Pid") or 0
        with contextlib.suppress(OSError):
            if pid_then and config.parent.name in Path(f"/proc/{pid_then}/cgroup").read_text():
                found.append(pid_then)
    return found


def _daemons_left() -> list[int]:
    """Daemons of an earlier life of this engine: its runtime folder is among their arguments."""
    mark, found = f"{places.runtime()}/".encode(), []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            words = (folder / "cmdline").read_bytes()
            if mark in words and words.split(b"\0")[0].rpartition(b"/")[2] in DAEMONS:
                found.append(int(folder.name))
    return found


def inspect(kind: str, name: str) -> t.Optional[dict[str, t.Any]]:
    """The engine's document of a container or network; None if there is none."""
    ran = docker(kind, "inspect", name)
    return json.loads(ran.out)[0] if ran.rc == 0 else None
