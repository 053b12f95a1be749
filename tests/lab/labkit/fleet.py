# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a run: brought up, found again, taken down."""

from __future__ import annotations

import shlex
import shutil
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import engine, images, network, places, ssh, virtual
from .errors import LabError
from .shell import Ran, run

HOSTS = tuple(images.SUITES)  # a host is called as its suite
LABEL = "dockmaster-lab"
# Not --privileged: it asks for every capability the kernel knows, and a machine that is itself confined lacks some.
RIGHTS = (
    *"--cap-add ALL --cgroupns private --restart unless-stopped --stop-signal SIGRTMIN+3 -e container=docker".split(),
    *(f"--security-opt={what}=unconfined" for what in ("seccomp", "apparmor", "systempaths")),
    *(f"--tmpfs={where}" for where in ("/run", "/run/lock", "/tmp:exec")),
    "--device-cgroup-rule=a *:* rwm",
)
# As a real machine has them; the engine outside sets others in containers.
SYSCTLS = {
    "net.ipv6.conf.all.disable_ipv6": 0,
    "net.ipv6.conf.default.disable_ipv6": 0,
    "net.ipv6.conf.all.accept_dad": 0,
    "net.ipv6.conf.default.accept_dad": 0,
    "net.ipv4.ip_unprivileged_port_start": 1024,
    "net.ipv4.ip_forward": 0,
}
CAPS = {24: "SYS_RESOURCE"}  # those that machines are known to withhold


def container(host: str, run_id: t.Optional[str] = None) -> str:
    """The name of a host's container and network."""
    return f"dml-{run_id or places.run_id()}-{host}"


def up(hosts: t.Sequence[str]) -> None:
    """Bring the hosts up, those that are not. Their images must be there."""
    for host in hosts:
        if not images.there(host):
            raise LabError(f"the image of {host} is not built", f"run `tests/lab/lab build {host}`")
    images.enough_memory(len(hosts))
    _keys()
    with ThreadPoolExecutor(len(hosts)) as pool:
        list(pool.map(_up, hosts))


def _keys() -> None:
    where = places.run_dir()
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (where / "id").exists():
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "dockmaster-lab", "-f", str(where / "id")).must(
            "no ssh key can be made"
        )


def _up(host: str) -> None:
    name = container(host)
    if is_up(host):
        return
    _remove(name)
    net = network.make(name)
    keys = places.run_dir() / f"{host}.keys"
    shutil.copy(places.run_dir() / "id.pub", keys)
    keys.chmod(0o600)
    engine.docker(*_run_arguments(host, name, net)).must(
        f"the host {host} cannot be run",
        "it needs the right to run containers with all capabilities: root on a machine of your own",
    )
    _wait(host, 60)


def _run_arguments(host: str, name: str, net: network.Network) -> list[str]:
    args = ["run", "--detach", "--name", name, "--hostname", host, "--network", "none", *RIGHTS]
    args += ["--env", f"LAB_BRIDGE={net.bridge}", "--env", f"LAB_GATEWAY={net.v4(network.ROUTER)}"]
    args += ["--env", f"LAB_V4={net.v4(network.HOST)}", "--env", f"LAB_V6={net.v6(network.HOST)}"]
    args += [f"--label={LABEL}={places.run_id()}", *(f"--cap-drop={cap}" for cap in _withheld())]
    args += [f"--sysctl={key}={value}" for key, value in SYSCTLS.items()]
    for volume, target in (("docker", "/var/lib/docker"), ("containerd", "/var/lib/containerd")):
        args += ["--mount", f"type=volume,src={name}-{volume},dst={target},volume-label={LABEL}={places.run_id()}"]
    for source, target in (
        (places.HERE / "guest", "/lab"),
        (Path("/run/netns") / places.netns(), "/lab-net"),
        (images.test_tar(), "/srv/bb.tar"),
        (places.run_dir() / f"{host}.keys", "/root/.ssh/authorized_keys"),
    ):
        args += ["--mount", f"type=bind,src={source},dst={target},readonly"]
    return [*args, "--entrypoint", "/lab/entry.sh", images.tag(host)]


