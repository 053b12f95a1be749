# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import Binding, BindingError
from ansible_collections.dockmaster.ports.plugins.module_utils._core.free import band_of, free_ports

hypothesis = pytest.importorskip("hypothesis")
given, st = hypothesis.given, hypothesis.strategies


def binding(text):
    return Binding.parse(text)


FREE = [
    # taken, like, band, count, free
    ([], "*:8080", (8000, 8999), 1, [8080]),
    (["0.0.0.0:8080"], "*:8080", (8000, 8999), 1, [8081]),
    (["0.0.0.0:8080"], "*:8080", (8000, 8999), 3, [8081, 8079, 8082]),
    (["127.0.0.1:8080"], "10.0.0.5:8080", (8000, 8999), 1, [8080]),
    (["[::]:8080"], "0.0.0.0:8080", (8000, 8999), 1, [8080]),
    (["*:8080/udp"], "*:8080", (8000, 8999), 1, [8080]),
    (["*:8000-8998"], "*:8080", (8000, 8999), 5, [8999]),
    (["*:8000-8999"], "*:8080", (8000, 8999), 5, []),
    (["*:7000-9500"], "*:8080", (8000, 8999), 5, []),
    ([], "*:80", (8000, 8999), 2, [8000, 8001]),
    ([], "*:9999", (8000, 8999), 2, [8999, 8998]),
    ([], "*:8999", (8000, 8999), 2, [8999, 8998]),
    (["*:8080"], "*:8079-8080", (8000, 8999), 3, [8078, 8081, 8076]),
    (["*:8002"], "*:8000-8002", (8000, 8005), 9, [8003]),
    ([], "*:8000-8009", (8000, 8005), 1, []),
    ([], "*:65535", (65535, 65535), 2, [65535]),
]


@pytest.mark.parametrize("taken, like, band, count, free", FREE)
def test_free_ports(taken, like, band, count, free):
    assert free_ports([binding(one) for one in taken], binding(like), band, count) == free


def test_a_port_that_is_not_chosen_yet_takes_none_and_is_near_to_the_first():
    unchosen = Binding("*", "tcp", 0, 0)

    assert free_ports([unchosen, binding("*:8000")], unchosen, (8000, 8999)) == [8001]


@given(
    st.lists(st.tuples(st.sampled_from(["*", "0.0.0.0", "::", "127.0.0.1"]), st.integers(1, 60), st.integers(0, 9))),
    st.integers(1, 60), st.integers(0, 3), st.integers(1, 60), st.integers(0, 40), st.integers(1, 9),
)  # fmt: skip
def test_free_is_what_meets_nothing(taken, near, more, first, length, count):
    held = [Binding(ip, "tcp", low, low + extra) for ip, low, extra in taken]
    band = (first, first + length)
    like = Binding("0.0.0.0", "tcp", near, near + more)

    found = free_ports(held, like, band, count)

    for port in found:
        assert band[0] <= port and port + more <= band[1]
        assert not any(one.meet(Binding(like.ip, "tcp", port, port + more)) for one in held)
    if not found:
        for port in range(band[0], band[1] - more + 1):
            assert any(one.meet(Binding(like.ip, "tcp", port, port + more)) for one in held)
    assert [abs(port - near) for port in found] == sorted(abs(port - near) for port in found)


def test_the_whole_range_is_searched_at_once():
    taken = [Binding("127.0.0.1", "tcp", port, port) for port in range(1, 65535)]
    start = time.process_time()

    assert free_ports(taken, binding("*:8080"), (1, 65535)) == [65535]
    assert time.process_time() - start < 2


@pytest.mark.parametrize("text, band", [("8000-8999", (8000, 8999)), ("80", (80, 80)), (80, (80, 80))])
def test_band_of(text, band):
    assert band_of(text) == band


@pytest.mark.parametrize("text", ["", "9-8", "0-9", "1-65536", "8000:8999", "-1", " 1-2", True, None, 0, [1, 2]])
def test_band_of_refuses(text):
    with pytest.raises(BindingError) as refusal:
        band_of(text)

    expected = f"{text!r} is not a rising range of ports within 1-65535: expected one such as 8000-8999"
    assert str(refusal.value) == expected
