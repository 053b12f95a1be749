# SPDX-License-Identifier: GPL-3.0-or-later
"""On the controller: evidence documents of 200 sockets and 50 published ports each, as they come from a fact cache, and
ten wants for each; parsed, loaded, judged by every cause and made plain, one after the other, on one core. Seconds of
processor time, of three pairs: half of the documents, then all of them. The growth is told by the fastest of each: a
machine that is slower for a while would be taken for it.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
import typing as t
from pathlib import Path

from tests.bench.results import Row

NAME = "Filter diagnose on the controller"

_DOCUMENTS = 1000
_SECONDS = 20.0
_GROWTH = 2.1
_PAIRS = 3
_WANTS = (
    "8080:80", "9000:80", "1005:1", "8010:1", "127.0.0.1:8011:1", "40000:1", "80:80/udp", "9100-9110:80",
    "9200-9210:9200-9210", "53:53/udp",
)  # fmt: skip


def run(slow: bool) -> t.Iterator[Row]:
    sys.path[:0] = [str(path) for path in [_collections()] if path]
    document = json.dumps(_document())
    _judge(document, 20)
    pairs = [(_judge(document, _DOCUMENTS // 2), _judge(document, _DOCUMENTS)) for _turn in range(_PAIRS)]
    half, whole = zip(*pairs, strict=True)
    growth = min(whole) / min(half)
    yield Row(
        f"{_DOCUMENTS:,} documents, {len(_WANTS)} wants each",
        f"{statistics.median(whole):.1f} s ({min(whole):.1f}–{max(whole):.1f})",
        f"under {_SECONDS:.0f} s",
        statistics.median(whole) < _SECONDS,
    )
    yield Row(
        "twice the documents",
        f"{growth:.2f} times the time (fastest of {_PAIRS})",
        f"at most {_GROWTH} times",
        growth <= _GROWTH,
    )


def _collections() -> Path | None:
    first = os.environ.get("ANSIBLE_COLLECTIONS_PATH", "").split(os.pathsep)[0]
    return Path(first) if first else None


def _judge(document: str, count: int) -> float:
    from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
    from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import diagnose
    from ansible_collections.dockmaster.ports.plugins.module_utils._core.load import load
    from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
    from ansible_collections.dockmaster.ports.plugins.module_utils._core.result import as_plain

    start = time.process_time()
    for _turn in range(count):
        result = as_plain(diagnose(load(json.loads(document)), wants_of(_WANTS, "shop/new"), CAUSES))
        if [want["verdict"] for want in result["wants"]].count("blocked") != 3:
            raise AssertionError(f"not what the document says: {result['msg']}")
    return time.process_time() - start


def _document() -> dict[str, t.Any]:
    endpoint = "unix:///var/run/docker.sock"
    ids = [f"{i:064x}" for i in range(50)]
    chains = ["nat/DOCKER", "filter/DOCKER", "filter/DOCKER-USER"]
    stages = ["filter/DOCKER-ISOLATION-STAGE-1", "filter/DOCKER-ISOLATION-STAGE-2"]
    jumps = ["nat/PREROUTING > DOCKER", "nat/OUTPUT > DOCKER", "filter/FORWARD > DOCKER-USER"]
    rulesets = [
        {
            "backend": "iptables-nft", "family": "ip", "chains": chains + stages, "docker_rules": 60, "rules": 90,
            "jumps": [*jumps, "filter/FORWARD > DOCKER-ISOLATION-STAGE-1"],
        },
        {"backend": "iptables-legacy", "family": "ip"},
    ]  # fmt: skip
    return {
        "schema": 1,
        "focus": ["1-65535"],
        "clients": [],
        "units": [],
        "engine": [{"endpoint": endpoint, "version": "20.10.24"}],
        "kernel": {"port_range": [32768, 60999], "addresses": [{"ip": "192.0.2.1", "prefix": 24}], "ipv6": True},
        "firewall": {"rulesets": rulesets},
        "sockets": [
            *[_socket(1000 + i, f"app{i}", f"app{i}.service") for i in range(150)],
            *[_socket(8000 + i, "docker-proxy", "docker.service") for i in range(50)],
        ],
        "containers": [
            {"id": one, "name": f"c{i}", "engine": endpoint, "addresses": [f"172.17.0.{i + 2}"]}
            for i, one in enumerate(ids)
        ],
        "endpoints": [
            {
                "network": "bridge",
                "bridge": "docker0",
                "subnet": "172.17.0.0/16",
                "container": one,
                "name": f"c{i}",
                "ip": f"172.17.0.{i + 2}",
                "engine": endpoint,
            }
            for i, one in enumerate(ids)
        ],
        "publications": [
            {
                "container": one,
                "name": f"c{i}",
                "by": f"c{i}",
                "protocol": "tcp",
                "first": 8000 + i,
                "last": 8000 + i,
                "target": 80,
                "ip": "0.0.0.0",
                "actual": True,
                "engine": endpoint,
            }
            for i, one in enumerate(ids)
        ],
        "nat": [
            {
                "backend": "iptables-nft",
                "family": "ip",
                "table": "nat",
                "chain": "DOCKER",
                "position": i + 2,
                "text": f"-A DOCKER ! -i docker0 -p tcp -m tcp --dport {8000 + i} -j DNAT",
                "action": "dnat",
                "protocol": "tcp",
                "first": 8000 + i,
                "last": 8000 + i,
                "not_in_interface": "docker0",
                "to_ip": f"172.17.0.{i + 2}",
                "to_first": 80,
                "to_last": 80,
                "hooks": ["prerouting", "output"],
                "local_only": True,
                "owner": "docker",
            }
            for i in range(50)
        ],
    }


def _socket(port: int, command: str, unit: str) -> dict[str, t.Any]:
    return {
        "ip": "0.0.0.0", "protocol": "tcp", "port": port, "pid": port, "started": port / 10, "command": command,
        "unit": unit, "uid": 0, "inode": port,
    }  # fmt: skip
