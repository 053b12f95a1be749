# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Docker engine for one test, in namespaces of its own; it starts in about half a second.

    with Engine(tmp_path) as engine:
        engine.docker("run", "-d", "-p", "8080:80", IMAGE, "sleep", "60")
        subprocess.run(engine.inside("ss", "-tln"), check=True)

Network, mounts, host name and processes are its own: what it binds, routes, filters and mounts meets nobody, and all of
it ends with process 1 of its process namespace, which ends with the test. Needs root and the programs of NEEDED.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import time
import typing as t
from pathlib import Path

IMAGE = "busybox:test"
ADDRESSES = ("192.0.2.1/24", "2001:db8::1/64")  # of the "host", besides loopback: RFC 5737, RFC 3849
NEEDED = ("dockerd", "docker", "unshare", "nsenter", "ip", "iptables", "busybox")
_CGROUPS = Path("/sys/fs/cgroup")
_SBIN = ("/usr/bin", "/usr/sbin", "/bin", "/sbin")

# Process 1 of the namespace: it sets the stage, says so, and ends when its standard input does.
_INIT = f"""set -e
mount -t tmpfs tmpfs /run
hostname dockmaster-test
for one in net/ipv6/conf/all/disable_ipv6=0 net/ipv6/conf/default/disable_ipv6=0 net/ipv4/ip_forward=0; do
    echo "${{one#*=}}" >"/proc/sys/${{one%=*}}"
done
ip link set lo up
ip link add outside type veth peer name inside
ip address add {ADDRESSES[0]} dev outside
ip address add {ADDRESSES[1]} dev outside nodad
ip link set inside up
ip link set outside up
echo ready
read -r _ || exit 0
"""


class Refused(Exception):
    """The engine or its client ended with an error. The message is what it said."""


def missing() -> str:
    """What this machine lacks to run an engine; empty if nothing."""
    if os.geteuid() != 0:
        return "root"
    return ", ".join(name for name in NEEDED if not _program(name))


def _program(name: str) -> t.Optional[str]:
    """The system's own first: a wrapper of the user's may come before it in the PATH."""
    return shutil.which(name, path=os.pathsep.join([*_SBIN, os.environ.get("PATH", "")]))


class Engine:
    """folder: takes the engine's data, log and socket. options: more arguments of dockerd. config: its daemon.json.

    start: whether dockerd runs at once; without, the namespaces are there and `start` starts it.
    """

    def __init__(
        self, folder: Path, *options: str, config: t.Optional[t.Mapping[str, t.Any]] = None, start: bool = True
    ) -> None:
        self.folder = Path(folder)
        self.log = self.folder / "dockerd.log"
        self.options = options
        self.pid = 0  # dockerd's, as seen from outside; 0 while it does not run
        self._config = dict(config or {})
        self._at_once = start
        self._cgroup = f"dockmaster-test-{os.getpid()}-{id(self):x}"

    @property
    def endpoint(self) -> str:
        """As reached from anywhere; inside, unix:///var/run/docker.sock is the same engine."""
        return f"unix://{self.folder}/docker.sock"

    def __enter__(self) -> Engine:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "daemon.json").write_text(json.dumps(self._config))
        namespaces = ("--net", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc")
        self._stage = subprocess.Popen(
            ["unshare", *namespaces, "sh", "-c", _INIT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        try:
            assert self._stage.stdout
            if self._stage.stdout.readline() != b"ready\n":
                raise Refused("no namespaces can be made here")
            self._first = _child(self._stage.pid)
            if self._at_once:
                self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Refused, subprocess.TimeoutExpired):
            if self.pid:
                self._remove_containers()
        self.stop()
        with self._stage as stage:  # closes the pipes: process 1 ends, and all that is left in its namespace with it
            assert stage.stdin
            stage.stdin.close()
            stage.wait(timeout=20)
        self._remove_cgroups()
        shutil.rmtree(self.folder / "data", ignore_errors=True)

    def inside(self, *argv: str) -> t.List[str]:
        """The command line that runs a command in the engine's namespaces."""
        return ["nsenter", f"--target={self._first}", "--net", "--mount", "--uts", "--pid", "--", *argv]

    def start(self) -> None:
        """Start dockerd and wait until it answers. Raises Refused with the end of its log."""
        command = self.inside(
            _program("dockerd") or "dockerd", "--data-root", f"{self.folder}/data", "--exec-root", "/run/docker",
            "--pidfile", "/run/docker.pid", "--config-file", f"{self.folder}/daemon.json",
            "--cgroup-parent", f"/{self._cgroup}", "--host", "unix:///var/run/docker.sock", "--host", self.endpoint,
            *self.options,
        )  # fmt: skip
        with self.log.open("ab") as log:
            self._daemon = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until = time.monotonic() + 30
        while time.monotonic() < until and self._daemon.poll() is None:
            with contextlib.suppress(Refused):
                self.docker("version", "--format", "{{.Server.Version}}")
                self.pid = _child(self._daemon.pid)
                return self._load_image()
            time.sleep(0.05)
        last = " ".join(self.log.read_text(errors="replace").splitlines()[-5:])
        raise Refused(f"dockerd did not start: {last}")

    def stop(self, signal: int = 15) -> None:
        """End dockerd, and wait for it. With SIGKILL its containers go on, and so do its rules."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal)
            self._daemon.wait(timeout=30)
            self.pid = 0

    def docker(self, *args: str, timeout: float = 60, stdin: t.Optional[bytes] = None) -> str:
        """What the client printed, without the last end of line. Raises Refused if it failed."""
        env = {k: v for k, v in os.environ.items() if not k.startswith("DOCKER_")}
        command = [_program("docker") or "docker", "--host", self.endpoint, *args]
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=timeout, env=env, check=False)
        if done.returncode:
            raise Refused((done.stderr or done.stdout).decode(errors="replace").strip())
        return done.stdout.decode(errors="replace").strip()

    def inspect(self, *names: str) -> t.List[t.Dict[str, t.Any]]:
        """The engine's own documents of containers: of all of them if none is named."""
        chosen = names or tuple(self.docker("ps", "--all", "--quiet", "--no-trunc").split())
        return list(json.loads(self.docker("container", "inspect", *chosen))) if chosen else []

    def _remove_containers(self) -> None:
        there = self.docker("ps", "--all", "--quiet", "--no-trunc", timeout=20).split()
        if there:
            self.docker("rm", "--force", "--volumes", *there, timeout=60)

    def _load_image(self) -> None:
        if not self.docker("images", "--quiet", IMAGE):
            self.docker("import", "-", IMAGE, stdin=_image())

    def _remove_cgroups(self) -> None:
        """Folders of cgroups outlive their processes. Version 1 has a hierarchy a controller."""
        for top in [*_CGROUPS.glob(self._cgroup), *_CGROUPS.glob(f"*/{self._cgroup}")]:
            for folder, _folders, _files in os.walk(top, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)


def _child(pid: int) -> int:
    """The one child of unshare or nsenter, which fork to enter a process namespace."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if children:
            return int(children[0])
        time.sleep(0.01)
    raise Refused(f"process {pid} has no child")


def _image() -> bytes:
    """A busybox and nothing else, as a tar."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.add(os.path.realpath(_program("busybox") or "busybox"), "bin/busybox")
        for applet in ("sh", "sleep", "true", "false", "httpd", "nc", "cat"):
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
    return packed.getvalue()
