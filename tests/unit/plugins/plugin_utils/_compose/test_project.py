# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.project import Request, project_of
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.source import Controller, Given
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.wants import wants_of_project

FOLDER = "/srv/shop"


def read(files, **options):
    """What the project of these files wants. `options` are Request's; files are named by their place in /srv/shop."""
    texts = {f"{FOLDER}/{name}": textwrap.dedent(text) for name, text in files.items()}
    names = tuple(f"{FOLDER}/{name}" for name in options.pop("named", ()))
    return wants_of_project(project_of(Request(files=names, folder=FOLDER, **options), Given(texts)))


def wanted(files, **options):
    return [f"{want['by']} {want['publish']}" for want in read(files, **options).wants]


def refused(files, **options):
    with pytest.raises(ComposeError) as refusal:
        read(files, **options)
    return str(refusal.value).replace(f"{FOLDER}/", "")


def web(*ports, **keys):
    """A file with one service."""
    listed = "".join(f"\n      - {port}" for port in ports)
    rest = "".join(f"\n    {key}: {value}" for key, value in keys.items())
    return f"services:\n  web:\n    image: x{f'{chr(10)}    ports:{listed}' if ports else ''}{rest}\n"


ONE_FILE = [
    (["80:80"], ["shop/web 80:80"]),
    (["22:22", "53:53/udp", "3000"], ["shop/web 22:22", "shop/web 53:53/udp", "shop/web 3000"]),
    (["8000-8010:80", "9000-9002:9000-9002"], ["shop/web 8000-8010:80", "shop/web 9000-9002:9000-9002"]),
    (["3000-3005"], ["shop/web 3000-3005"]),
    (["127.0.0.1:80:80", "'[::1]:80:80'"], ["shop/web 127.0.0.1:80:80", "shop/web [::1]:80:80"]),
    (["{target: 80, published: 8080, host_ip: 127.0.0.1, protocol: udp}"], ["shop/web 127.0.0.1:8080:80/udp"]),
    (["{target: 80, published: '8000-8005', mode: host, x-note: 1}"], ["shop/web 8000-8005:80"]),
    (["80:80", "80:80"], ["shop/web 80:80"]),
    (["80:80", "0.0.0.0:80:80"], ["shop/web 0.0.0.0:80:80"]),
    (["80:80", "127.0.0.1:80:80"], ["shop/web 80:80", "shop/web 127.0.0.1:80:80"]),
    (["80-82:80-82", "81:81"], ["shop/web 80:80", "shop/web 81:81", "shop/web 82:82"]),
    (["80:80", "81:81", "83:83"], ["shop/web 80:80", "shop/web 81:81", "shop/web 83:83"]),
    (["0123"], ["shop/web 83"]),
]


@pytest.mark.parametrize("ports, expected", ONE_FILE)
def test_the_ports_of_one_file(ports, expected):
    assert wanted({"compose.yaml": web(*ports)}) == expected


MERGES = [
    # below, above, together
    (["80:80"], ["81:81"], ["80:80", "81:81"]),
    (["80:80"], ["8080:80"], ["80:80", "8080:80"]),
    (["80:80"], ["80:80"], ["80:80"]),
    (["80:80"], ["127.0.0.1:80:80"], ["80:80", "127.0.0.1:80:80"]),
    (["80:80/udp"], ["80:80/tcp"], ["80:80/udp", "80:80"]),
    (["80:80"], ["{target: 80, published: '80', mode: host}"], ["80:80"]),
    (["80:80"], ["{target: 80, published: 80}"], ["80:80", "80:80"]),  # which the engine refuses
    (["{target: 80, published: 80}"], ["{target: 80, published: 80, host_ip: 0.0.0.0}"], ["0.0.0.0:80:80"]),
    (["8000-8005:80"], ["{target: 80, published: 8000-8005}"], ["8000-8005:80"]),
    (["80"], ["{target: 80}"], ["80"]),
]


@pytest.mark.parametrize("below, above, together", MERGES)
def test_an_override_appends_and_what_is_the_same_is_one(below, above, together):
    files = {"compose.yaml": web(*below), "compose.override.yaml": web(*above)}

    assert wanted(files) == [f"shop/web {publish}" for publish in together]


