# SPDX-License-Identifier: GPL-3.0-or-later
"""A task's options, and a project whose files lie on the target."""

from __future__ import annotations

import base64
import fnmatch

import pytest

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.on_target import Target
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.project import Request, project_of
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.task import projects_taken, taken, wants_of_task

COMPOSE = "services: {web: {image: x, ports: ['$A:80']}}"


class Machine:
    """Runs find and slurp on files that it holds, as a target would, and remembers what it was asked."""

    def __init__(self, files):
        self.files = files
        self.asked = []

    def __call__(self, name, arguments):
        self.asked.append(name.rpartition(".")[2])
        if name == "ansible.builtin.find":
            [folder] = arguments["paths"]
            return {"files": [
                {"path": path, "isreg": True}
                for path in self.files
                if path.rpartition("/")[0] == folder
                and any(fnmatch.fnmatchcase(path.rpartition("/")[2], pattern) for pattern in arguments["patterns"])
            ]}  # fmt: skip
        content = self.files[arguments["src"]]
        if content is None:
            return {"failed": True, "msg": "file is not readable"}
        return {"content": base64.b64encode(content.encode()).decode()}


def test_a_project_is_fetched_in_few_round_trips():
    machine = Machine({"/srv/shop/compose.yaml": COMPOSE, "/srv/shop/.env": "A=8080", "/srv/shop/x": "no matter"})

    project = project_of(Request(folder="/srv/shop"), Target(machine))

    assert project.services["web"]["ports"][0].host == (8080, 8080)
    assert machine.asked == ["find", "slurp", "slurp"]


def test_files_of_any_name_are_fetched():
    machine = Machine({"/srv/shop/my[1].yaml": COMPOSE, "/srv/shop/my1.yaml": "no: 1", "/srv/shop/a.env": "A=1"})
    request = Request(files=("my[1].yaml",), folder="/srv/shop", env_files=("a.env",))

    assert project_of(request, Target(machine)).services["web"]["ports"][0].host == (1, 1)


def test_what_the_target_refuses_is_told():
    with pytest.raises(ComposeError, match=r"^/srv/shop/compose.yaml: file is not readable$"):
        project_of(Request(folder="/srv/shop"), Target(Machine({"/srv/shop/compose.yaml": None})))

    with pytest.raises(ComposeError, match=r"^/srv/shop: no find here$"):
        project_of(
            Request(folder="/srv/shop"), Target(lambda _name, _arguments: {"failed": True, "msg": "no find here"})
        )


@pytest.mark.parametrize("reason", ["[Errno 13] Permission denied: '/srv/shop'", "[Errno 1] Operation not permitted"])
def test_a_folder_that_may_not_be_read_is_not_an_empty_one(reason):
    found = {"files": [], "skipped_paths": {"/srv/shop": reason}}

    with pytest.raises(ComposeError, match=r"^/srv/shop: permission denied; read it with become: true$"):
        project_of(Request(folder="/srv/shop"), Target(lambda _name, _arguments: found))


def test_a_folder_that_is_not_there_has_no_files():
    found = {"files": [], "skipped_paths": {"/srv/shop": "'/srv/shop' is not a directory"}}

    with pytest.raises(ComposeError, match=r"^/srv/shop: there is no Compose file: "):
        project_of(Request(folder="/srv/shop"), Target(lambda _name, _arguments: found))


def options(**given):
    args = {"by": "shop", **given}
    found = taken(args)
    assert args == {"by": "shop"}
    return found


def nowhere(_name, _arguments):
    raise AssertionError("nothing is asked of the target")


def test_a_task_without_a_project_wants_nothing():
    assert wants_of_task(options(), {}, str, nowhere).wants == ()


def test_relative_paths_are_the_playbook_s(tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "compose.yaml").write_text(COMPOSE, encoding="utf-8")

    def place(path):
        return str(tmp_path / path)

    for given in (
        {"project_dir": "shop"},
        {"compose_files": "shop/compose.yaml"},
        {"compose_files": ["compose.yaml"], "project_dir": "shop"},
    ):
        found = wants_of_task(options(**given), {"A": 8080}, place, nowhere)
        assert found.wants == ({"publish": "8080:80", "by": "shop/web"},)


def test_files_of_the_target_are_asked_of_it():
    machine = Machine({"/srv/shop/compose.yaml": COMPOSE})

    found = wants_of_task(options(project_dir="/srv/shop", remote_src="yes"), {"A": "1"}, nowhere, machine)

    assert found.wants == ({"publish": "1:80", "by": "shop/web"},)


@pytest.mark.parametrize(
    "given, message",
    [
        ({"profiles": ["a"]}, "profiles goes with compose_files or project_dir, and neither is set"),
        ({"remote_src": True}, "remote_src goes with compose_files or project_dir, and neither is set"),
        (
            {"project_dir": "shop", "remote_src": True},
            "'shop' is not an absolute path: expected a project_dir such as /srv/shop",
        ),
    ],
)
def test_refuses(given, message):
    with pytest.raises(ComposeError) as refusal:
        wants_of_task(options(**given), {}, str, nowhere)

    assert str(refusal.value) == message


def test_refuses_wrong_types():
    with pytest.raises(ComposeError, match="remote_src"):
        taken({"remote_src": "perhaps"})


def test_several_projects(tmp_path):
    for name in ("shop", "blog"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "compose.yaml").write_text(COMPOSE, encoding="utf-8")
    args = {
        "by": "x",
        "project_dir": str(tmp_path / "shop"),
        "projects": [
            {"project_src": str(tmp_path / "blog"), "environment": {"A": "2"}},
            {"files": [str(tmp_path / "shop/compose.yaml")], "project_name": "other"},
            {"definition": {"services": {"web": {"ports": ["$A:80"]}}}, "project_name": "given"},
        ],
    }

    projects = projects_taken(args)

    assert args == {"by": "x"}
    assert [wants_of_task(one, {"A": "1"}, str, nowhere).wants for one in projects] == [
        ({"publish": "1:80", "by": "shop/web"},),
        ({"publish": "2:80", "by": "blog/web"},),
        ({"publish": "1:80", "by": "other/web"},),
        ({"publish": "1:80", "by": "given/web"},),
    ]


def test_a_list_alone_names_no_project_of_the_task():
    assert len(projects_taken({"projects": [{"project_dir": "/srv/shop"}]})) == 1


@pytest.mark.parametrize(
    "projects, message",
    [
        ({"a": 1}, "projects: {'a': 1} is not a list of mappings: expected one such as project_dir: /srv/shop"),
        (
            [{"project_name": "a"}],
            "projects[0]: it names no project: expected project_dir, compose_files or definition",
        ),
    ],
)
def test_refuses_a_list_that_is_none(projects, message):
    with pytest.raises(ComposeError) as refusal:
        projects_taken({"projects": projects})

    assert str(refusal.value) == message


def test_a_key_that_no_project_has_is_told():
    with pytest.raises(ComposeError, match=r"^projects\[1\]: project\. Supported parameters include: .*project_dir"):
        projects_taken({"projects": [{"project_dir": "/a"}, {"project": "b"}]})
