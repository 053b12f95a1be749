# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
import yaml
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar

from ansible_collections.dockmaster.ports.plugins.doc_fragments._port_for import ModuleDocFragment
from ansible_collections.dockmaster.ports.plugins.lookup import port_for as plugin
from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate.ask import DEFAULTS


def lookup(terms, variables, **options):
    found = plugin.LookupModule(loader=DataLoader(), templar=Templar(loader=DataLoader(), variables=variables))
    found._load_name = "dockmaster.ports.port_for"
    found.set_options = lambda var_options, direct: setattr(found, "told", {**DEFAULTS, **direct})
    found.get_option = lambda name: found.told[name]
    return found.run(terms, variables, **options)


def test_the_inventory_s_own_registry_and_policy(tmp_path):
    variables = {"inventory_dir": str(tmp_path), "port_policy": {"bands": {"api": "3000-3099"}}}

    assert lookup(["shop/web", "shop/db"], variables, band="api") == [3030, 3045]
    assert yaml.safe_load((tmp_path / "port_registry.yml").read_text(encoding="utf-8")) == {
        "ports": {"api": {"shop/web": 3030, "shop/db": 3045}}
    }


def test_check_mode_writes_nothing(tmp_path):
    assert lookup(["shop/web"], {"inventory_dir": str(tmp_path), "ansible_check_mode": True}, band="3000-3099") == [
        3030
    ]
    assert list(tmp_path.iterdir()) == []


def test_told_registry_and_policy_win(tmp_path):
    variables = {"inventory_dir": "/nowhere", "port_policy": {"bands": {}}}
    policy = {"bands": {"api": "3000-3099"}}

    assert lookup(["shop/web"], variables, band="api", policy=policy, registry=str(tmp_path / "r.yml")) == [3030]
    assert (tmp_path / "r.yml").exists()


@pytest.mark.parametrize(
    "variables, message",
    [
        ({}, "registry: the inventory is no file, so name a registry"),
        ({"inventory_dir": None}, "registry: the inventory is no file, so name a registry"),
        ({"inventory_dir": "/nowhere"}, "/nowhere/.port_registry.yml.lock: No such file or directory"),
    ],
)
def test_refuses(variables, message):
    with pytest.raises(AnsibleLookupError) as refusal:
        lookup(["a"], variables, band="1-9")

    assert str(refusal.value) == message


def test_an_option_that_there_is_not_is_refused(tmp_path):
    with pytest.raises(AnsibleLookupError) as refusal:
        lookup(["a"], {"inventory_dir": str(tmp_path)}, band="1-9", stak="x")

    assert str(refusal.value) == f"'stak' is not an option: expected {', '.join(DEFAULTS)}"


def test_the_documentation_names_the_options():
    assert lookup_loader is not None
    texts = (ModuleDocFragment.DOCUMENTATION, plugin.DOCUMENTATION)

    assert {option for text in texts for option in yaml.safe_load(text)["options"]} - {"_terms"} == set(DEFAULTS)
