# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with an engine, and real clients that stand outside of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

from ansible_collections.dockmaster.ports.tests.integration.support.engine import IMAGE, missing

LAY = str(Path(__file__).parent / "lay.py")
ASK = str(Path(__file__).parents[2] / "lab/guest/ask_many.py")
HOST, HOST6 = "192.0.2.1", "2001:db8::1"
FRIEND, STRANGER = "192.0.2.10", "192.0.2.66"
FRIEND6, STRANGER6 = "2001:db8::10", "2001:db8::66"
NEEDED = ("nft", "ipset", "iptables-legacy")
SILENT = "silent"
ANSWER = "</BODY></HTML>"  # the last line of what busybox says of a page that it does not have


def lacking():
    """What this machine lacks for an engine with firewalls; empty if nothing."""
    return missing() or ", ".join(name for name in NEEDED if not shutil.which(name, path="/usr/sbin"))


class Street:
    """A host with an engine, and clients outside of it, on one network."""

    def __init__(self, engine):
        self.engine = engine
        self.run("ip", "netns", "add", "client")
        self.run("ip", "link", "set", "inside", "netns", "client")
        for address in (FRIEND, STRANGER):
            self.client("ip", "addr", "add", f"{address}/24", "dev", "inside")
        for address in (FRIEND6, STRANGER6):
            self.client("ip", "addr", "add", f"{address}/64", "dev", "inside", "nodad")
        self.client("ip", "link", "set", "lo", "up")
        self.client("ip", "link", "set", "inside", "up")
        self.client("ip", "route", "add", "default", "via", HOST)

    def run(self, *argv, stdin=None):
        done = subprocess.run(
            self.engine.inside(*argv), input=stdin, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"{argv}: {done.stderr}"
        return done.stdout

    def client(self, *argv):
        return self.run("ip", "netns", "exec", "client", *argv)

    def web(self, name, *options, port=80):
        """A container that answers."""
        serve = ("busybox", "httpd", "-f", "-p", str(port))
        self.engine.docker("run", "-d", "--name", name, "--stop-signal", "KILL", *options, IMAGE, *serve)

    def address(self, name):
        return self.engine.docker("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name)

    def lay(self, policy):
        return json.loads(self.run(sys.executable, LAY, stdin=json.dumps(policy)))

    def ask(self, *asks, seconds=1.0):
        """(source, address, port) each: their answers."""
        asked = json.dumps([["tcp", *ask] for ask in asks])
        return json.loads(self.client(sys.executable, "-S", "-E", ASK, str(seconds), asked))

    def rules(self):
        """Every rule of iptables, those of both families."""
        lines = (self.run("iptables-save") + self.run("ip6tables-save")).splitlines()
        return [line for line in lines if line.startswith("-")]


def opened(street, *asks):
    """Whether each was answered at all: a server needs a moment to start."""
    until = time.monotonic() + 10
    while True:
        said = street.ask(*asks)
        if not {SILENT, "refused"} & set(said) or time.monotonic() > until:
            return said