def _withheld() -> list[str]:
    """Capabilities that this machine's root does not have, and that no container of it can get."""
    with open("/proc/self/status") as status:
        bounding = next(int(line.split()[1], 16) for line in status if line.startswith("CapBnd:"))
    return [name for bit, name in CAPS.items() if not bounding >> bit & 1]


def _wait(host: str, seconds: float) -> None:
    """Until systemd has booted and the engine has the test image. Raises LabError if that takes longer."""
    until = time.monotonic() + seconds
    state = ""
    while time.monotonic() < until:
        state = execute(host, "systemctl", "is-system-running").out.strip()
        if state in ("running", "degraded"):
            break
        time.sleep(0.2)
    failed = "" if state == "running" else execute(host, "systemctl", "--failed", "--plain", "--no-legend").text
    if state != "running":
        raise LabError(
            f"the host {host} does not boot: {state} {failed}",
            f"see {virtual.console(container(host))}"
            if virtual.pid(container(host))
            else f"see `docker -H {engine.socket()} logs {container(host)}`",
        )
    execute(host, "docker", "load", "--quiet", "--input", "/srv/bb.tar").must(f"the engine on {host} takes no image")


def is_up(host: str, run_id: t.Optional[str] = None) -> bool:
    """True if the host runs, as a container or as a virtual machine."""
    if virtual.pid(container(host, run_id), run_id):
        return True
    if not engine.answers():
        return False
    ran = engine.docker("inspect", "--format", "{{.State.Running}}", container(host, run_id))
    return ran.rc == 0 and ran.out.strip() == "true"


def those_up() -> list[str]:
    """The hosts of this run that are up."""
    return [host for host in HOSTS if is_up(host)]


def address(host: str) -> network.Network:
    """The host's network, which tells its addresses. Raises LabError if the host is not up."""
    net = network.find(container(host))
    if net is None or not is_up(host):
        raise LabError(f"the host {host} is not up", f"run `tests/lab/lab up {host}`")
    return net


def execute(host: str, *argv: str, stdin: t.Optional[str] = None, timeout: float = 120) -> Ran:
    """Run a program on the host as root. A virtual machine has no way in but ssh."""
    name = container(host)
    net = network.find(name) if virtual.pid(name) else None
    if net:
        return run(*ssh.command(net), shlex.join(argv), stdin=stdin, timeout=timeout)
    interactive = ["--interactive"] if stdin is not None else []
    return engine.docker("exec", *interactive, name, *argv, stdin=stdin, timeout=timeout)


def renew(host: str) -> None:
    """The host as new: its container and volumes are made again; its network and addresses stay."""
    _remove(container(host))
    _up(host)


def renew_virtual(host: str) -> None:
    """The same as a virtual machine, which takes the place of the container; `renew` makes it one again."""
    name = container(host)
    net = address(host)
    virtual.build(host)
    _remove(name)
    virtual.start(name, host, net)
    _wait(host, virtual.BOOTS)


def _remove(name: str) -> None:
    virtual.stop(name, network.find(name))
    engine.docker("rm", "--force", "--volumes", name)
    for volume in ("docker", "containerd"):
        engine.docker("volume", "rm", "--force", f"{name}-{volume}")


def down(run_id: str) -> None:
    """Take down whatever carries the run's id. The engine must be up."""
    for control in places.run_dir(run_id).glob("?" * 40):  # kept connections of ssh
        run("ssh", "-O", "exit", "-S", str(control), "lab")
    for host in HOSTS:
        name = container(host, run_id)
        virtual.stop(name, network.find(name), run_id)
    label = f"label={LABEL}={run_id}"
    for name in engine.docker("ps", "--all", "--quiet", "--filter", label).out.split():
        engine.docker("rm", "--force", "--volumes", name).must("a host stays")
    for name in engine.docker("volume", "ls", "--quiet", "--filter", label).out.split():
        engine.docker("volume", "rm", name).must("a volume stays")
    for host in HOSTS:
        network.remove(container(host, run_id))
    shutil.rmtree(places.run_dir(run_id), ignore_errors=True)


def runs() -> list[str]:
    """The ids of every run that this engine serves."""
    folder = places.runtime() / "runs"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
