# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.diff import diff_of

FILE = {"before_header": "/etc/a.conf", "after_header": "/etc/a.conf", "before": "", "after": "a = 1\n"}
LIVE = {
    "before_header": "a of the running kernel",
    "after_header": "a of the running kernel",
    "before": "\n",
    "after": "1\n",
}


@pytest.mark.parametrize(
    "file, live, expected",
    [
        (("", "a = 1\n"), ("", "1"), [FILE, LIVE]),
        (("", "a = 1\n"), ("1", "1"), [FILE]),
        (("a = 1\n", "a = 1\n"), ("", "1"), [LIVE]),
        (("", ""), ("1", "1"), []),
    ],
)
def test_only_what_differs(file, live, expected):
    assert diff_of("a", "/etc/a.conf", file, live) == expected