RESETS = [
    ("services: {web: {ports: !reset []}}", []),
    ("services: {web: {ports: !reset null}}", []),
    ("services: {web: {ports: !override ['81:81']}}", ["shop/web 81:81"]),
    ("services: {web: !override {image: y}}", []),
    ("services: {web: !reset null}", []),
    ("services: {web: {ports: }}", ["shop/web 80:80"]),
    ("services: {web: }", ["shop/web 80:80"]),
]


@pytest.mark.parametrize("above, expected", RESETS)
def test_an_override_takes_away(above, expected):
    assert wanted({"compose.yaml": web("80:80"), "compose.override.yml": above}) == expected


def test_a_reset_counts_where_it_stands_and_not_where_an_alias_brings_it():
    above = """
        x-none: &none {ports: !reset []}
        services:
          web: {<<: *none, scale: 1}
    """
    assert wanted({"compose.yaml": web("80:80"), "compose.override.yml": above}) == ["shop/web 80:80"]

    assert wanted({"compose.yaml": web("80:80"), "compose.override.yml": above.replace("!reset", "!override")}) == []
    above = "x-none: &none !reset []\nservices: {web: {ports: *none}}"
    assert wanted({"compose.yaml": web("80:80"), "compose.override.yml": above}) == []


DEPLOYS = [
    ("deploy: {replicas: 2}", "deploy: {resources: {}}", 2),
    ("deploy: {replicas: 2}", "deploy: {replicas: 3}", 3),
    ("deploy: {replicas: 2}", "deploy: ", 2),
    ("deploy: ", "deploy: {replicas: 2}", 2),
    ("deploy: {replicas: 2}", "deploy: {replicas: }", 2),
    ("scale: 2", "scale: 3", 3),
]


@pytest.mark.parametrize("below, above, count", DEPLOYS)
def test_how_many_is_merged_too(below, above, count):
    files = {
        "compose.yaml": f"services:\n  web:\n    ports: ['80:80']\n    {below}\n",
        "compose.override.yaml": f"services:\n  web:\n    {above}\n",
    }

    assert len(wanted(files)) == count


def test_networks_of_both_files_count():
    files = {
        "compose.yaml": "services: {web: {networks: [a]}}",
        "compose.override.yaml": "services: {web: {networks: {b: {}}}}",
    }
    assert wanted(files) == []

    files["more.yaml"] = "services: {web: {network_mode: host}}"
    assert refused(files, named=tuple(files)) == (
        "more.yaml: service web: it has both network_mode and networks: expected one of the two"
    )


def test_several_documents_of_one_file_lie_over_each_other():
    assert wanted({"compose.yaml": web("80:80") + "---\n" + web("90:90")}) == ["shop/web 80:80", "shop/web 90:90"]


def test_named_files_lie_over_each_other_and_no_override_is_looked_for():
    files = {"a.yaml": web("80:80"), "b/c.yaml": web("90:90"), "compose.override.yaml": web("1:1")}

    assert wanted(files, named=("a.yaml", "b/c.yaml")) == ["shop/web 80:80", "shop/web 90:90"]


FOUND = [
    ({"compose.yaml": "1:1", "docker-compose.yml": "2:2"}, ["1:1"]),
    ({"docker-compose.yml": "1:1", "docker-compose.yaml": "2:2"}, ["1:1"]),
    ({"compose.yml": "1:1", "docker-compose.override.yml": "2:2"}, ["1:1", "2:2"]),
    ({"compose.yml": "1:1", "compose.override.yml": "2:2", "compose.override.yaml": "3:3"}, ["1:1", "2:2"]),
]


@pytest.mark.parametrize("files, expected", FOUND)
def test_files_are_found_as_compose_finds_them(files, expected):
    texts = {name: web(port) for name, port in files.items()}

    assert wanted(texts) == [f"shop/web {publish}" for publish in expected]


