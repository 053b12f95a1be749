# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.reload import changes_of, reload_of

NEW = (28, 5, 2)
CASES = [
    # before, after, version, what differs, the most it takes
    ({}, {}, NEW, "", "none"),
    ({"debug": True}, {"debug": True}, NEW, "", "none"),
    ({}, {"live-restore": True}, NEW, "live-restore added sighup", "sighup"),
    ({"live-restore": False}, {"live-restore": True}, NEW, "live-restore changed sighup", "sighup"),
    # the engine looks at values that are set and at no others: a removed one keeps its old value
    ({"live-restore": True}, {}, NEW, "live-restore removed restart", "restart"),
    ({"debug": True}, {}, NEW, "debug removed restart", "restart"),
    ({"max-concurrent-downloads": 5}, {}, NEW, "max-concurrent-downloads removed sighup", "sighup"),
    ({}, {"userland-proxy": False}, NEW, "userland-proxy added restart", "restart"),
    ({}, {"ip": "127.0.0.1"}, NEW, "ip added restart", "restart"),
    ({}, {"debug": True, "ip": "127.0.0.1"}, NEW, "debug added sighup, ip added restart", "restart"),
    ({}, {"features": {"buildkit": True}}, NEW, "features.buildkit added sighup", "sighup"),
    (
        {},
        {"features": {"containerd-snapshotter": True}},
        NEW,
        "features.containerd-snapshotter added restart",
        "restart",
    ),
    (
        {"features": {"buildkit": True, "cdi": True}},
        {"features": {"cdi": True}},
        NEW,
        "features.buildkit removed sighup",
        "sighup",
    ),
    ({}, {"max-download-attempts": 3}, (20, 10, 24), "max-download-attempts added sighup", "sighup"),
    ({}, {"max-download-attempts": 3}, (19, 3), "max-download-attempts added restart", "restart"),
    ({}, {"default-stop-timeout": 3}, NEW, "default-stop-timeout added restart", "restart"),
    ({}, {"debug": True}, (), "debug added restart", "restart"),
    # since 25 an engine does not reload a file that turns the proxy on without naming it
    ({"userland-proxy": True}, {"userland-proxy": True, "debug": True}, NEW, "debug added restart", "restart"),
    ({"userland-proxy": True}, {"userland-proxy": True, "debug": True}, (24, 0), "debug added sighup", "sighup"),
    (
        {"userland-proxy-path": "/x"},
        {"userland-proxy-path": "/x", "userland-proxy": True},
        NEW,
        "userland-proxy added restart",
        "restart",
    ),
    ({"userland-proxy": False}, {"userland-proxy": False, "debug": True}, NEW, "debug added sighup", "sighup"),
    ({}, {"of-a-release-to-come": 1}, NEW, "of-a-release-to-come added restart", "restart"),
]


@pytest.mark.parametrize("before, after, version, differs, most", CASES)
def test_what_it_takes(before, after, version, differs, most):
    changes = changes_of(before, after, version)

    assert ", ".join(f"{one.key} {one.change} {one.reload}" for one in changes) == differs
    assert reload_of(changes) == most
