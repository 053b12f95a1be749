# SPDX-License-Identifier: GPL-3.0-or-later
"""Which steps a plan has, in which order, for which findings; and why findings are left."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import diagnose
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.result import as_plain
from ansible_collections.dockmaster.ports.plugins.plugin_utils._remediate.catalogue import BY_ID, REMEDIES
from ansible_collections.dockmaster.ports.plugins.plugin_utils._remediate.plan import (
    NO_SELECTION,
    PlanError,
    key_of,
    plan,
)
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import NGINX, PYTHON, host

ALL = tuple(BY_ID)


def finding(cause="unit", *remedies, by="shop/web", port=80, holder=None, summary=""):
    """A finding as port_check has it. remedies: ids, or (id, params)."""
    named = [(one, {}) if isinstance(one, str) else one for one in remedies]
    return {
        "cause": cause,
        "consequence": "blocked",
        "summary": summary or f"{by} wants *:{port}/tcp, but {cause}",
        "want": {"publish": f"{port}:80", "binding": f"*:{port}/tcp", "by": by, "choice": "all"},
        "holder": {
            "kind": cause, "name": "n", "id": "", "by": "", "pid": 5, "started": 1.5, "detail": "", "title": "n",
            **(holder or {}),
        },
        "overlap": f"*:{port}/tcp",
        "remedies": [{"id": name, "summary": f"do {name}", "disrupts": "", "params": params} for name, params in named],
    }  # fmt: skip


def steps(findings, allow=ALL, chores=None):
    return [(step.remedy, step.params, len(step.about)) for step in plan(findings, allow, chores).steps]


def left(findings, allow=ALL):
    return [(one.summary, one.why) for one in plan(findings, allow).left]


RULE = {"backend": "iptables-nft", "family": "ip", "table": "nat", "chain": "DOCKER", "text": "-A DOCKER 1"}
OTHER = {**RULE, "text": "-A DOCKER 2"}
UNIT = ("stop_unit", {"unit": "nginx.service"})
PROCESS = ("stop_process", {"pid": 5, "started": 1.5})
RESTART = "restart_engine"
MOVE = {"publish": "80:80", "by": "shop/web"}
STEPS = [
    # name, findings, allowed, (remedy, params, how many findings)
    ("nothing", [], ALL, []),
    ("the gentlest of all", [finding("unit", "move_want", UNIT)], ALL, [("move_want", MOVE, 1)]),
    ("the gentlest that is allowed", [finding("unit", "move_want", UNIT)], ["stop_unit"], [(*UNIT, 1)]),
    ("one that is seen twice", [finding("unit", UNIT)] * 2, ALL, [(*UNIT, 1)]),
    ("a unit with two ports", [finding("unit", UNIT), finding("unit", UNIT, port=443)], ALL, [(*UNIT, 2)]),
    (
        "two units",
        [finding("unit", UNIT), finding("unit", ("stop_unit", {"unit": "b"}), holder={"name": "b"})],
        ALL,
        [(*UNIT, 1), ("stop_unit", {"unit": "b"}, 1)],
    ),
    (
        "two processes of one number, one after the other",
        [
            finding("process", PROCESS),
            finding("process", ("stop_process", {"pid": 5, "started": 9.0}), holder={"started": 9.0}),
        ],
        ALL,
        [(*PROCESS, 1), ("stop_process", {"pid": 5, "started": 9.0}, 1)],
    ),
    (
        "two processes that began together",
        [
            finding("process", PROCESS),
            finding("process", ("stop_process", {"pid": 6, "started": 1.5}), port=81, holder={"pid": 6}),
        ],
        ALL,
        [(*PROCESS, 1), ("stop_process", {"pid": 6, "started": 1.5}, 1)],
    ),
    (
        "a restart once a host",
        [finding("chains_missing", RESTART), finding("ghost_endpoint", RESTART, port=81)],
        ALL,
        [(RESTART, {}, 2)],
    ),
    (
        "the restart last, the rest in the order of the findings",
        [
            finding("chains_missing", RESTART),
            finding("unit", UNIT, port=81),
            finding("process", PROCESS, port=82),
            finding("nat_rule", ("remove_orphan_rules", {"rules": [RULE]}), port=83),
        ],
        ALL,
        [("remove_orphan_rules", {"rules": [RULE]}, 1), (*PROCESS, 1), (*UNIT, 1), (RESTART, {}, 1)],
    ),
    (
        "rules are joined",
        [
            finding("nat_rule", ("remove_orphan_rules", {"rules": [RULE]})),
            finding("nat_rule", ("remove_orphan_rules", {"rules": [OTHER]}), port=81),
            finding("nat_rule", ("remove_orphan_rules", {"rules": [RULE]}), port=82),
        ],
        ALL,
        [("remove_orphan_rules", {"rules": [RULE, OTHER]}, 3)],
    ),
    (
        "ports are joined, and one is not twice",
        [
            finding("ephemeral", ("reserve_port", {"ports": ["40000"]}), port=40000),
            finding("ephemeral", ("reserve_port", {"ports": ["40000", "40001"]}), port=40001),
        ],
        ALL,
        [("reserve_port", {"ports": ["40000", "40001"]}, 2)],
    ),
    (
        "the lowest port",
        [
            finding("privileged_port", ("lower_unprivileged_port", {"start": 443}), port=443),
            finding("privileged_port", ("lower_unprivileged_port", {"start": 80})),
        ],
        ALL,
        [("lower_unprivileged_port", {"start": 80}, 2)],
    ),
    (
        "a want with two in its way moves once",
        [finding("unit", "move_want", UNIT), finding("process", "move_want")],
        ALL,
        [("move_want", MOVE, 2)],
    ),
    (
        "two wants move each",
        [finding("unit", "move_want"), finding("unit", "move_want", by="shop/db")],
        ALL,
        [("move_want", MOVE, 1), ("move_want", {**MOVE, "by": "shop/db"}, 1)],
    ),
]


@pytest.mark.parametrize("findings, allow, expected", [row[1:] for row in STEPS], ids=[row[0] for row in STEPS])
def test_steps(findings, allow, expected):
    assert steps(findings, allow) == expected


SAID = "shop/web wants *:80/tcp, but unit"
LEFT = [
    (finding("unit", UNIT), [], "stop_unit is not in remediate_allow"),
    (finding("unit", "move_want", UNIT), ["stop_process"], "none of move_want, stop_unit is in remediate_allow"),
    (finding("unit", "fix_address"), ALL, "that is for people to do: do fix_address"),
    (finding("unit", "fix_address", "upgrade_engine"), ALL, "that is for people to do: do fix_address, or: do upgrade_engine"),
    (finding("unit", "fix_address", UNIT), [], "stop_unit is not in remediate_allow"),
    (finding("unit"), ALL, "there is no remedy for it"),
]  # fmt: skip


@pytest.mark.parametrize("found, allow, why", LEFT)
def test_left(found, allow, why):
    assert left([found, found], allow) == [(SAID, why)]
    assert steps([found], allow) == []


CHORES = {"remove_stale_containers": {"older_than": "30d", "project": None}, "prune_networks": {}}


@pytest.mark.parametrize(
    "allow, expected",
    [
        ([], []),
        (["prune_networks"], [("prune_networks", "remove networks that no container uses")]),
        (
            ALL,
            [
                ("prune_networks", "remove networks that no container uses"),
                ("remove_stale_containers", "remove containers that do not run (older_than 30d)"),
            ],
        ),
    ],
)
def test_chores_are_done_if_allowed(allow, expected):
    assert [(step.remedy, step.summary) for step in plan([], allow, CHORES).steps] == expected


def test_a_chore_that_selects_nothing_is_left():
    planned = plan([], ALL, {"remove_stale_containers": {"older_than": "", "labels": []}})

    assert planned.steps == ()
    assert [(one.summary, one.why) for one in planned.left] == [("remove_stale_containers", NO_SELECTION)]


def test_an_unknown_remedy_is_an_error():
    with pytest.raises(
        PlanError, match=r"^stop_world: no such remedy; there are wait, reserve_port, restore_dynamic_range, "
    ):
        plan([], ["stop_unit", "stop_world"])


SAME = [
    # cause, the holder before and after, whether it is the same
    ("process", {"pid": 5, "started": 1.0}, {"pid": 5, "started": 1.0, "title": "x"}, True),
    ("process", {"pid": 5, "started": 1.0}, {"pid": 5, "started": 2.0}, False),
    ("proxy", {"pid": 5}, {"pid": 6}, False),
    ("unit", {"id": "a.service", "pid": 5}, {"id": "a.service", "pid": 6}, True),
    ("unit", {"id": "a.service"}, {"id": "b.service"}, False),
    ("container", {"id": "a", "detail": "running"}, {"id": "a", "detail": "paused"}, True),
    ("container", {"id": "a"}, {"id": "b"}, False),
    ("orphan_rule", {"id": "-A DOCKER", "detail": "iptables-nft"}, {"id": "-A DOCKER", "detail": "nft"}, False),
    ("endpoint", {"detail": "172.17.0.2"}, {"detail": "172.17.0.3"}, False),
]


@pytest.mark.parametrize("kind, before, after, same", SAME)
def test_the_very_same_holder(kind, before, after, same):
    one, other = finding(kind, holder=before), finding(kind, holder=after, summary="in other words")

    assert (key_of(one) == key_of(other)) is same


def test_another_want_is_another_finding():
    keys = {key_of(finding("unit", by=by, port=port)) for by, port in itertools.product(("a", "b"), (80, 81))}

    assert len(keys) == 4


def test_of_a_real_diagnosis():
    evidence = host(sockets=(NGINX, replace(NGINX, port=443), PYTHON))
    found = as_plain(diagnose(evidence, wants_of(["80:80", "443:443", "8080:80"], "shop/web"), CAUSES))

    planned = plan(found["findings"], ["stop_unit"])

    assert [(step.remedy, step.params, step.disrupts, step.why) for step in planned.steps] == [
        (
            "stop_unit",
            {"unit": "nginx.service"},
            "nginx.service stops",
            (
                "shop/web wants *:80/tcp, but nginx.service (pid 812) has 0.0.0.0:80/tcp",
                "shop/web wants *:443/tcp, but nginx.service (pid 812) has 0.0.0.0:443/tcp",
            ),
        )
    ]
    assert [(one.summary, one.why) for one in planned.left] == [
        (
            "shop/web wants *:8080/tcp, but python3 (pid 4711) has 127.0.0.1:8080/tcp",
            "none of move_want, stop_process is in remediate_allow",
        )
    ]


@given(
    st.lists(
        st.builds(
            lambda names, port: finding("unit", *names, port=port),
            st.lists(st.sampled_from(["move_want", "stop_unit", "restart_engine", "fix_address"]), unique=True),
            st.integers(1, 5),
        )
    ),
    st.sets(st.sampled_from([kind.id for kind in REMEDIES])),
)
def test_each_finding_is_in_one_step_or_left_and_nothing_else_is_taken(findings, allow):
    planned = plan(findings, allow)
    stepped = [key for step in planned.steps for key in step.about]

    assert len(stepped) == len(set(stepped))
    assert len(stepped) + len(planned.left) == len({key_of(one) for one in findings})
    assert {step.remedy for step in planned.steps} <= allow