class TestVariables:
    def test_the_shell_wins_over_env_files_and_the_last_file_over_the_first(self):
        files = {
            "compose.yaml": web("$A:1", "$B:2", "$C:3"),
            ".env": "A=1\nB=1\nC=1",
            "one": "A=2\nB=2",
            "two": "B=3\nC=3",
        }

        assert wanted(files, variables={"C": "9"}) == ["shop/web 1:1", "shop/web 1:2", "shop/web 9:3"]
        assert wanted(files, env_files=("one", "two")) == ["shop/web 2:1", "shop/web 3:2", "shop/web 3:3"]

    def test_dot_env_is_left_alone_when_it_is_disabled(self):
        files = {"compose.yaml": web("${A:-7}:1"), ".env": "A=1"}

        assert wanted(files) == ["shop/web 1:1"]
        assert wanted(files, variables={"COMPOSE_DISABLE_ENV_FILE": "true"}) == ["shop/web 7:1"]

    def test_compose_s_own_variables_choose_files_profiles_and_name(self):
        files = {
            ".env": "COMPOSE_FILE=a.yaml:b.yaml\nCOMPOSE_PROFILES=x,dev\nCOMPOSE_PROJECT_NAME=named",
            "a.yaml": web("1:1", profiles="[dev]"),
            "b.yaml": "services: {db: {image: x, ports: ['2:2'], profiles: [test]}}",
        }

        assert wanted(files) == ["named/web 1:1"]
        assert wanted(files, profiles=("test",), name="told") == ["told/db 2:2"]
        assert wanted(files, variables={"COMPOSE_FILE": "a.yaml;b.yaml", "COMPOSE_PATH_SEPARATOR": ";"}) == [
            "named/web 1:1"
        ]

    def test_every_variable_that_has_no_value_is_told_once(self):
        found = read({"compose.yaml": web("'${A}:80'", "'${A}:80'", "'${B:-1}:81'")})

        assert [want["publish"] for want in found.wants] == ["80", "1:81"]
        assert found.warnings == (
            f"{FOLDER}/compose.yaml: service web: ports: '${{A}}:80': variable A is not set, and stands for nothing",
        )

    def test_keys_are_not_filled_and_the_project_s_name_is_a_variable(self):
        text = web("${COMPOSE_PROJECT_NAME:+1}:80") + "x-$NONE: 1\n"

        assert wanted({"compose.yaml": text}) == ["shop/web 1:80"]


