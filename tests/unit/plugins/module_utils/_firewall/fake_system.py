# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine made of what its programs print and its files hold."""

from __future__ import annotations

import pathlib
import re

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.surroundings import Link
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import Done, FirewallError, Process

RECORDINGS = pathlib.Path(__file__).resolve().parents[3] / "recordings"
NFT_VERSION, LEGACY_VERSION = "iptables v1.8.9 (nf_tables)\n", "iptables v1.8.9 (legacy)\n"
DOCKERD = Process(812, "dockerd", ("/usr/sbin/dockerd", "-H", "fd://"), "/proc/812/root")


def recording(name):
    """A recorded listing, by its path without the engine's version in it. The recorder kept warnings among the lines."""
    folder, _slash, rest = name.partition("/")
    state, source = rest.split(".", 1)
    path = next((RECORDINGS / folder).glob(f"{state}.engine-*.{source}.txt"))
    return re.sub(r"# Warning: .*\n", "", path.read_text(encoding="utf-8"))


class FakeSystem:
    """programs: what each command line prints; files: by path. What is run, written and removed is noted."""

    def __init__(self, programs=(), files=(), processes=(), links=(), listened=(), now=1000.0, uptime=100.0):
        self.programs = dict(programs)
        self.files = dict(files)
        self._processes = list(processes)
        self._links = [Link(*link) for link in links]
        self._listened = set(listened)
        self._now, self._uptime = now, uptime
        self.ran, self.did, self.started = [], [], []

    def which(self, program):
        return program if any(line.split()[0] == program for line in self.programs) else None

    def run(self, *argv, text=""):
        self.ran.append(" ".join(argv))
        if not self.which(argv[0]):
            raise FirewallError(f"{argv[0]} is not installed on this host")
        said = self.programs.get(" ".join(argv), Done(0, "", ""))
        return said if isinstance(said, Done) else Done(0, said, "")

    def together(self, steps):
        self.did += steps
        return Done(0, "", "")

    def start(self, *argv):
        self.started.append(argv)

    def exists(self, path):
        return any(name == path or name.startswith(f"{path}/") for name in self.files)

    def read(self, path):
        try:
            return self.files[path]
        except KeyError:
            raise FileNotFoundError(2, "No such file or directory", path) from None

    def names(self, path):
        return [name for name in self.files if name.startswith(f"{path}/")]

    def write(self, path, text, mode=0o644):
        self.files[path] = text

    def remove(self, path):
        self.files.pop(path, None)

    def links(self):
        return self._links

    def listened(self):
        return self._listened

    def processes(self, *names):
        return [process for process in self._processes if process.name in names]

    def now(self):
        return self._now

    def uptime(self):
        return self._uptime


def host(v4="", v6="", version=NFT_VERSION, kind=FakeSystem, **more):
    """A host with iptables of the nft variant, and an engine that runs."""
    programs = {"iptables --version": version, "iptables-nft-save": v4, "ip6tables-nft-save": v6, "sh": ""}
    programs.update(more.pop("programs", {}))
    files = {"/proc/net/if_inet6": "", "/proc/net/ip_tables_names": "", "/proc/net/ip6_tables_names": ""}
    files.update(more.pop("files", {}))
    return kind(programs, files, more.pop("processes", [DOCKERD]), **more)


class Kernel(FakeSystem):
    """A machine whose transactions change what its programs list."""

    def together(self, steps):
        after(self, steps)
        return super().together(steps)


def engine_host(**more):
    """A host with an engine of release 28 and its published ports."""
    text = recording("engine-28.5.2-proxy/many-ports.iptables-nft-save")
    return host(v4=text[text.index("*filter") : text.index("*nat")].split("COMMIT")[0] + "COMMIT\n", **more)


def after(system, steps):
    """The host once the transactions are made: what iptables-restore --noflush does to what it holds."""
    for step in steps:
        if "--test" in step.argv or not step.argv[0].endswith("-restore"):
            continue
        save = step.argv[0].replace("restore", "save")
        system.programs[save] = _restored(system.programs[save], step.text)
    return system


def _restored(saved, text):
    chains = {}
    for line in (saved + text).splitlines():
        words = line.split(" ", 2)
        if line.startswith(":"):
            chains[words[0][1:]] = []
        elif words[0] == "-N":
            assert words[1] not in chains
            chains[words[1]] = []
        elif words[0] == "-A":
            chains.setdefault(words[1], []).append(words[2])
        elif words[0] == "-I":
            chains.setdefault(words[1], []).insert(0, words[2].split(" ", 1)[1])
        elif words[0] == "-D":
            chains[words[1]].remove(words[2])
        elif words[0] == "-X":
            assert chains.pop(words[1]) == []
    rules = [f"-A {chain} {rule}" for chain, rules in chains.items() for rule in rules]
    return "\n".join(["*filter", *(f":{chain} - [0:0]" for chain in chains), *rules, "COMMIT", ""])
