# SPDX-License-Identifier: GPL-3.0-or-later
"""The images of the hosts: Debian suites, made of Debian's packages alone.

The tag carries a hash of the recipe, so a changed recipe is a new image and an unchanged one is never built again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import engine, places
from .errors import LabError
from .shell import run

COMMON = (
    "systemd systemd-sysv systemd-resolved libpam-systemd dbus openssh-server python3 python3-requests docker.io"
    " docker-compose iptables nftables ufw firewalld iproute2 procps net-tools lsof ipset conntrack ca-certificates"
    " kmod iputils-ping netcat-openbsd curl sudo socat busybox-static"
)
ROOTLESS = "docker-cli rootlesskit slirp4netns uidmap dbus-user-session"
# Debian 12's docker-compose is the Python one, and brings the Docker SDK for Python; sid gets it, trixie lives without.
SUITES = {"bookworm": COMMON, "trixie": f"{COMMON} {ROOTLESS}", "sid": f"{COMMON} {ROOTLESS} python3-docker"}
ENGINES = {"bookworm": "20.10", "trixie": "26.1", "sid": "28.5"}
APT = (
    'Acquire::Check-Valid-Until "false"',  # a frozen mirror of sid has a Release file of the past
    'Acquire::Languages "none"',
    'APT::Install-Recommends "0"',
)
NO_DOCS = ("man", "doc", "locale", "info")
# firewalld is there to be started by the scenarios that need it; a host as installed has it off
HOOKS = (
    'chroot "$1" systemctl disable -q firewalld',
    'chroot "$1" useradd -m -s /bin/bash lab',
    'chroot "$1" sh -c "grep -q ^lab: /etc/subuid || echo lab:100000:65536 | tee -a /etc/subuid >> /etc/subgid"',
)
TEST_IMAGE = "bb:1"
APPLETS = ("sh", "cat", "httpd", "sleep", "echo", "nc", "hostname", "ip", "ls")
FOLDERS = ("bin", "tmp", "etc", "www", "usr", "lab")
LINKS = (("lib", "usr/lib"), ("lib64", "usr/lib64"))


def recipe(suite: str, packages: str = "", hooks: t.Sequence[str] = ()) -> list[str]:
    """The arguments of mmdebstrap, but for the target, that make the host's root file system; with more in it."""
    args = ["--quiet", "--variant=minbase", "--include=" + ",".join(f"{SUITES[suite]} {packages}".split())]
    args += [f"--aptopt={opt}" for opt in APT]
    args += [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in NO_DOCS]
    return args + [f"--customize-hook={hook}" for hook in (*HOOKS, *hooks)] + [suite]


def digest(made_of: t.Sequence[str]) -> str:
    """What a recipe is called by."""
    return hashlib.sha256("\0".join(made_of).encode()).hexdigest()[:12]


def tag(suite: str) -> str:
    """The image's name; changes with the recipe."""
    return f"dockmaster-lab/{suite}:" + digest([*recipe(suite), "-"])


def there(suite: str) -> bool:
    """True if the engine has the image."""
    return engine.docker("image", "inspect", tag(suite)).rc == 0


def build(suites: t.Sequence[str]) -> None:
    """Make what is missing, two at a time. Raises LabError with the last words of what failed."""
    missing = [suite for suite in suites if not there(suite)]
    _test_image()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(_build, missing))


def _build(suite: str) -> None:
    log = places.cache() / f"build-{suite}.log"
    with log.open("w") as err:
        # nosec: fixed arguments
        maker = subprocess.Popen(
            ["mmdebstrap", *recipe(suite), "-"], stdout=subprocess.PIPE, stderr=err, env=environment()
        )
        taker = subprocess.run(
            [*engine.CLIENT(), "import", "-", tag(suite)],
            stdin=maker.stdout,
            stdout=subprocess.DEVNULL,
            stderr=err,
            check=False,
        )
        assert maker.stdout is not None
        maker.stdout.close()
        if maker.wait() or taker.returncode:
            engine.docker("image", "rm", tag(suite))
            raise unbuilt(f"the image of {suite}", log)


def unbuilt(what: str, log: Path) -> LabError:
    """The error of what mmdebstrap could not make; `log` holds what it said."""
    last = " ".join(log.read_text(errors="replace").split())[-300:]
    return LabError(
        f"{what} cannot be built: {last}",
        f"see whether Debian's mirror is reachable (apt-get update) and the disk has room; more in {log}",
    )


def environment() -> dict[str, str]:
    """Of mmdebstrap."""
    return {**os.environ, "TMPDIR": scratch(), "DEBIAN_FRONTEND": "noninteractive"}


def scratch() -> str:
    """Where mmdebstrap unpacks: memory if there is plenty, else the cache's disk. Needs about 1.2 GB a suite."""
    shm = Path("/dev/shm")
    if shm.is_dir() and shutil.disk_usage(shm).free > 6 << 30 and _available() > 8 << 30:
        return str(shm)
    folder = places.cache() / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < 5 << 30:
        raise LabError(f"less than 5 GB are free under {folder}", "make room, or set XDG_CACHE_HOME to a larger disk")
    return str(folder)


def _available() -> int:
    """Bytes of memory that programs can still get. Source: proc_meminfo(5)."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))


def enough_memory(hosts: int, virtual: int = 0) -> None:
    """Raises LabError if the hosts would not fit; one with some containers takes about 250 MB, a virtual one 1.2 GB."""
    need, free = 300 + 250 * hosts + 1200 * virtual, _available() >> 20
    if free < need:
        raise LabError(
            f"{hosts + virtual} hosts need about {need} MB of free memory, and {free} MB are free",
            "end other programs, or bring up fewer hosts",
        )


def test_tar() -> Path:
    """The test image as a tar, which every host loads. Its name changes with what is in it."""
    return places.cache() / f"bb-{hashlib.sha256(repr((APPLETS, FOLDERS, LINKS)).encode()).hexdigest()[:8]}.tar"


def _test_image() -> None:
    """What containers on the hosts run: a static busybox, 2 MB. Programs of the host run in it if /usr is mounted."""
    if test_tar().exists():
        return
    busybox = shutil.which("busybox")
    if busybox is None or run("ldd", busybox).rc == 0:
        raise LabError("busybox is not there or not static", "install busybox-static")
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch, "root")
        for folder in FOLDERS:
            (root / folder).mkdir(parents=True)
        shutil.copy(busybox, root / "bin/busybox")
        for applet in APPLETS:
            (root / "bin" / applet).symlink_to("busybox")
        for link, target in LINKS:
            (root / link).symlink_to(target)
        run("tar", "-C", str(root), "-cf", f"{scratch}/bb.tar", ".").must("the test image cannot be packed")
        engine.docker("import", f"{scratch}/bb.tar", TEST_IMAGE).must("the test image cannot be imported")
        engine.docker("save", "-o", str(test_tar()), TEST_IMAGE).must("the test image cannot be saved")
