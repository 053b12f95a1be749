# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import Launch
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.survival import LiveRestore, live_restore_of

ON = {"live-restore": True}
CASES = [
    # arguments, file, version; on when it starts, taken over at a reload
    ((), {}, (28,), (False, False)),
    ((), ON, (28,), (True, True)),
    ((), {"live-restore": False}, (28,), (False, False)),
    # engine 25 and later do not reload such a file
    ((), {**ON, "userland-proxy": True}, (24,), (True, True)),
    ((), {**ON, "userland-proxy": True}, (28,), (True, False)),
    (("--live-restore",), {}, (28,), (True, False)),
    (("--live-restore=false",), {}, (28,), (False, False)),
]


@pytest.mark.parametrize("arguments, config, version, expected", CASES)
def test_live_restore_of(arguments, config, version, expected):
    assert live_restore_of(Launch(arguments, version=version), config) == LiveRestore(*expected)