class TestExtends:
    def test_ports_of_both_and_of_the_base_s_base(self):
        text = """
            services:
              deep: {image: x, ports: ["1:1"]}
              base: {extends: deep, ports: ["3:3"]}
              web: {extends: {service: base}, ports: ["5:5", "1:1"]}
        """

        assert [line for line in wanted({"compose.yaml": text}) if "web" in line] == [
            "shop/web 1:1", "shop/web 3:3", "shop/web 5:5",
        ]  # fmt: skip

    def test_a_chain_has_an_end(self):
        services = ", ".join(f"s{number}: {{extends: s{number + 1}}}" for number in range(1500))

        assert refused({"compose.yaml": f"services: {{{services}, s1500: {{}}}}"}) == (
            "compose.yaml: service s100: extends: more than 100 services, each of which extends the next"
        )

    def test_files_are_relative_to_the_project_and_then_to_the_file(self):
        files = {
            "compose.yaml": "services: {web: {extends: {file: base/common.yaml, service: web}, ports: ['1:1']}}",
            "base/common.yaml": "services: {web: {image: x, extends: {file: deep/er.yaml, service: db}, ports: ['3:3']}}",
            "base/deep/er.yaml": "services: {db: {image: x, ports: ['5:5']}}",
        }

        assert wanted(files) == ["shop/web 5:5", "shop/web 3:3", "shop/web 1:1"]

    def test_keys_of_services_that_nobody_extends_are_not_looked_at(self):
        files = {
            "compose.yaml": "services: {web: {extends: {file: old.yaml, service: base}}}",
            "old.yaml": "services: {base: {image: x, ports: ['1:1']}, 'of old': {port: ['3:3']}}",
        }

        assert wanted(files) == ["shop/web 1:1"]

    def test_in_another_file_only_the_service_that_is_extended_resets(self):
        files = {
            "compose.yaml": "services: {web: {extends: {file: other.yaml, service: top}}}",
            "other.yaml": """
                services:
                  top: {extends: between, ports: ["3:3"]}
                  between: {extends: base, ports: !override ["2:2"]}
                  base: {image: x, ports: ["1:1"]}
            """,
        }
        assert wanted(files) == ["shop/web 1:1", "shop/web 2:2", "shop/web 3:3"]

        files["compose.yaml"] = files["compose.yaml"].replace("top", "between")
        assert wanted(files) == ["shop/web 2:2"]

    def test_what_compose_does_by_chance_is_told(self):
        text = """
            services:
              base: {image: x, ports: ["1:1"]}
              between: {extends: base, ports: !override ["2:2"]}
              web: {extends: {service: %s}}
        """

        assert read({"compose.yaml": text % "base"}).warnings == ()
        assert read({"compose.yaml": text % "between"}).warnings == (
            f"{FOLDER}/compose.yaml: service between: Compose heeds its !reset and !override in some runs and not in others, "
            "for web extends it in the same file",
        )

    def test_what_is_extended_can_be_reset(self):
        text = """
            services:
              base: {image: x, ports: ["1:1"], scale: 0}
              web: {extends: base, scale: 1, ports: !override ["2:2"]}
        """

        assert wanted({"compose.yaml": text}) == ["shop/web 2:2"]

    @pytest.mark.parametrize(
        "service, message",
        [
            ("{extends: web}", "compose.yaml: service web: extends: it goes in a circle: web of compose.yaml, web of compose.yaml"),
            ("{extends: none}", "compose.yaml: service web: extends: there is no service 'none' in compose.yaml"),
            ("{extends: {file: no.yaml, service: a}}", "compose.yaml: service web: extends: no.yaml: there is no such file"),
            ("{extends: {file: other.yaml, service: a}}", "compose.yaml: service web: extends: there is no service 'a' in other.yaml"),
            ("{extends: {file: other.yaml, service: round}}", "other.yaml: service round: extends: it goes in a circle: "
             "web of compose.yaml, round of other.yaml, back of other.yaml, round of other.yaml"),
            ("{extends: {file: other.yaml}}", "compose.yaml: service web: extends: {'file': 'other.yaml'} has no service: "
             "expected one such as {'service': 'base'}"),
            ("{extends: {service: a, files: b}}", "compose.yaml: service web: extends: 'files' is not a key of extends: did you mean file?"),
            ("{extends: {service: a, file: 1}}", "compose.yaml: service web: extends: file: 1 is not text"),
            ("{extends: 1}", "compose.yaml: service web: extends: 1 is not text or a mapping"),
            ("{extends: {file: other.yaml, service: slip}}", "other.yaml: service slip: 'port' is not a key of a service: did you mean ports?"),
            ("{extends: {file: other.yaml, service: bad}}", "other.yaml: service bad: ports: 'x' is not a port or a rising range of "
             "ports within 1-65535: it is the container port of 'x', expected one such as 8080 or 8000-8010"),
        ],
    )  # fmt: skip
    def test_refuses(self, service, message):
        other = "services: {round: {extends: back}, back: {extends: round}}"
        if "slip" in service:
            other = "services: {slip: {port: [80]}}"
        if "bad" in service:
            other = "services: {bad: {ports: [x]}}"

        assert refused({"compose.yaml": f"services: {{web: {service}}}", "other.yaml": other}) == message


