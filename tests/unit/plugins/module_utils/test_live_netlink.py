# SPDX-License-Identifier: GPL-3.0-or-later
"""Netlink dumps: what the kernel may answer, and what it answers here."""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils import _live_netlink
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import inet_diag, rtnetlink
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.netlink_words import message

RECORD = message(20, b"a record")
DONE = message(3, struct.pack("=i", 0))
INTERRUPTED = message(20, b"a record", flags=2 | 0x10)


def failure(kind, code):
    return message(kind, struct.pack("=i", -code))


class Kernel:
    """Stands for the socket: a script of datagrams a dump. A sender other than 0 is another process."""

    def __init__(self, *dumps):
        self.dumps = list(dumps)
        self.asked = 0

    def __call__(self, protocol, timeout):
        self.asked += 1
        self._left = list(self.dumps.pop(0))
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def send(self, request):
        pass

    def recvmsg_into(self, buffers):
        datagram, flags, sender = self._left.pop(0)
        buffers[0][: len(datagram)] = datagram
        return len(datagram), [], flags, (sender, 0)


def answers(*datagrams):
    return [(one, 0, 0) if isinstance(one, bytes) else one for one in datagrams]


def dump(monkeypatch, kernel):
    monkeypatch.setattr(_live_netlink, "_connect", kernel)
    return _live_netlink.dump(4, b"", 1.0)


WHOLE = [
    # datagrams                                     what is handed on
    ([RECORD + DONE], [RECORD]),
    ([RECORD, RECORD + RECORD, DONE], [RECORD, RECORD * 2, b""]),
    ([DONE], [b""]),
    ([RECORD + failure(2, 0)], [RECORD]),  # an acknowledgement
    ([(b"from another process", 0, 4711), RECORD + DONE], [RECORD]),
]  # fmt: skip


@pytest.mark.parametrize("datagrams, expected", WHOLE)
def test_a_dump_is_read_to_its_end(monkeypatch, datagrams, expected):
    assert dump(monkeypatch, Kernel(answers(*datagrams))) == expected


@pytest.mark.parametrize("kind", [2, 3])
@pytest.mark.parametrize("code", [errno.ENOENT, errno.EPERM, errno.EINVAL])
def test_a_refusal_keeps_the_kernels_own_reason(monkeypatch, kind, code):
    with pytest.raises(OSError) as caught:
        dump(monkeypatch, Kernel(answers(RECORD + failure(kind, code))))

    assert (caught.value.errno, caught.value.strerror) == (code, os.strerror(code))


@pytest.mark.parametrize("broken", [RECORD + INTERRUPTED, failure(2, errno.EINTR), failure(3, errno.ENOBUFS)])
def test_a_dump_that_was_interrupted_is_begun_again(monkeypatch, broken):
    kernel = Kernel(answers(RECORD, broken), answers(broken), answers(RECORD + DONE))

    assert dump(monkeypatch, kernel) == [RECORD]
    assert kernel.asked == 3


def test_a_table_that_never_stands_still_is_not_believed(monkeypatch):
    kernel = Kernel(*[answers(INTERRUPTED)] * 9)

    with pytest.raises(OSError, match="the kernel's table changed during each of 5 readings"):
        dump(monkeypatch, kernel)
    assert kernel.asked == 5


def test_an_overrun_of_the_receive_buffer_is_begun_again(monkeypatch):
    class Overrun(Kernel):
        def recvmsg_into(self, buffers):
            if self.asked == 1:
                raise OSError(errno.ENOBUFS, "No buffer space available")
            return super().recvmsg_into(buffers)

    assert dump(monkeypatch, Overrun(answers(DONE), answers(RECORD + DONE))) == [RECORD]


def test_an_answer_that_does_not_fit_is_an_error_and_no_part_of_it_is_believed(monkeypatch):
    with pytest.raises(OSError, match="longer than the buffer"):
        dump(monkeypatch, Kernel(answers((RECORD, socket.MSG_TRUNC, 0))))


def test_a_datagram_that_is_cut_short_ends_no_dump(monkeypatch):
    """What is not whole is for the parser to judge; here it must not loop."""
    nonsense = struct.pack("=IHHII", 0, 20, 0, 0, 0)

    assert dump(monkeypatch, Kernel(answers(nonsense, DONE))) == [nonsense, b""]


# -- this machine -----------------------------------------------------------------------------------------------------

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has netlink")


@linux
def test_the_kernel_answers():
    links = list(rtnetlink.parse_links(LiveHost().netlink(0, rtnetlink.LINKS)))

    assert "lo" in [link.name for link in links]


@linux
def test_an_answer_may_be_fetched_later():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(1)
        later = LiveHost().begin_netlink(inet_diag.PROTOCOL, inet_diag.tcp(inet_diag.LISTEN))
        port = sock.getsockname()[1]

        assert port in [row.port for row in inet_diag.rows(later(), "tcp")]


@linux
def test_a_refusal_is_unseen_also_later():
    nonsense = struct.pack("=IHHII", 20, 20, 0x301, 1, 0) + b"\xff\xff\0\0"
    later = LiveHost().begin_netlink(inet_diag.PROTOCOL, nonsense)

    with pytest.raises(Unseen, match=r"^netlink: "):
        later()


@linux
def test_a_protocol_that_the_kernel_has_not_loaded_is_refused_at_the_end_of_the_dump():
    nobody = struct.pack("=IHHII", 72, 20, 0x301, 1, 0) + struct.pack("=BBBxI48s", 2, 255, 0, 1 << 10, bytes(48))

    with pytest.raises(Unseen, match=r"^netlink: "):
        LiveHost().netlink(inet_diag.PROTOCOL, nobody)
