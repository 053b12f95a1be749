# SPDX-License-Identifier: GPL-3.0-or-later
"""What is ours, what is others', and that only ours is released."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ledger import KEY, Ledger, NotOurs
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.plan import FILE, Overruled, Wish, plan
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ports import PortsError, parse, text
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.settings import FOLDERS

HEAD = (
    "# Managed by dockmaster.ports.port_reservation, which also keeps its state here: do not edit.\n"
    "# The kernel never draws these ports for outgoing connections.\n"
)
SHOP = HEAD + f"# for shop: 8080\n{KEY} = 8080\n"


def host(live="", ours="", **files):
    """files: /etc/sysctl.d/<name>.conf, its dots and dashes as _."""
    read = {FILE: ours} if ours else {}
    for name, content in files.items():
        path = "/etc/sysctl.conf" if name == "main" else f"/etc/sysctl.d/{name.replace('_', '-')}.conf"
        read[path] = content
    names = {
        folder: [path.rpartition("/")[2] for path in read if path.rpartition("/")[0] == folder] for folder in FOLDERS
    }
    return ReplayHost({"read": read, "names": names}), parse(live)


def want(ports, name="shop", **more):
    return Wish(name, None if ports is None else parse(ports), **more)


PLANS = [
    # host, wish, file after, live after
    (host(), want("8080"), SHOP, "8080"),
    (host("8080", SHOP), want("8080"), SHOP, "8080"),
    # one that another has in the kernel alone: it is kept, and remembered as theirs
    (host("9000"), want("8080"), SHOP, "8080,9000"),
    (
        host("8080"),
        want("8080-8081"),
        HEAD + f"# for shop: 8080-8081\n# reserved already when they were asked for: 8080\n{KEY} = 8080-8081\n",
        "8080-8081",
    ),
    # one that another file reserves at boot: ours is read last, so it says that too
    (
        host("5000", a="net.ipv4.ip_local_reserved_ports=5000\n"),
        want("8080"),
        HEAD + f"# for shop: 8080\n# of other files: 5000\n{KEY} = 5000,8080\n",
        "5000,8080",
    ),
    (host("8080", SHOP), want("9090"), HEAD + f"# for shop: 8080,9090\n{KEY} = 8080,9090\n", "8080,9090"),
    (host("8080", SHOP), want("9090", purge=True), HEAD + f"# for shop: 9090\n{KEY} = 9090\n", "9090"),
    (
        host("8080", SHOP),
        want("8080", name="blog"),
        HEAD + f"# for blog: 8080\n# for shop: 8080\n{KEY} = 8080\n",
        "8080",
    ),
    # somebody emptied the kernel's: it is filled again
    (host("", SHOP), want("8080"), SHOP, "8080"),
]
RELEASES = [
    (host("8080", SHOP), want(None, present=False), "", ""),
    (host("8080,9000", SHOP), want(None, present=False), "", "9000"),
    (host("8080", SHOP), want("8081", present=False), SHOP, "8080"),
    (host("8080", SHOP), want(None, name="blog", present=False), SHOP, "8080"),
    (host("", ""), want(None, present=False), "", ""),
    # of two sets that hold a port, the first to go leaves it
    (
        host("8080", HEAD + f"# for blog: 8080\n# for shop: 8080\n{KEY} = 8080\n"),
        want(None, present=False),
        HEAD + f"# for blog: 8080\n{KEY} = 8080\n",
        "8080",
    ),
    # it was there before we came
    (
        host(
            "8080-8081",
            HEAD + f"# for shop: 8080-8081\n# reserved already when they were asked for: 8080\n{KEY} = 8080-8081\n",
        ),
        want(None, present=False),
        "",
        "8080",
    ),
    # another file reserves it too
    (host("8080", SHOP, a=f"{KEY} = 8080\n"), want(None, present=False), "", "8080"),
]


@pytest.mark.parametrize("machine, wish, file, live", PLANS + RELEASES)
def test_plan(machine, wish, file, live):
    todo = plan(*machine, wish)

    assert (todo.after, text(todo.wanted)) == (file, live)


def test_a_later_file_would_overrule_ours():
    machine = host(zzz="# x\nnet/ipv4/ip_local_reserved_ports = 1\n")

    with pytest.raises(Overruled) as raised:
        plan(*machine, want("8080"))

    assert str(raised.value) == (
        f"/etc/sysctl.d/zzz.conf, line 2 sets {KEY} and is read after {FILE}: rename that file, or remove the line"
    )
    assert plan(*machine, want(None, present=False)).after == ""


def test_the_main_file_is_warned_of():
    todo = plan(*host(main=f"-{KEY}=1\n"), want("8080"))

    assert todo.warning == (
        f"/etc/sysctl.conf, line 1 sets {KEY}, and `sysctl --system` reads it last: it takes the reservations back"
    )


def test_the_last_line_of_the_last_file_counts():
    machine = host(a=f"{KEY} = 1\n", b=f"#{KEY} = 2\n{KEY} = 3\n {KEY}=4\n; {KEY} = 5\n")

    assert text(plan(*machine, want("8080")).others) == "4"


def test_a_file_of_that_name_that_is_not_ours():
    with pytest.raises(NotOurs) as raised:
        plan(*host(ours=f"{KEY} = 1\n"), want("8080"))

    assert str(raised.value) == f"{FILE} was not written by dockmaster.ports.port_reservation: it is left alone"


def test_a_line_that_the_kernel_would_refuse():
    with pytest.raises(PortsError) as raised:
        plan(*host(a=f"{KEY} = 80,http\n"), want("8080"))

    assert str(raised.value).startswith("/etc/sysctl.d/a.conf, line 1: 'http' is not a port")


PORTS = st.frozensets(st.integers(1, 30), max_size=8)
NAMES = st.sampled_from(["a", "b", "c"])


@given(PORTS, PORTS, st.lists(st.tuples(NAMES, PORTS, st.booleans()), max_size=8))
def test_whatever_we_do_the_others_keep_theirs(live, others, steps):
    """Sets come and go in any order: what others had before is there after each step, and nothing else after the last."""
    before, file = live | others, ""
    now = before
    for name, ports, present in [*steps, ("a", None, False), ("b", None, False), ("c", None, False)]:
        files = {"other": f"{KEY} = {text(others)}\n"} if others else {}
        todo = plan(*host(text(now), file, **files), Wish(name, ports, present, purge=True))
        now, file = todo.wanted, todo.after
        assert before <= now
        if present:
            assert ports <= now
    assert (now, file) == (before, "")


@given(st.dictionaries(NAMES, PORTS.filter(bool), min_size=1), PORTS, PORTS)
def test_a_file_says_all_that_it_has_to_remember(sets, found, others):
    from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ledger import read

    ledger = Ledger(sets, found)

    assert read(FILE, ledger.write(others)) == ledger