class TestInclude:
    FILES = {
        "compose.yaml": "include: [part/compose.yaml]\nservices: {web: {image: x, ports: ['$A:1']}}",
        "part/compose.yaml": "services: {db: {image: x, ports: ['$A:2', '$B:3']}}",
        ".env": "A=10",
        "part/.env": "A=20\nB=20",
    }

    def test_it_has_variables_of_its_own_below_the_project_s(self):
        assert wanted(self.FILES) == ["shop/db 10:2", "shop/db 20:3", "shop/web 10:1"]

    def test_files_of_variables_and_folder_can_be_told(self):
        include = "include: [{path: part/compose.yaml, env_file: other.env, project_directory: elsewhere}]\n"

        files = {**self.FILES, "compose.yaml": include, "other.env": "B=30"}
        assert wanted(files) == ["shop/db 10:2", "shop/db 30:3"]

    def test_the_very_same_service_is_no_conflict(self):
        same = "include: [part/compose.yaml]\nservices: {db: {image: x, ports: ['10:2', '20:3']}}"

        assert wanted({**self.FILES, "compose.yaml": same}) == ["shop/db 10:2", "shop/db 20:3"]

    def test_the_folder_that_is_told_has_the_variables(self):
        include = "include: [{path: part/compose.yaml, project_directory: elsewhere}]\n"

        assert wanted({**self.FILES, "compose.yaml": include, "elsewhere/.env": "B=40"}) == [
            "shop/db 10:2",
            "shop/db 40:3",
        ]

    def test_more_files_lie_over_the_first(self):
        files = {
            **self.FILES,
            "compose.yaml": "include: [{path: [part/compose.yaml, over.yaml]}]",
            "over.yaml": "services: {db: {ports: ['7:7']}}",
        }

        assert wanted(files) == ["shop/db 10:2", "shop/db 20:3", "shop/db 7:7"]

    def test_the_same_file_twice_is_one_and_an_override_lies_over_it(self):
        files = {
            **self.FILES,
            "compose.yaml": "include: [part/compose.yaml, ./part/compose.yaml]",
            "compose.override.yaml": "services: {db: {ports: !override ['1:1']}}",
        }

        assert wanted(files) == ["shop/db 1:1"]

    @pytest.mark.parametrize(
        "text, message",
        [
            ("include: [part/compose.yaml]\nservices: {db: {image: y}}",
             "compose.yaml: service db: it is defined here, and otherwise by what the file includes"),
            ("include: [part/compose.yaml]\nservices: {db: {image: y, ports: ['$A:2', '20:3']}}",
             "compose.yaml: service db: it is defined here, and otherwise by what the file includes"),
            ("include: [{path: part/compose.yaml, project_directory: 1}]", "compose.yaml: include: project_directory: 1 is not text"),
            ("include: [compose.yaml]", "compose.yaml: include: it goes in a circle: compose.yaml, compose.yaml"),
            ("include: [round.yaml]", "round.yaml: include: it goes in a circle: compose.yaml, round.yaml, compose.yaml"),
            ("include: part/compose.yaml", "compose.yaml: include: 'part/compose.yaml' is not a list of files"),
            ("include: [no.yaml]", "compose.yaml: include: no.yaml: there is no such file"),
            ("include: [{path: [part/compose.yaml, no.yaml]}]", "compose.yaml: include: no.yaml: there is no such file"),
            ("include: [1]", "compose.yaml: include: 1 is neither a file nor a mapping with path"),
            ("include: [{paths: a}]", "compose.yaml: include: 'paths' is not a key of an include: did you mean path?"),
            ("include: [{env_file: a}]", "compose.yaml: include: {'env_file': 'a'} has no path"),
            ("include: [{path: [1]}]", "compose.yaml: include: path: 1 is not text"),
            ("include: [{path: part/compose.yaml, env_file: no.env}]", "compose.yaml: include: no.env: there is no such file"),
            ("include: ['oci://host/shop:1']",
             "compose.yaml: include: oci://host/shop:1: there is no such file here, and files of other machines are not fetched"),
        ],
    )  # fmt: skip
    def test_refuses(self, text, message):
        assert refused({**self.FILES, "compose.yaml": text, "round.yaml": "include: [compose.yaml]"}) == message


class TestServices:
    def test_profiles(self):
        files = {"compose.yaml": web("1:1", profiles="[dev, test]")}

        assert wanted(files) == []
        assert wanted(files, profiles=("test",)) == wanted(files, profiles=("*",)) == ["shop/web 1:1"]

    @pytest.mark.parametrize("keys", [{"scale": "3"}, {"scale": "'${N:-3}'"}, {"deploy": "{replicas: 3}"}])
    def test_every_replica_wants_its_ports(self, keys):
        found = read({"compose.yaml": web("1:1", **keys)})

        assert [want["replica"] for want in found.wants] == [1, 2, 3]
        assert {(want["by"], want["publish"]) for want in found.wants} == {("shop/web", "1:1")}

    def test_no_replica_wants_nothing(self):
        assert wanted({"compose.yaml": web("1:1", scale=0)}) == []

    @pytest.mark.parametrize(
        "mode, warning",
        [
            ("host", "it uses the host's network, so its ports are not published and not checked"),
            ("none", "it has no network, so its ports are not published and not checked"),
        ],
    )
    def test_ports_that_are_not_published_are_told(self, mode, warning):
        found = read({"compose.yaml": web("1:1", network_mode=mode)})

        assert found.wants == ()
        assert found.warnings == (f"{FOLDER}/compose.yaml: service web: ports: {warning}",)

    @pytest.mark.parametrize("mode", ["service:db", "container:db"])
    def test_a_container_in_another_one_s_network_cannot_publish(self, mode):
        files = {"compose.yaml": web("1:1", network_mode=mode) + "  db: {image: x}\n"}

        assert refused(files) == (
            f"compose.yaml: service web: ports: a container in the network of another one, '{mode}', cannot publish ports: "
            "publish them on db"
        )

    @pytest.mark.parametrize(
        "folder, text, options, name",
        [
            ("/srv/My Shop_2", "services: {web: {ports: [80]}}", {}, "myshop_2"),
            ("/srv/shop", "name: Other\nservices: {web: {ports: [80]}}", {}, "other"),
            ("/srv/shop", "name: '${N}x'\nservices: {web: {ports: [80]}}", {"variables": {"N": "n"}}, "nx"),
            ("/srv/shop", "name: a\nservices: {web: {ports: [80]}}", {"variables": {"COMPOSE_PROJECT_NAME": "b"}}, "b"),
            ("/srv/shop", "name: a\nservices: {web: {ports: [80]}}", {"name": "c"}, "c"),
        ],
    )
    def test_the_project_s_name(self, folder, text, options, name):
        request = Request(folder=folder, **options)

        assert project_of(request, Given({f"{folder}/compose.yaml": text})).name == name


