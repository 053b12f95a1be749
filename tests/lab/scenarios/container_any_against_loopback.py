# SPDX-License-Identifier: GPL-3.0-or-later
"""One container on 127.0.0.1, one on every address: three engines, three refusals, one cause."""

from labkit import texts
from labkit.scenario import Finding, Lab

REMEDIES = ("move_want", "stop_container")


def run(lab: Lab) -> None:
    lab.container("narrow", "-p", "127.0.0.1:8151:80")
    lab.container("wide", "-p", "8152:80")
    if lab.host.version >= (28, 3):  # its table knows that 0.0.0.0 is every address, and it names the holder's
        any_says = one_says = ""
        any_says, one_says = texts.allocated("127.0.0.1", 8151), texts.allocated("0.0.0.0", 8152)
    else:  # up to 28.2 the table knows exact addresses alone, and the kernel refuses
        any_says = texts.in_use(lab.host, "0.0.0.0", 8151)
        one_says = texts.in_use(lab.host, "127.0.0.1", 8152)
    found = Finding("container", "container narrow has 127.0.0.1:8151/tcp", REMEDIES)
    lab.want("8151:80", "blocked", found, says=any_says)
    found = Finding("container", "container wide has 127.0.0.1:8152/tcp", REMEDIES)
    lab.want("127.0.0.1:8152:80", "blocked", found, says=one_says)
    lab.want(f"{lab.host.v4}:8151:80", "free")
