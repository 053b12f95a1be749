# SPDX-License-Identifier: GPL-3.0-or-later
"""Random Compose projects: files, variables and options, as a seed makes them."""

from __future__ import annotations

import random
import typing as t
from dataclasses import dataclass, field

import yaml

IPS = ["", "", "", "127.0.0.1", "0.0.0.0", "10.1.2.3", "[::1]", "[::]"]
NAMES = ["web", "api", "db", "cache"]


class Tagged(list):  # type: ignore[type-arg]
    """A list with !override."""


class Reset:
    """!reset null"""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: t.Any) -> bool:
        return True


_Dumper.add_representer(Tagged, lambda dumper, data: dumper.represent_sequence("!override", list(data)))
_Dumper.add_representer(Reset, lambda dumper, _data: dumper.represent_scalar("!reset", "null"))


@dataclass
class RandomProject:
    files: dict[str, str] = field(default_factory=dict)
    named: list[str] = field(default_factory=list)
    env_files: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    profiles: list[str] = field(default_factory=list)


def random_project(seed: int) -> RandomProject:
    return _Maker(random.Random(seed)).project()


class _Maker:
    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.files: dict[str, str] = {}

    def chance(self, part: float) -> bool:
        return self.draw.random() < part

    def project(self) -> RandomProject:
        draw = self.draw
        main = draw.choice(["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"])
        made = RandomProject(self.files)
        self.files["base/common.yaml"] = self.dumped({"services": self.services(NAMES, extends="nested")})
        self.files["base/deeper.yaml"] = self.dumped({"services": self.services(NAMES)})
        top: dict[str, t.Any] = {"services": self.services(NAMES[: draw.randint(1, 4)], extends="all")}
        if self.chance(0.3):
            top["include"] = [self.include(number) for number in range(draw.randint(1, 2))]
        self.files[main] = self.dumped(top) if "include" in top else self.aliased(self.dumped(top), "web")
        if self.chance(0.2):
            self.files[main] += "---\n" + self.dumped({"services": self.services(NAMES[:2], over=True)})
        if self.chance(0.4):
            name = draw.choice(["compose.override.yaml", "docker-compose.override.yml", "more/extra.yaml"])
            self.files[name] = self.aliased(self.dumped({"services": self.services(NAMES[:3], over=True)}), "api")
            made.named = [main, name] if name.startswith("more") or self.chance(0.5) else []
        if self.chance(0.6):
            self.files[".env"] = self.env_file()
        if self.chance(0.3):
            for name in ["one.env", "two.env"][: draw.randint(1, 2)]:
                self.files[name] = self.env_file()
                made.env_files.append(name)
        made.variables = {name: draw.choice(["8123", "", "9"]) for name in ["A", "B", "C"] if self.chance(0.3)}
        made.profiles = draw.sample(["dev", "test", "*"], draw.choice([0, 0, 1, 2]))
        return made

    def dumped(self, data: t.Any) -> str:
        return yaml.dump(data, Dumper=_Dumper, default_flow_style=self.draw.choice([None, False]), sort_keys=False)

    def aliased(self, text: str, name: str) -> str:
        """Now and then with one service more, which merges the one of this name. The services come last in the text."""
        anchored = text.replace(f"  {name}:\n", f"  {name}: &one\n", 1)
        if anchored == text or self.chance(0.5):
            return text
        return f"{anchored}  merged:\n    <<: *one\n" + self.draw.choice(["", "    ports: ['99:99']\n"])

    def services(self, names: t.Sequence[str], extends: str = "", over: bool = False) -> dict[str, t.Any]:
        return {name: self.service(name, names, extends, over) for name in names}

    def service(self, name: str, names: t.Sequence[str], extends: str, over: bool) -> dict[str, t.Any]:
        service: dict[str, t.Any] = {"image": "x"}
        if self.chance(0.8):
            ports = [self.port() for _turn in range(self.draw.randint(0, 4))]
            service["ports"] = Tagged(ports) if over and self.chance(0.3) else ports
        if over and self.chance(0.1):
            service["ports"] = Reset()
        if self.chance(0.15):
            service["profiles"] = self.draw.sample(["dev", "test", "other"], self.draw.randint(1, 2))
        if self.chance(0.15):
            service["scale"] = self.draw.choice([0, 1, 2, "${D:-3}"])
        if extends == "all" and self.chance(0.4):
            service["extends"] = self.extended(name, names)
        elif extends == "nested" and self.chance(0.3):
            service["extends"] = {"file": "deeper.yaml", "service": self.draw.choice(NAMES)}
        return service

    def extended(self, name: str, names: t.Sequence[str]) -> t.Any:
        later = list(names)[list(names).index(name) + 1 :]  # never a circle
        if later and self.chance(0.5):
            return self.draw.choice([self.draw.choice(later), {"service": self.draw.choice(later)}])
        return {
            "file": self.draw.choice(["base/common.yaml", "./base/common.yaml"]),
            "service": self.draw.choice(NAMES),
        }

    def include(self, number: int) -> t.Any:
        folder = f"part{number}"
        self.files[f"{folder}/compose.yaml"] = self.dumped({"services": self.services([f"in{number}", f"of{number}"])})
        if self.chance(0.5):
            self.files[f"{folder}/.env"] = self.env_file()
        if self.chance(0.4):
            self.files[f"{folder}/over.yaml"] = self.dumped({"services": self.services([f"in{number}"], over=True)})
            return {"path": [f"{folder}/compose.yaml", f"{folder}/over.yaml"]}
        return self.draw.choice([f"{folder}/compose.yaml", {"path": f"{folder}/compose.yaml"}])

    def number(self) -> str:
        return str(
            self.draw.choice([80, self.draw.randint(1, 60), self.draw.randint(1000, 1020), self.draw.randint(1, 65000)])
        )

    def value(self, depth: int = 0) -> str:
        """A port, or a variable that may stand for one."""
        if depth > 2 or self.chance(0.85):
            return self.number()
        name = self.draw.choice("ABCDEF")
        inner = self.value(depth + 1)
        return self.draw.choice(
            [f"${name}", f"${{{name}}}", f"${{{name}:-{inner}}}", f"${{{name}-{inner}}}", f"${{{name}:+{inner}}}",
             f"${{{name}:-{inner}}}", f"${{{name}-{inner}}}", f"${{{name}:-{inner}}}", f"${{{name}+{inner}}}",
             *([f"${{{name}:?no {inner}}}", f"${{{name}?no}}"] if self.chance(0.1) else [])]
        )  # fmt: skip

    def port(self) -> t.Any:
        protocol = self.draw.choice(["", "", "", "/tcp", "/udp", "/UDP", "/sctp"])
        kind = self.draw.randint(0, 9)
        if kind == 0:
            return int(self.number())
        if kind == 1:
            return self.long()
        if kind == 2:
            first, low, count = self.draw.randint(1, 60000), self.draw.randint(1, 60000), self.draw.randint(1, 4)
            return f"{first}-{first + count}:{low}-{low + self.draw.choice([count, count, count, 0])}{protocol}"
        if kind == 3:
            return self.value() + protocol
        ip = self.draw.choice(IPS)
        host = "" if ip and self.chance(0.2) else self.value()
        return f"{ip}:{host}:{self.value()}{protocol}" if ip else f"{host}:{self.value()}{protocol}"

    def long(self) -> dict[str, t.Any]:
        port: dict[str, t.Any] = {"target": self.draw.choice([int(self.number()), self.number(), "${D:-80}"])}
        if self.chance(0.8):
            port["published"] = self.draw.choice([self.number(), int(self.number()), "8000-8005", "${A:-70}"])
        if self.chance(0.3):
            port["host_ip"] = self.draw.choice(["127.0.0.1", "0.0.0.0", "::1"])
        if self.chance(0.3):
            port["protocol"] = self.draw.choice(["tcp", "udp"])
        if self.chance(0.2):
            port.update({"mode": "host", "name": "n", "x-y": 1})
        return port

    def env_file(self) -> str:
        lines = []
        for name in "ABCDE":
            if self.chance(0.4):
                quote = self.draw.choice(["", "'", '"'])
                filled = [] if quote == "'" else ["${A:-81}", "$B"]  # a host port that stays `$B` is no host port
                value = quote + self.draw.choice([self.number(), self.number(), "", *filled]) + quote
                before, sign = self.draw.choice(["", "", "export ", "  "]), self.draw.choice(["=", "=", " = ", ": "])
                note = self.draw.choice(["", " # note", ""]) if value else ""  # after nothing it is the value: no port
                lines.append(before + name + sign + value + note)
        return "# variables\n" + "\n".join(lines) + "\n"