REFUSES = [
    ("", "compose.yaml: it is empty: expected services"),
    ("[1]", "compose.yaml: its top level is list: expected a mapping"),
    ("services:", "compose.yaml: services: None is not a mapping of services"),
    ("services: [web]", "compose.yaml: services: ['web'] is not a mapping of services"),
    ("servces: {}", "compose.yaml: 'servces' is not a key of a Compose file: did you mean services?"),
    ("services: {web: }", "compose.yaml: service web: it is empty: expected a mapping of a service's keys"),
    ("services: {web: 1}", "compose.yaml: service web: 1 is not a mapping of a service's keys"),
    ("services: {'a b': {}}", "compose.yaml: 'a b' is not a name of a service: expected letters, digits, and . _ -"),
    ("services: {web: {port: ['80']}}", "compose.yaml: service web: 'port' is not a key of a service: did you mean ports?"),
    ("services: {web: {ports: }}", "compose.yaml: service web: ports: it is empty: expected a list"),
    ("services: {web: {ports: '80'}}", "compose.yaml: service web: ports: '80' is not a list"),
    *[(f"services: {{web: {{ports: [{text}]}}}}", f"compose.yaml: service web: ports: {shown} is not a published port: expected "
       "[IP:][HOST_PORT:]CONTAINER_PORT[/PROTOCOL], such as 127.0.0.1:8080:80/tcp")
      for text, shown in [("80.5", "80.5 (float)"), ("true", "True (bool)"), ("null", "None (NoneType)"), ("[80]", "[80] (list)")]],
    ("services: {web: {ports: [{target: 80, publish: 1}]}}",
     "compose.yaml: service web: ports: 'publish' is not a key of a published port: did you mean published?"),
    *[(f"services: {{web: {{ports: [{{target: 80, {key}: }}]}}}}",
       f"compose.yaml: service web: ports: {key}: it is empty: expected a value, or no such key")
      for key in ("published", "host_ip", "protocol", "mode", "name", "app_protocol")],
    ("services: {web: {ports: [{target: 80, host_ip: '${IP}'}]}}",
     "compose.yaml: service web: ports: host_ip: it is empty: expected a value, or no such key (written as '${IP}')"),
    ("services: {web: {ports: [{target: 80, published: '${P:-8080}', host_ip: '${IP:-here}'}]}}",
     "compose.yaml: service web: ports: 'here' is not an IP address: it is host_ip, expected one such as 127.0.0.1 or ::1 "
     "(written as '${P:-8080}', '${IP:-here}')"),
    ("services: {web: {ports: [{target: '80-81'}]}}", "compose.yaml: service web: ports.target: '80-81' is not a whole number"),
    ("services: {web: {ports: ['127.0.0.1:80/tcp']}}", "compose.yaml: service web: ports: '127.0.0.1:80/tcp' has no container "
     "port: expected [IP:][HOST_PORT:]CONTAINER_PORT[/PROTOCOL], such as 127.0.0.1:8080:80/tcp"),
    ("services: {web: {ports: ['published=1,target=2']}}", "compose.yaml: service web: ports: 'published=1,target=2' is not a "
     "port or a rising range of ports within 1-65535: it is the container port of 'published=1,target=2', expected one such "
     "as 8080 or 8000-8010"),
    ("services: {web: {ports: ['${A:-x}:80']}}", "compose.yaml: service web: ports: 'x' is not a port or a rising range of ports "
     "within 1-65535: it is the host port of 'x:80', expected one such as 8080 or 8000-8010 (written as '${A:-x}:80')"),
    ("services: {web: {ports: ['${A:?set A}:80']}}",
     "compose.yaml: service web: ports: '${A:?set A}:80' needs variable A, which has no value: set A"),
    ("services: {web: {image: 'x:${TAG?}'}}", "compose.yaml: service web: image: 'x:${TAG?}' needs variable TAG, which has no value"),
    ("services: {web: {scale: x}}", "compose.yaml: service web: scale: 'x' is not a whole number"),
    ("services: {web: {scale: 1.5}}", "compose.yaml: service web: scale: 1.5 is not a whole number"),
    ("services: {web: {scale: -1}}", "compose.yaml: service web: -1 is not a number of containers: expected 0 or more"),
    ("services: {web: {scale: 2, deploy: {replicas: 3}}}",
     "compose.yaml: service web: scale is 2 and deploy.replicas is 3: expected one of them"),
    ("services: {web: {scale: 65536, ports: [80]}}", "compose.yaml: service web: 65536 containers are more than a host has ports"),
    ("services: {web: {scale: 2, container_name: shop}}",
     "compose.yaml: service web: 2 containers cannot all have the name 'shop': leave container_name out"),
    ("services: {web: {container_name: shop}, db: {container_name: shop}}",
     "compose.yaml: service db: container_name: web has the name 'shop' already"),
    *[(f"services: {{web: {{container_name: '{name}'}}}}",
       f"compose.yaml: service web: container_name: '{name}' is not a name of a container: expected two or more letters, digits, "
       "and . _ -, the first of them a letter or digit")
      for name in ("", "a", "_a", "a/b")],
    ("services: {web: {network_mode: 'service:db'}, db: {profiles: [dev]}}",
     "compose.yaml: service web: network_mode: service 'db', to take the network of, is of profiles that are not started"),
    ("services: {web: {network_mode: host, networks: [a]}}",
     "compose.yaml: service web: it has both network_mode and networks: expected one of the two"),
    ("services: {web: {network_mode: 'service:db'}}",
     "compose.yaml: service web: network_mode: there is no service 'db' to take the network of"),
    ("services: {web: {deploy: {replicas: }}}", "compose.yaml: service web: deploy.replicas: it is empty: expected a whole number"),
    ("services: {web: {profiles: [1]}}", "compose.yaml: service web: profiles: 1 is not text"),
    ("services: {web: {deploy: {replicas: true}}}", "compose.yaml: service web: deploy.replicas: True is not a whole number"),
    ("services: {web: {deploy: {replicas: 1.5}}}", "compose.yaml: service web: deploy.replicas: 1.5 is not a whole number"),
    ("services: {web: {deploy: {replicas: a}}}", "compose.yaml: service web: deploy.replicas: 'a' is not a whole number"),
    ("name: '..'\nservices: {}",
     "compose.yaml: the project has no name: expected a project_name, or name: in the file"),
]  # fmt: skip


