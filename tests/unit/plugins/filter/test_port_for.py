# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import multiprocessing

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.dockmaster.ports.plugins.doc_fragments._port_for import ModuleDocFragment
from ansible_collections.dockmaster.ports.plugins.filter import port_for as plugin
from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate.ask import DEFAULTS

port_for = plugin.FilterModule().filters()["port_for"]
POLICY = {"bands": {"api": "3000-3099"}}


def test_one_name_and_a_list():
    assert port_for("shop/web", "3000-3099") == 3030
    assert port_for("shop/web", "api", policy=POLICY) == 3030
    assert port_for(["shop/web", "shop/db"], "3000-3099") == {"shop/web": 3030, "shop/db": 3045}


def test_ports_are_a_band_beside_those_of_a_policy_too():
    assert port_for("shop/web", "3000-3099", policy=POLICY) == port_for("shop/web", "3000-3099")


def test_a_registry_resolves_what_hashes_alone_do_not(tmp_path):
    path = str(tmp_path / "r.yml")
    names = [f"n{number}" for number in range(40)]

    alone = [port_for(name, "3000-3099") for name in names]
    kept = [port_for(name, "3000-3099", registry=path) for name in names]

    assert len(set(alone)) < 40 == len(set(kept))
    assert [port_for(name, "3000-3099", registry=path) for name in reversed(names)] == kept[::-1]


def test_an_entry_written_by_hand_holds(tmp_path):
    path = tmp_path / "r.yml"
    path.write_text("ports: {api: {shop/web: 1234}}\n", encoding="utf-8")

    assert port_for("shop/web", "api", policy=POLICY, registry=str(path)) == 1234


def test_nothing_is_written_where_nothing_changes_or_it_is_not_wished(tmp_path):
    path = tmp_path / "r.yml"

    port = port_for("a", "3000-3099", registry=str(path), write=False)
    assert not path.exists() and not list(tmp_path.iterdir())
    assert port_for("a", "3000-3099", registry=str(path)) == port
    before = path.stat()
    assert port_for("a", "3000-3099", registry=str(path)) == port
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_registry_that_is_only_read_needs_no_lock(tmp_path):
    """As in a checkout that may not be written."""
    path = tmp_path / "r.yml"
    path.write_text("ports: {3000-3099: {a: 3001}}\n", encoding="utf-8")

    assert port_for("a", "3000-3099", registry=str(path)) == 3001
    assert [one.name for one in tmp_path.iterdir()] == ["r.yml"]


def test_prune(tmp_path):
    path = tmp_path / "r.yml"
    port_for(["a", "b"], "3000-3099", registry=str(path))
    port_for(["a"], "3000-3099", registry=str(path), prune=True)

    assert list(yaml.safe_load(path.read_text(encoding="utf-8"))["ports"]["3000-3099"]) == ["a"]


def test_words_for_no_are_no(tmp_path):
    path = tmp_path / "r.yml"
    port_for(["a", "b"], "3000-3099", registry=str(path))
    before = path.read_text(encoding="utf-8")

    port_for(["a", "c"], "3000-3099", registry=str(path), prune="true", write="no")
    port_for(["a"], "3000-3099", registry=str(path), prune="false")

    assert path.read_text(encoding="utf-8") == before


def socket(port, **more):
    return {"ip": "0.0.0.0", "protocol": "tcp", "port": port, **more}


def test_what_the_host_has_is_not_given_out_and_one_s_own_is():
    evidence = {"schema": 1, "sockets": [socket(3030, command="nginx", pid=7)], "publications": [], "nat": [],
                "kernel": {"port_range": [3031, 3040]}, "engine": [], "containers": []}  # fmt: skip

    assert port_for("shop/web", "3000-3099", evidence=evidence) == 3041
    evidence["publications"] = [
        {
            "container": "c" * 64,
            "name": "web",
            "by": "shop/web",
            "protocol": "tcp",
            "first": 3030,
            "last": 3030,
            "target": 80,
            "actual": True,
        }
    ]
    evidence["sockets"] = [socket(3030, command="docker-proxy", pid=8)]
    assert port_for("shop/web", "3000-3099", evidence=evidence) == 3030
    assert (
        port_for("other", "3030-3030", evidence={**evidence, "sockets": [], "publications": [], "kernel": None}) == 3030
    )


