# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's modules, run on a host for real, through Ansible."""

from __future__ import annotations

import json
import re
import typing as t

from . import places, warm
from .errors import LabError

_SAID = re.compile(r"^(\S+) \| (\w+)!? => (\{.*)", re.DOTALL | re.MULTILINE)


def module(host: str, name: str, args: t.Mapping[str, t.Any], check: bool = False) -> dict[str, t.Any]:
    """The module's result, with `failed` in it. Raises LabError if Ansible could not run it at all."""
    argv = [host, "-i", str(places.run_dir() / "inventory.yml"), "-m", f"dockmaster.ports.{name}"]
    argv += ["-a", json.dumps(dict(args)), *(["--check"] if check else [])]
    ran = warm.run("ansible", *argv, timeout=120)
    said = _SAID.search(ran.out)
    if said is None:
        raise LabError(
            f"{name} did not run on {host}: {ran.text[-400:]}", "see whether the collection in the checkout is whole"
        )
    result: dict[str, t.Any] = json.JSONDecoder().raw_decode(said[3])[0]
    result.setdefault("failed", said[2] == "FAILED")
    if said[2] == "UNREACHABLE":
        raise LabError(f"{host} cannot be reached by Ansible: {result.get('msg')}", "run `lab down` and `lab up`")
    return result