@pytest.mark.parametrize("text, message", REFUSES)
def test_refuses(text, message):
    assert refused({"compose.yaml": text}) == message


OPTIONS = [
    ({"a.yaml": web(), "b.yaml": "name: '${N:?who}'"}, {"named": ("a.yaml", "b.yaml")},
     "b.yaml: name: '${N:?who}' needs variable N, which has no value: who"),
    ({}, {}, "/srv/shop: there is no Compose file: expected one of compose.yaml, compose.yml, docker-compose.yml, docker-compose.yaml"),
    ({}, {"named": ("no.yaml",)}, "no.yaml: there is no such file"),
    ({"compose.yaml": web()}, {"env_files": ("no.env",)}, "no.env: there is no such file"),
    ({"compose.yaml": web()}, {"name": "Shop"}, "'Shop' is not a name of a project: expected small letters, digits, _ and -, "
     "first a letter or digit"),
]  # fmt: skip


@pytest.mark.parametrize("files, options, message", OPTIONS)
def test_refuses_options(files, options, message):
    assert refused(files, **options) == message


@pytest.mark.parametrize(
    "request_, message",
    [
        (Request(), "no project_dir and no file with an absolute path: expected one such as /srv/shop/compose.yaml"),
        (Request(folder="shop"), "'shop' is not an absolute path: expected a project_dir such as /srv/shop"),
        (
            Request(files=("shop/compose.yaml",)),
            "'shop' is not an absolute path: expected a project_dir such as /srv/shop",
        ),
    ],
)
def test_a_project_lies_somewhere(request_, message):
    with pytest.raises(ComposeError) as refusal:
        project_of(request_, Given({}))

    assert str(refusal.value) == message


