# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The rootless engine's port driver gets this wrong.

Seen as: "Bind for 127.0.0.1:8080 failed: port is already allocated" although another address was asked for (28.0 to
29.5: every host address becomes 127.0.0.1 inside RootlessKit); or published ports that answer nobody (driver
slirp4netns in 28.0.0 and 29.0.0 to 29.1.1).
Told apart from `container` by the engine's version and driver: the two publications are on different addresses.
Source: moby pull requests 49514, 51616, 52783.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import ANY, narrower
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Case,
    Cause,
    Finding,
    Remedy,
    Verdict,
    move_want,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.opened import release, running
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Engine, Publication

CAUSE = Cause(
    id="rootless_port_driver",
    title="The rootless engine's port driver gets this wrong",
    needs=("engine", "publications"),
    portless=True,
)


def explain(case: Case) -> t.Iterator[Finding]:
    for engine in running(case.evidence):
        if not engine.rootless:
            continue
        number = release(engine)
        upgrade = Remedy("upgrade_engine", "upgrade the engine", "its containers, while it restarts")
        if engine.port_driver == "slirp4netns" and (number == (28, 0, 0) or (29, 0, 0) <= number < (29, 1, 2)):
            because = f"engine {engine.version} with port driver slirp4netns forwards nothing to published ports"
            yield case.finding(CAUSE, None, because, upgrade, consequence=Verdict.DIVERTED)
        if (28, 0, 0) <= number < (29, 6, 0):
            for one in _beside(case, engine):
                because = f"engine {engine.version} takes it for the port that container {one.name} has on {one.ip}"
                yield case.finding(CAUSE, None, because, move_want(case), upgrade)


def _beside(case: Case, engine: Engine) -> t.Iterator[Publication]:
    """Publications of the same port on another address of the same family."""
    want = case.want.binding
    for one in case.evidence.publications or ():
        same = one.engine == engine.endpoint and one.actual and one.protocol == want.protocol and one.by != case.want.by
        apart = narrower(one.ip or ANY, want.ip) is None and (":" in one.ip) == (":" in want.ip)
        if same and apart and one.first <= want.last and want.first <= one.last:
            yield one
