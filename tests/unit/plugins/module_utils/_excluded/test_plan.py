# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans for excluded ports: by table, and against a model of Windows that refuses what Windows refuses."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.plan import goal_of, plan
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.rows import (
    ACTIVE,
    PERSISTENT,
    Command,
    Table,
    Wish,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netsh import Excluded
from ansible_collections.dockmaster.ports.tests.integration.windows.excluded_ports import ExcludedPorts, Refused, Row

STOCK = (50000, 50059)


def ports(text: str) -> frozenset[int]:
    """`8080-8089,9000`"""
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        first, _dash, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


def rows(text: str, administered: bool = True) -> tuple[Excluded, ...]:
    found = []
    for part in filter(None, text.split(",")):
        first, _dash, last = part.partition("-")
        found.append(Excluded(int(first), int(last or first), administered))
    return tuple(found)


def table(lasting: str = "", passing: str = "", foreign: str = "") -> Table:
    return Table((*rows(lasting), *rows(passing), *rows(foreign, False)), rows(lasting))


def said(commands: tuple[Command, ...]) -> list[str]:
    return [f"{c.verb} {c.first}-{c.last} {c.store}" for c in commands]


PLANS = [
    # present
    ("present", "8080-8089", table(), ["add 8080-8089 persistent"]),
    ("present", "8080-8089", table("8080-8089"), []),
    ("present", "8080-8089", table("8080-8084,8085-8089"), []),
    ("present", "8080-8089", table("8000-8100"), []),
    ("present", "8080-8089", table("8083-8084"), ["add 8080-8082 persistent", "add 8085-8089 persistent"]),
    ("present", "80,443", table(), ["add 80-80 persistent", "add 443-443 persistent"]),
    # in force and not for every boot: the row is broken, and comes back for every boot
    ("present", "8080", table(passing="8080"), ["delete 8080-8080 active", "add 8080-8080 persistent"]),
    (
        "present",
        "8080",
        table(passing="8079-8081"),
        ["delete 8079-8081 active", "add 8080-8080 persistent", "add 8079-8079 active", "add 8081-8081 active"],
    ),
    # absent
    ("absent", "8080-8089", table(), []),
    ("absent", "8080-8089", table("8080-8089"), ["delete 8080-8089 persistent"]),
    ("absent", "8080-8089", table("8090-8099"), []),
    ("absent", "8080-8089", table(foreign="8037-8136"), []),
    ("absent", "8080-8089", table(passing="8080-8089"), ["delete 8080-8089 active"]),
    (
        "absent",
        "8085",
        table("8080-8089"),
        ["delete 8080-8089 persistent", "add 8080-8084 persistent", "add 8086-8089 persistent"],
    ),
    (
        "absent",
        "8080-8089",
        table("8075-8084,8085-8089"),
        ["delete 8075-8084 persistent", "add 8075-8079 persistent", "delete 8085-8089 persistent"],
    ),
    # exactly
    ("exactly", "8080-8089", table("8080-8089,50000-50059"), ["delete 50000-50059 persistent"]),
    ("exactly", "8080-8089", table("8080-8084,8085-8089"), []),
    ("exactly", "", table("8080", foreign="8037-8079"), ["delete 8080-8080 persistent"]),
    (
        "exactly",
        "8080-8089",
        table("8085-8095"),
        ["add 8080-8084 persistent", "delete 8085-8095 persistent", "add 8085-8089 persistent"],
    ),
]


@pytest.mark.parametrize("state, wished, there, commands", PLANS)
def test_plan(state, wished, there, commands):
    assert said(plan(there, goal_of(there, Wish(ports(wished), state))).commands) == commands


ACTIVE_PLANS = [
    ("present", "8080", table(), ["add 8080-8080 active"]),
    ("present", "8080", table("8080"), []),
    ("present", "8080", table(passing="8080"), []),
    ("absent", "8080", table(passing="8080"), ["delete 8080-8080 active"]),
    # for every boot it stays
    ("absent", "8080", table("8080"), ["delete 8080-8080 active"]),
    ("absent", "8080", table("8079-8080"), ["delete 8079-8080 active", "add 8079-8079 active"]),
]


@pytest.mark.parametrize("state, wished, there, commands", ACTIVE_PLANS)
def test_plan_until_the_next_boot(state, wished, there, commands):
    assert said(plan(there, goal_of(there, Wish(ports(wished), state, ACTIVE))).commands) == commands


def test_a_row_for_every_boot_that_is_not_in_force_is_put_in_force():
    there = Table((), rows("8080"))

    assert said(plan(there, goal_of(there, Wish(ports("8080")))).commands) == ["add 8080-8080 active"]


BLOCKED = [
    ("present", "8080-8089", table(foreign="8037-8136"), "8037-8136"),
    ("present", "8000-8300", table(foreign="8037-8136,8137-8236,9000-9099"), "8037-8136,8137-8236"),
    ("present", "8080-8089", table("8080-8089", foreign="8090-8099"), ""),
    ("absent", "8080-8089", table(foreign="8037-8136"), ""),
]


@pytest.mark.parametrize("state, wished, there, blocks", BLOCKED)
def test_what_stands_in_the_way(state, wished, there, blocks):
    assert plan(there, goal_of(there, Wish(ports(wished), state))).blocked == rows(blocks, False)


def test_what_is_taken_away_for_a_moment_is_told():
    there = table("8080-8089")

    back = plan(there, goal_of(there, Wish(ports("8085"), "absent"))).back

    assert back.persistent == back.active == ports("8080-8084,8086-8089")


# Against the model. Ports are few and near each other, so that rows meet, touch and split.
LOW, HIGH = 10, 40


def laid(draw, kinds):
    """Rows of these kinds that do not meet each other."""
    cuts = sorted(draw(st.sets(st.integers(LOW, HIGH), max_size=12)))
    found = [(first, end - 1, draw(st.sampled_from(["", *kinds]))) for first, end in zip(cuts, cuts[1:])]
    return [Row(*row) for row in found if row[2]]


@st.composite
def windows(draw, others="http"):
    """Mostly rows for every boot that are in force; others in force alone, or not in force, across them or not.

    others: the owner of rows that are no administrator's.
    """
    active = laid(draw, ["administrator", "administrator", others])
    lasting = [row for row in active if row.owner == "administrator" and draw(st.booleans())]
    if draw(st.booleans()):
        lasting += [row for row in laid(draw, ["administrator"]) if not any(r.meets(*row[:2]) for r in lasting)]
    return ExcludedPorts(active, sorted(lasting))


wishes = st.builds(
    Wish,
    st.frozensets(st.integers(LOW, HIGH), max_size=12),
    st.sampled_from(["present", "absent", "exactly"]),
    st.sampled_from([PERSISTENT, ACTIVE]),
)


def seen(model: ExcludedPorts) -> Table:
    return Table(
        tuple(Excluded(row.first, row.last, row.owner == "administrator") for row in model.active),
        tuple(Excluded(row.first, row.last, True) for row in model.persistent),
    )


def run(model: ExcludedPorts, commands) -> None:
    for command in commands:
        change = model.add if command.verb == "add" else model.delete
        change(command.first, command.last - command.first + 1, command.store)


def holds(there: Table, wish: Wish) -> bool:
    sides = [there.reserved] + ([there.lasting] if wish.store == PERSISTENT else [])
    if wish.state == "present":
        return all(wish.ports <= side for side in sides)
    if wish.state == "absent":
        return not any(wish.ports & side for side in sides)
    return all(wish.ports == side for side in sides)


@given(windows(), wishes)
def test_after_the_plan_the_wish_holds_and_nothing_else_changed(model, wish):
    before = seen(model)
    todo = plan(before, goal_of(before, wish))
    assume(not todo.blocked)

    run(model, todo.commands)

    after = seen(model)
    assert holds(after, wish)
    assert [row for row in after.active if not row.administered] == [r for r in before.active if not r.administered]
    if wish.state != "exactly":
        assert before.reserved <= (after.reserved | wish.ports) <= (before.reserved | before.lasting | wish.ports)
        assert after.lasting - wish.ports == before.lasting - wish.ports
    if wish.store == ACTIVE:
        assert after.lasting == before.lasting


@given(windows(), wishes)
def test_a_second_plan_is_empty(model, wish):
    before = seen(model)
    todo = plan(before, goal_of(before, wish))
    assume(not todo.blocked)
    run(model, todo.commands)

    assert plan(seen(model), goal_of(seen(model), wish)).steps == ()


@given(windows(), wishes, st.data())
def test_a_cut_between_steps_leaves_each_port_as_it_was_or_as_it_is_to_be(model, wish, data):
    before = seen(model)
    goal = goal_of(before, wish)
    todo = plan(before, goal)
    assume(not todo.blocked and todo.steps)
    for step in todo.steps[: data.draw(st.integers(0, len(todo.steps)))]:
        run(model, step)

    half = seen(model)
    for port in range(LOW, HIGH + 1):
        in_force = {port in before.reserved, port in goal.active, port in goal.persistent & before.lasting}
        assert (port in half.reserved) in in_force
        assert (port in half.lasting) in (port in before.lasting, port in goal.persistent)


@given(windows(), wishes, st.data())
def test_a_cut_anywhere_takes_from_none_but_the_rows_that_are_broken_then(model, wish, data):
    before = seen(model)
    goal = goal_of(before, wish)
    todo = plan(before, goal)
    assume(not todo.blocked and todo.steps)
    step = data.draw(st.sampled_from(todo.steps))
    for earlier in todo.steps[: todo.steps.index(step)]:
        run(model, earlier)
    run(model, step[: data.draw(st.integers(0, len(step)))])

    lost = (before.reserved & goal.active) - seen(model).reserved
    broken = {port for c in step if c.verb == "delete" for port in range(c.first, c.last + 1)}
    assert lost <= broken
    assert lost <= todo.back.active


@given(windows(), wishes)
def test_blocked_is_what_the_model_refuses(model, wish):
    before = seen(model)
    goal = goal_of(before, wish)
    foreign = {port for row in before.active if not row.administered for port in range(row.first, row.last + 1)}

    todo = plan(before, goal)
    try:
        run(model, todo.commands)
    except Refused:
        assert todo.blocked
    else:
        assert not todo.blocked
    for row in todo.blocked:
        assert foreign & set(range(row.first, row.last + 1))
