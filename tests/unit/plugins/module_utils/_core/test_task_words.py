# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers and services in the words of the tasks that start them."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import PublishError, wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.task_words import LISTS

hypothesis = pytest.importorskip("hypothesis")
given, st = hypothesis.given, hypothesis.strategies

CONTAINER = {"name": "shop", "image": "shop:2", "env": {"A": "b"}, "restart_policy": "always"}
SERVICE = {"name": "metrics", "image": "metrics:1", "replicas": 2}

READS = [
    # entry, (who, binding) of each want
    ({**CONTAINER, "published_ports": ["8080:80", "127.0.0.1:9000-9001:9000-9001/udp"]},
     [("shop", "*:8080/tcp"), ("shop", "127.0.0.1:9000-9001/udp")]),
    ({**CONTAINER, "published_ports": "8080:80"}, [("shop", "*:8080/tcp")]),
    ({**CONTAINER, "published_ports": [80]}, [("shop", "*:0/tcp")]),
    ({"published_ports": ["8080:80"]}, [("play", "*:8080/tcp")]),
    ({**CONTAINER, "published_ports": []}, []),
    ({**CONTAINER, "published_ports": None}, []),
    ({**CONTAINER, "published_ports": ["8080:80"], "network_mode": "host"}, []),
    ({**CONTAINER, "published_ports": ["8080:80"], "network_mode": "none"}, []),
    ({**CONTAINER, "published_ports": ["8080:80"], "network_mode": "shop_default"}, [("shop", "*:8080/tcp")]),
    ({**CONTAINER, "published_ports": [], "network_mode": "container:db"}, []),
    ({**CONTAINER, "published_ports": ["8080:80"], "network_mode": "container:db", "state": "absent"}, []),
    ({**CONTAINER, "published_ports": ["8080:80"], "state": "absent"}, []),
    ({**CONTAINER, "published_ports": ["8080:80"], "state": "stopped"}, []),
    ({**CONTAINER, "published_ports": ["8080:80"], "state": "healthy"}, [("shop", "*:8080/tcp")]),
    ({**CONTAINER, "published_ports": ["8080:80", "80", "0.0.0.0:81:81", "[::1]:82:82"], "default_host_ip": "127.0.0.1"},
     [("shop", "127.0.0.1:8080/tcp"), ("shop", "127.0.0.1:0/tcp"), ("shop", "0.0.0.0:81/tcp"), ("shop", "[::1]:82/tcp")]),
    ({**CONTAINER, "published_ports": ["8080:80"], "default_host_ip": "::1"}, [("shop", "[::1]:8080/tcp")]),
    ({**CONTAINER, "published_ports": ["8080:80"], "default_host_ip": ""}, [("shop", "*:8080/tcp")]),
    ({**SERVICE, "publish": [{"published_port": 9100, "target_port": 9100, "mode": "host"}, {"target_port": 80}]},
     [("metrics", "*:9100/tcp"), ("metrics", "*:0/tcp")]),
    ({**SERVICE, "publish": [{"published_port": 53, "target_port": 53, "protocol": "udp"}], "state": "absent"}, []),
    ({"name": "pod", "ports": ["8080:80"]}, [("pod", "*:8080/tcp")]),
    # one published port in Compose's long form, which may have a name as well
    ({"name": "http", "target": 80, "published": "8080"}, [("play", "*:8080/tcp")]),
]  # fmt: skip


@pytest.mark.parametrize("entry, wants", READS)
def test_reads(entry, wants):
    assert [(want.by, str(want.binding)) for want in wants_of([entry], "play")] == wants


def test_all_that_a_play_is_about_to_start():
    publish = [
        {**CONTAINER, "published_ports": ["8080:80"]},
        {**SERVICE, "publish": [{"published_port": 9100, "target_port": 9100, "mode": "host"}]},
        "9000:9000",
        {"publish": "9001:9001", "by": "blog/web", "replica": 2},
    ]

    assert [(want.by, want.publish, want.mode, want.replica) for want in wants_of(publish, "play")] == [
        ("shop", "8080:80", "", 1),
        ("metrics", "published=9100,target=9100,protocol=tcp,mode=host", "host", 1),
        ("play", "9000:9000", "", 1),
        ("blog/web", "9001:9001", "", 2),
    ]


@pytest.mark.parametrize(
    "entry, message",
    [
        (
            {"name": "shop", "published_ports": ["8080:80", "all"]},
            "shop: published_ports: 'all' names no port: expected those that are published, such as 8080:80",
        ),
        (
            {"name": "shop", "published_ports": ["90-80"]},
            "shop: '90-80' is not a port or a rising range of ports within 1-65535: it is the container port of "
            "'90-80', expected one such as 8080 or 8000-8010",
        ),
        (
            {"name": "shop", "published_ports": [1342]},
            'shop: 1342 is 22:22 as YAML reads it without quotes, in base 60: write "22:22" in quotes, or "1342" in '
            "quotes if container port 1342 is meant",
        ),
        ({"name": 5, "published_ports": ["80"]}, "5 (int) is not text: it is name, expected one such as shop"),
        (
            {"name": "shop", "published_ports": 1.5},
            "shop: published_ports: 1.5 is not a list of published ports: expected one such as 8080:80",
        ),
        (
            {"name": "shop", "published_ports": ["80"], "ports": ["81"]},
            "shop: ports says again what published_ports says: expected one of the two",
        ),
        (
            {"name": "shop", "published_ports": ["80:80"], "network_mode": "container:db"},
            "shop: published_ports: a container in the network of another one, 'container:db', cannot publish ports: "
            "publish them on db",
        ),
        (
            {"name": "shop", "published_ports": ["80"], "default_host_ip": 5},
            "shop: default_host_ip: 5 is not an address such as 127.0.0.1",
        ),
    ],
)
def test_refuses(entry, message):
    with pytest.raises(PublishError) as refusal:
        wants_of([entry])

    assert str(refusal.value) == message


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["80:80", "::1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from([*LISTS, "name", "by", "state", "network_mode", "default_host_ip", "image"])


@given(st.dictionaries(KEYS, ANYTHING, max_size=6))
def test_whatever_a_task_says_is_wants_or_refused(entry):
    try:
        wants = wants_of([entry])
    except PublishError as exc:
        assert str(exc)
    else:
        assert all(want.by == entry.get("name", want.by) for want in wants)