def test_what_any_of_several_hosts_has_is_not_given_out():
    seen = {"schema": 1, "publications": [], "nat": []}
    evidence = [{**seen, "sockets": [socket(port)]} for port in (3030, 3031)]

    assert port_for("shop/web", "3000-3099", evidence=evidence) == 3032


def test_evidence_is_read_for_new_names_alone(tmp_path):
    path = str(tmp_path / "r.yml")
    port_for("shop/web", "3000-3099", registry=path)

    assert port_for("shop/web", "3000-3099", registry=path, evidence=[{"schema": 7}]) == 3030
    with pytest.raises(AnsibleFilterError, match="the evidence has schema 7"):
        port_for(["shop/web", "shop/db"], "3000-3099", registry=path, evidence=[{"schema": 7}])


def _allocate(path, worker):
    for number in range(10):
        port_for(f"w{worker}/{number}", "3000-3099", registry=path)


def test_many_at_once_get_ports_of_their_own(tmp_path):
    path = str(tmp_path / "r.yml")
    workers = [
        multiprocessing.get_context("fork").Process(target=_allocate, args=(path, worker)) for worker in range(6)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    known = yaml.safe_load((tmp_path / "r.yml").read_text(encoding="utf-8"))["ports"]["3000-3099"]
    assert [worker.exitcode for worker in workers] == [0] * 6
    assert len(known) == len(set(known.values())) == 60


REFUSES = [
    (("a", "api"), {}, "band: 'api' is not a rising range of ports within 1-65535: expected one such as 8000-8999; "
     "a name of a band goes with policy"),
    (("a", "apx"), {"policy": POLICY}, "band: 'apx' is not a rising range of ports within 1-65535: expected one such as "
     "8000-8999; the policy has api"),
    (("a@b", "1-9"), {}, "'a@b' is not a name such as shop/web: expected text without @"),
    (("", "1-9"), {}, "'' is not a name such as shop/web: expected text without @"),
    ((1, "1-9"), {}, "1 is not a name such as shop/web: expected text without @"),
    (("a\n", "1-9"), {}, "'a\\n' is not a name such as shop/web: expected text without @"),
    (("a", "1-9"), {"stack": "x@y"}, "'x@y' is not a name such as shop/web: expected text without @"),
    (("a", "1-9"), {"stack": "x", "block": 0}, "block: 0 is not a number of ports: expected 1 or more"),
    (("a", "1-9"), {"prune": True}, "prune: there is no registry to prune"),
    (("a", "1-9"), {"prune": "perhaps"}, "prune: 'perhaps' is not true or false"),
    (("a", "1-9"), {"write": ["no"]}, "write: ['no'] is not true or false"),
    (("a", "1-9"), {"registry": 5}, "registry: 5 is not a path"),
    (("a", ["1-9"]), {"policy": POLICY}, "band: ['1-9'] is not a rising range of ports within 1-65535: expected one such as "
     "8000-8999; the policy has api"),
    (("a", "1-9"), {"bands": 1}, f"'bands' is not an option: expected {', '.join(DEFAULTS)}"),
    (("a", "1-9"), {"evidence": {"schema": 1}}, "evidence: it does not show what is taken: sockets was not gathered; "
     "publications was not gathered; nat was not gathered"),
]  # fmt: skip


@pytest.mark.parametrize("args, options, message", REFUSES)
def test_refuses(args, options, message):
    with pytest.raises(AnsibleFilterError) as refusal:
        port_for(*args, **options)

    assert str(refusal.value) == f"dockmaster.ports.port_for: {message}"


def test_the_documentation_names_the_options():
    texts = (ModuleDocFragment.DOCUMENTATION, plugin.DOCUMENTATION)

    assert {option for text in texts for option in yaml.safe_load(text)["options"]} - {"_input"} == set(DEFAULTS)
