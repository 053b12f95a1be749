# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.dockmaster.ports.plugins.filter import compose_wants as plugin
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of

compose_wants = plugin.FilterModule().filters()["compose_wants"]

COMPOSE = """
services:
  web: {image: x, ports: ["${PORT:-8080}:80", "22:22"], deploy: {replicas: 2}}
  db: {image: x, ports: ["127.0.0.1:5432:5432"], profiles: [data]}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "compose.yaml").write_text(COMPOSE, encoding="utf-8")
    (tmp_path / "shop" / "live.env").write_text("PORT=81", encoding="utf-8")
    return str(tmp_path / "shop")


def published(*args, **options):
    return [(want["by"], want["publish"], want.get("replica")) for want in compose_wants(*args, **options)]


def test_every_way_to_name_a_project(folder):
    expected = [
        ("shop/web", "8080:80", 1),
        ("shop/web", "22:22", 1),
        ("shop/web", "8080:80", 2),
        ("shop/web", "22:22", 2),
    ]

    assert published([], folder) == expected
    assert published(f"{folder}/compose.yaml") == expected
    assert published([f"{folder}/compose.yaml"]) == expected
    assert published(["compose.yaml"], folder) == expected
    assert published(yaml.safe_load(COMPOSE), folder) == expected


def test_options(folder):
    found = published([], folder, env_files=["live.env"], profiles=["data"], project_name="other")
    assert [found[0], found[1]] == [("other/db", "127.0.0.1:5432:5432", None), ("other/web", "81:80", 1)]
    assert published([], folder, environment={"PORT": 82})[0] == ("shop/web", "82:80", 1)


def test_what_it_returns_is_what_port_check_takes(folder):
    wants = wants_of(compose_wants([], folder))

    assert [(want.by, want.publish, want.replica) for want in wants] == published([], folder)


@pytest.mark.parametrize(
    "args, options, message",
    [
        (([],), {}, "no project_dir and no file with an absolute path: expected one such as /srv/shop/compose.yaml"),
        ((1,), {}, "files: 1 is not a list of texts"),
        (([1],), {}, "files: [1] is not a list of texts"),
        (([], "/nowhere"), {"profile": "x"}, "'profile' is not an option: expected env_files, profiles, project_name, environment"),
        (([], "/nowhere"), {"environment": "A=1"}, "environment: 'A=1' is not a mapping of variables"),
        (([], 1), {}, "project_dir: 1 is not text"),
        (({"services": {"web": {"ports": [1342]}}}, "/srv/shop"), {}, "/srv/shop/definition: service web: ports: 1342 is 22:22 "
         'as YAML reads it without quotes, in base 60: write "22:22" in quotes, or "1342" in quotes if container port 1342 '
         "is meant"),
    ],
)  # fmt: skip
def test_refuses(args, options, message):
    with pytest.raises(AnsibleFilterError) as refusal:
        compose_wants(*args, **options)

    assert str(refusal.value) == f"dockmaster.ports.compose_wants: {message}"


def test_the_documentation_names_its_options():
    documented = yaml.safe_load(plugin.DOCUMENTATION)["options"]

    assert set(documented) == {"_input", "project_dir", *plugin.OPTIONS}
