# SPDX-License-Identifier: GPL-3.0-or-later
"""A host as a virtual machine with Debian's own kernel, for what the kernel of this machine may lack: IPVS, of swarm.

It takes the container's place on the host's network, under its name and addresses. It is emulated (TCG), about ten
times slower than a container: KVM asks for a processor that a machine which is itself virtual seldom has.
"""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import signal
import subprocess
import tempfile
import time
import typing as t
from pathlib import Path

from . import engine, images, network, places
from .shell import run

PACKAGES = "qemu-system-x86 e2fsprogs"
PROGRAM = "qemu-system-x86_64"
NEEDED = (PROGRAM, "mke2fs", "mmdebstrap")
KERNEL = "linux-image-cloud-amd64"
# The kernel starts it in place of systemd: what the run has to say comes with a second disk.
START = "#!/bin/sh\\nmount -r /dev/vdb /lab && exec /lab/boot.sh\\n"
HOOKS = (f'mkdir "$1/lab"; printf "{START}" > "$1/sbin/lab-boot"; chmod 755 "$1/sbin/lab-boot"',)
FILES = ("disk", "vmlinuz", "initrd.img")
BOOTS = 300.0  # seconds: 45 on a machine that has nothing else to do
MEMORY = 1024  # MB
_OPTIONS = (
    "-accel tcg,thread=multi -cpu max -smp 2 -nodefaults -display none -object rng-random,id=rng,filename=/dev/urandom"
    " -device virtio-rng-pci,rng=rng"
)
_KERNEL = (
    "console=ttyS0 systemd.show_status=1 root=/dev/vda rw init=/sbin/lab-boot net.ifnames=0 mitigations=off apparmor=0"
)


def cannot() -> str:
    """Why there are no virtual machines here; empty if there are."""
    found = platform.machine()
    return "" if found == "x86_64" else f"virtual machines are made on x86_64 alone, and this is {found}"


def _image(suite: str) -> Path:
    """The folder of the machine's disk, kernel and initial file system."""
    return places.cache() / f"virtual-{suite}-{images.digest(_recipe(suite))}"


def _recipe(suite: str) -> list[str]:
    return images.recipe(suite, KERNEL, HOOKS)


def build(suite: str) -> None:
    """Make the image, if it is not there: about 70 s. Raises LabError if it cannot be made."""
    engine.install(PACKAGES, NEEDED)
    with places.locked(places.cache() / "virtual.lock"):
        if not _image(suite).exists():
            _build(suite)


def _build(suite: str) -> None:
    print(f"lab: building the virtual machine of {suite}", flush=True)
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=places.cache()))
    try:
        with tempfile.TemporaryDirectory(prefix="virtual-", dir=images.scratch()) as scratch:
            root = Path(scratch, "root")
            _install(suite, root)
            for name in FILES[1:]:
                shutil.move(next(root.glob(f"boot/{name}-*")), unfinished / name)
            _write_disk(unfinished / FILES[0], root, 3 << 30)
        unfinished.rename(_image(suite))
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _install(suite: str, root: Path) -> None:
    log = places.cache() / f"build-virtual-{suite}.log"
    argv = ["mmdebstrap", *_recipe(suite), str(root)]
    with log.open("w") as said:
        made = subprocess.run(argv, stdout=said, stderr=said, env=images.environment(), check=False)
    if made.returncode:
        raise images.unbuilt(f"the virtual machine of {suite}", log)


def _write_disk(disk: Path, folder: Path, size: int) -> None:
    """A file system of ext4 with what the folder has."""
    with disk.open("w") as file:
        file.truncate(size)
    run("mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal", "-d", str(folder), str(disk)).must(
        f"the disk {disk.name} cannot be made"
    )


def start(name: str, host: str, net: network.Network) -> None:
    """Start the machine, whose image is built; it boots by itself. Raises LabError if it cannot be started."""
    images.enough_memory(0, virtual=1)
    _second_disk(name, host, net)
    run(*engine.inside("sh", "-c", _cable(net))).must(f"the host {host} cannot be plugged in")
    run(*engine.inside(*_command(name, host, net))).must(f"the host {host} cannot be run as a virtual machine")


def console(name: str) -> Path:
    """What the machine prints while it boots."""
    return _file(name, "console")


def _file(name: str, what: str) -> Path:
    return places.run_dir() / f"{name}.{what}"


def _second_disk(name: str, host: str, net: network.Network) -> None:
    """What a container has from mounts and its environment."""
    with tempfile.TemporaryDirectory(prefix="lab-") as scratch:
        folder = Path(shutil.copytree(places.HERE / "guest", Path(scratch, "lab")))
        shutil.copy(images.test_tar(), folder / "bb.tar")
        shutil.copy(places.run_dir() / "id.pub", folder / "authorized_keys")
        told = {
            "NAME": host,
            "V4": net.v4(network.HOST),
            "V6": net.v6(network.HOST),
            "GATEWAY": net.v4(network.ROUTER),
        }
        (folder / "host").write_text("".join(f"LAB_{key}={value}\n" for key, value in told.items()))
        _write_disk(_file(name, "disk"), folder, 32 << 20)


def _tap(net: network.Network) -> str:
    return f"{net.bridge}t"


def _cable(net: network.Network) -> str:
    tap = _tap(net)
    return f"""
        set -e
        [ ! -e /sys/class/net/{tap} ] || ip link del {tap}
        ip tuntap add dev {tap} mode tap
        ip link set {tap} master {net.bridge} up
    """


def _command(name: str, host: str, net: network.Network) -> list[str]:
    image = _image(host)
    mac = f"02:d0:0c:00:00:{net.number:02x}"  # the container's (guest/entry.sh): its neighbours remember it
    return [
        PROGRAM, *_OPTIONS.split(), "-m", str(MEMORY), "-name", name, "-daemonize",
        "-pidfile", str(_file(name, "pid")), "-serial", f"file:{console(name)}",
        "-kernel", str(image / "vmlinuz"), "-initrd", str(image / "initrd.img"), "-append", _KERNEL,
        # what it writes goes to a file without a name, and ends with it
        "-drive", f"file={image / 'disk'},format=raw,if=virtio,snapshot=on,cache=unsafe",
        "-drive", f"file={_file(name, 'disk')},format=raw,if=virtio,readonly=on",
        "-netdev", f"tap,id=cable,ifname={_tap(net)},script=no,downscript=no",
        "-device", f"virtio-net-pci,netdev=cable,mac={mac}",
    ]  # fmt: skip


def pid(name: str, run_id: t.Optional[str] = None) -> t.Optional[int]:
    """The machine's process, if it runs."""
    path = places.run_dir(run_id) / f"{name}.pid"
    with contextlib.suppress(OSError, ValueError):
        found = int(path.read_text())
        if str(path) in Path(f"/proc/{found}/cmdline").read_text().split("\0"):
            return found
    return None


def stop(name: str, net: t.Optional[network.Network], run_id: t.Optional[str] = None) -> None:
    """Take the machine down, and what it left if it ended by itself: nobody wants what it has written."""
    found = pid(name, run_id)
    if found is not None:
        os.kill(found, signal.SIGKILL)
        until = time.monotonic() + 10
        while pid(name, run_id) and time.monotonic() < until:
            time.sleep(0.05)
    files = list(places.run_dir(run_id).glob(f"{name}.*"))
    if files and net:
        run(*engine.inside("ip", "link", "del", _tap(net)))
    for path in files:
        path.unlink()