class TestGivenData:
    def wants(self, definition):
        project = project_of(Request(folder=FOLDER, definition=definition), Given({}))
        return [want["publish"] for want in wants_of_project(project).wants]

    def test_a_definition_is_a_project(self):
        assert self.wants({"services": {"web": {"image": "x", "ports": ["80:80", 3000]}}}) == ["80:80", "3000"]

    @pytest.mark.parametrize(
        "definition, message",
        [
            ({"services": {"web": {"ports": [1342]}}}, '/srv/shop/definition: service web: ports: 1342 is 22:22 as YAML reads it '
             'without quotes, in base 60: write "22:22" in quotes, or "1342" in quotes if container port 1342 is meant'),
            ({1: 2}, "/srv/shop/definition: key 1 is not text: put it in quotes"),
            ({"services": {1: {}}}, "/srv/shop/definition: key 1 is not text: put it in quotes"),
        ],
    )  # fmt: skip
    def test_refuses_what_yaml_1_1_made_of_it(self, definition, message):
        with pytest.raises(ComposeError) as refusal:
            self.wants(definition)

        assert str(refusal.value) == message


class TestFilesOfTheController:
    def test_reads(self, tmp_path):
        (tmp_path / "compose.yaml").write_bytes(b"\xef\xbb\xbf" + web("80:80").encode())

        assert wants_of_project(project_of(Request(folder=str(tmp_path), name="shop"), Controller())).wants

    def test_refuses_what_is_no_text(self, tmp_path):
        (tmp_path / "compose.yaml").write_bytes(b"services:\xff")

        with pytest.raises(ComposeError, match=r"compose.yaml: byte 9 is not UTF-8$"):
            project_of(Request(folder=str(tmp_path)), Controller())

    def test_a_directory_is_no_file(self, tmp_path):
        (tmp_path / "compose.yaml").mkdir()

        with pytest.raises(ComposeError, match=r"there is no Compose file"):
            project_of(Request(folder=str(tmp_path)), Controller())


PIECES = ["services", "web", "ports", "extends", "include", "80:80", "80", "[", "]", "{", "}", ": ", ", ", "\n", "  ", "- ", "!reset ",
          "!override ", "&x ", "*x", "<<: ", "${A}", "'", "---\n", "file: ", "service: ", "compose.yaml", "null", "scale: ", "name: "]  # fmt: skip


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=25).map("".join)))
def test_whatever_file_comes_is_read_or_refused(text):
    try:
        read({"compose.yaml": text})
    except ComposeError as refusal:
        assert str(refusal)


TREES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(["80:80", "web", "x", "${A}", "service:web"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["ports", "target", "published", "extends", "service", "file", "scale", "deploy", "replicas"]), inner, max_size=3),
    ),
    max_leaves=8,
)  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(["web", "db"]),
        st.dictionaries(
            st.sampled_from(
                ["ports", "extends", "scale", "deploy", "profiles", "networks", "network_mode", "container_name"]
            ),
            TREES,
            max_size=4,
        ),
        max_size=2,
    ),
    st.one_of(st.none(), TREES),
)
def test_whatever_data_comes_is_read_or_refused(services, include):
    definition = {"services": services} if include is None else {"services": services, "include": include}
    try:
        wants_of_project(project_of(Request(folder=FOLDER, definition=definition), Given({})))
    except ComposeError as refusal:
        assert str(refusal)
