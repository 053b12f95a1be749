# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that looks like WSL: Windows counts as far as the networking mode lets it have a say."""

from labkit.scenario import Finding, Lab

SHORT = ("sid",)
RENEW = True  # mounts over the kernel's own files
FOLDER = "/root/wsl"
TABLE = r"\r\n  TCP    0.0.0.0:8430           0.0.0.0:0              LISTENING       4\r\n"
TASKS = r'"System Idle Process","0","N/A"\r\n"System","4","N/A"\r\n'
NONE = r"\r\nStart Port    End Port\r\n----------    --------\r\n\r\n"
PROGRAMS = {"netstat": TABLE, "tasklist": TASKS, "netsh": NONE}
RELAYED = Finding(
    "wsl_windows_side",
    "on Windows, localhost leads to System of Windows (pid 4) for *:8430/tcp",
    ("move_want", "stop_on_windows"),
)


def run(lab: Lab) -> None:
    lab.host.sh(f"mkdir -p {FOLDER}; echo 5.15.153.1-microsoft-standard-WSL2 > {FOLDER}/osrelease")
    lab.host.sh(f"mount --bind {FOLDER}/osrelease /proc/sys/kernel/osrelease")
    lab.later("umount /proc/sys/kernel/osrelease")
    lab.host.sh("mount -t tmpfs none /proc/sys/fs/binfmt_misc; echo enabled > /proc/sys/fs/binfmt_misc/WSLInterop")
    lab.later("umount /proc/sys/fs/binfmt_misc")
    lab.host.sh("mount -t tmpfs none /mnt; mkdir -p /mnt/c/Windows/System32")
    lab.later("umount /mnt")
    for name, printed in PROGRAMS.items():
        program(lab, f"/mnt/c/Windows/System32/{name}.exe", f"printf '%b' '{printed}'")
    mode(lab, "nat")
    lab.want("8430:80", "at_risk", RELAYED)
    lab.want("8431:80", "free")
    mode(lab, "mirrored")
    lab.want("8430:80", "free")  # this kernel does not ask Windows, and lets it pass


def mode(lab: Lab, networking: str) -> None:
    program(lab, "/usr/local/bin/wslinfo", f"echo {networking}")
    lab.later("rm -f /usr/local/bin/wslinfo")


def program(lab: Lab, path: str, line: str) -> None:
    lab.host.sh(f"cat > {path} <<'END'\n#!/bin/sh\n{line}\nEND\nchmod 755 {path}")
