# SPDX-License-Identifier: GPL-3.0-or-later
"""On this kernel, in a network namespace that ends with its process."""

from __future__ import annotations

import ctypes
import os

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.kernel import (
    PROC,
    NotTaken,
    look_whether_writable,
    reserve,
    reserved,
)

CLONE_NEWNET = 0x40000000


def in_a_namespace(work):
    """Run it in a child with a network of its own. Skips where that is not allowed."""
    child = os.fork()
    if child == 0:
        code = 2
        try:
            if ctypes.CDLL(None).unshare(CLONE_NEWNET) == 0 and os.access(PROC, os.W_OK):
                code = 1
                work()
                code = 0
        finally:
            os._exit(code)
    code = os.waitpid(child, 0)[1] >> 8
    if code == 2:
        pytest.skip("no network namespace of our own may be made here")
    assert code == 0


@pytest.mark.parametrize(
    "ports",
    [frozenset(), frozenset({8080}), frozenset(range(30000, 30101)), frozenset(range(2000, 5000, 2)), frozenset(range(1, 65536, 2))],
    ids=["none", "one", "a range", "more than a page", "every other"],
)  # fmt: skip
def test_the_kernel_has_what_it_was_given(ports):
    def work():
        reserve(frozenset({1, 2, 3}))
        reserve(ports)
        look_whether_writable(PROC)
        assert reserved() == ports

    in_a_namespace(work)


def test_a_value_that_the_kernel_does_not_take():
    def work():
        with pytest.raises((NotTaken, OSError)):
            reserve(frozenset({70000}))

    in_a_namespace(work)
