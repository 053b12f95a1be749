# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os

import pytest

from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate import registry_file
from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate.registry import Registry, RegistryError

REGISTRY = Registry(
    {"web": {"yes": 443}, "api": {"shop/web": 3007, "blog/api": 3011}}, {"api": {"feature-x": (3020, 3029)}}
)


def test_a_file_that_is_not_there_is_empty(tmp_path):
    assert registry_file.read(str(tmp_path / "no.yml")) == Registry()


def test_a_file_is_replaced_as_a_whole_and_keeps_its_mode(tmp_path):
    path = tmp_path / "r.yml"
    path.write_text("ports: {api: {a: 1}}\n", encoding="utf-8")
    path.chmod(0o640)
    before = os.stat(path).st_ino

    assert registry_file.read(str(path)).ports == {"api": {"a": 1}}
    registry_file.write(str(path), REGISTRY)

    assert registry_file.read(str(path)) == REGISTRY
    assert path.read_text(encoding="utf-8") == REGISTRY.text()
    assert path.stat().st_mode & 0o777 == 0o640 and path.stat().st_ino != before
    assert [one.name for one in tmp_path.iterdir()] == ["r.yml"]


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_one_and_leads_to_what_is_written(there, tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "link.yml").symlink_to("shared/r.yml")
    if there:
        (tmp_path / "shared/r.yml").write_text("ports: {api: {a: 1}}\n", encoding="utf-8")

    with registry_file.locked(str(tmp_path / "link.yml")):
        registry_file.write(str(tmp_path / "link.yml"), REGISTRY)

    assert os.readlink(tmp_path / "link.yml") == "shared/r.yml"
    assert registry_file.read(str(tmp_path / "shared/r.yml")) == REGISTRY
    assert sorted(one.name for one in (tmp_path / "shared").iterdir()) == [".r.yml.lock", "r.yml"]


def test_a_file_keeps_its_owner(tmp_path):
    path = tmp_path / "r.yml"
    path.write_text("", encoding="utf-8")
    owner = (12345, 54321) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    os.chown(path, *owner)

    registry_file.write(str(path), REGISTRY)

    assert (path.stat().st_uid, path.stat().st_gid) == owner


def test_a_file_changed_by_hand_is_read_again(tmp_path):
    path = tmp_path / "r.yml"
    for port in (1, 22, 333):
        path.write_text(f"ports: {{api: {{a: {port}}}}}\n", encoding="utf-8")
        assert registry_file.read(str(path)).ports["api"]["a"] == port


@pytest.mark.parametrize("act", [registry_file.read, lambda path: registry_file.write(path, REGISTRY)])
def test_what_the_file_system_refuses_is_told(act, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(RegistryError, match=r"file/r.yml: Not a directory$"):
        act(str(tmp_path / "file" / "r.yml"))


def test_a_lock_needs_a_directory(tmp_path):
    with (
        pytest.raises(RegistryError, match="No such file or directory"),
        registry_file.locked(str(tmp_path / "no" / "r.yml")),
    ):
        pass


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "r.yml").write_bytes(b"\xff")

    with pytest.raises(RegistryError, match=r"r.yml: byte 0 is not UTF-8$"):
        registry_file.read(str(tmp_path / "r.yml"))
