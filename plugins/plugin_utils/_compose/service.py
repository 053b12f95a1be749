# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A service, as far as its ports are concerned, and how two definitions of it become one.

Source: compose-go, override/merge.go and loader/validate.go.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose import keys
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.entries import entries_of, unique
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError, where

# The keys of KINDS, `deploy` with `replicas` alone; `rest`: everything else; `file`: the last that says something of it
Service = dict[str, t.Any]

KINDS: dict[str, tuple[type, ...]] = {
    "ports": (list,),
    "profiles": (list,),
    "networks": (dict, list),
    "deploy": (dict,),
    "scale": (int,),
    "network_mode": (str,),
    "container_name": (str,),
    "extends": (str, dict),
}
_CONTAINER_NAME = re.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+")  # the engine's words; Compose's schema lets a/b pass
_NAMES = {list: "a list", dict: "a mapping", int: "a whole number", str: "text"}


def service_of(name: str, raw: t.Any, file: str) -> Service | None:
    """The service of a mapping as it stands in a file; None stays None. Raises ComposeError."""
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise ComposeError(f"{where(file, name)}{raw!r} is not a mapping of a service's keys")
    service: Service = {key: _checked(key, raw[key], where(file, name)) for key in KINDS if key in raw}
    service["file"] = file
    service["rest"] = [{key: value for key, value in raw.items() if key not in KINDS}]
    return service


def check_keys(name: str, raw: t.Any, file: str) -> None:
    """Raises ComposeError for a key that no service has."""
    wrong = keys.unknown(raw or {}, keys.SERVICE, "a service")
    if wrong:
        raise ComposeError(f"{where(file, name)}{wrong}")


def merged(base: Service, over: Service) -> Service:
    """Lists grow, mappings too, and anything else is replaced; a key without a value leaves what was there."""
    result = _mapping(base, over)
    for key in ("ports", "profiles", "rest"):
        if base.get(key) is not None and over.get(key) is not None:
            result[key] = base[key] + over[key]
    for key in ("networks", "deploy"):
        if base.get(key) is not None and over.get(key) is not None:
            result[key] = _mapping(base[key], over[key])
    if result.get("ports") is not None:
        result["ports"] = unique(result["ports"])
    return result


def _mapping(base: dict[str, t.Any], over: dict[str, t.Any]) -> dict[str, t.Any]:
    return {**base, **{key: value for key, value in over.items() if value is not None or key not in base}}


def check_types(services: t.Mapping[str, Service | None], file: str) -> None:
    """Raises ComposeError for a service, or a key of one, that is still without a value after a file."""
    for name, service in services.items():
        if service is None:
            raise ComposeError(f"{where(file, name)}it is empty: expected a mapping of a service's keys")
        for key, kinds in KINDS.items():
            if key in service and service[key] is None and key != "deploy":
                raise ComposeError(f"{where(file, name, key)}it is empty: expected {_NAMES[kinds[0]]}")
        if (service.get("deploy") or {}).get("replicas", 1) is None:
            raise ComposeError(f"{where(file, name, 'deploy.replicas')}it is empty: expected a whole number")


def check_whole(name: str, service: Service) -> None:
    """Raises ComposeError for keys that are at odds with each other."""
    place = where(service["file"], name)
    if service.get("network_mode") and service.get("networks"):
        raise ComposeError(f"{place}it has both network_mode and networks: expected one of the two")
    replicas = (service.get("deploy") or {}).get("replicas")
    if service.get("scale") is not None and replicas is not None and service["scale"] != replicas:
        raise ComposeError(
            f"{place}scale is {service['scale']} and deploy.replicas is {replicas}: expected one of them"
        )
    scale = scale_of(service)
    if scale < 0:
        raise ComposeError(f"{place}{scale} is not a number of containers: expected 0 or more")
    if scale > 1 and service.get("container_name"):
        named = service["container_name"]
        raise ComposeError(f"{place}{scale} containers cannot all have the name {named!r}: leave container_name out")


def scale_of(service: Service) -> int:
    """How many containers are started."""
    replicas = (service.get("deploy") or {}).get("replicas")
    return next((int(number) for number in (service.get("scale"), replicas) if number is not None), 1)


def _checked(key: str, value: t.Any, place: str) -> t.Any:
    if value is not None and (isinstance(value, bool) or not isinstance(value, KINDS[key])):
        raise ComposeError(f"{place}{key}: {value!r} is not {' or '.join(_NAMES[kind] for kind in KINDS[key])}")
    return value if value is None else _reduced(key, value, place)


def _reduced(key: str, value: t.Any, place: str) -> t.Any:
    if key == "ports":
        return _ports(value, place)
    if key == "profiles":
        wrong = next((one for one in value if not isinstance(one, str)), None)
        if wrong is not None:
            raise ComposeError(f"{place}profiles: {wrong!r} is not text")
    if key == "networks":
        return dict.fromkeys(map(str, value))
    if key == "deploy":
        return _deploy(value, place)
    if key == "container_name" and not _CONTAINER_NAME.fullmatch(value):
        raise ComposeError(
            f"{place}container_name: {value!r} is not a name of a container: expected two or more letters, digits, "
            "and . _ -, the first of them a letter or digit"
        )
    return value


def _ports(value: t.Any, place: str) -> t.Any:
    try:
        return unique(entries_of(value))
    except ValueError as exc:
        raise ComposeError(f"{place}ports: {exc}") from exc


def _deploy(value: dict[str, t.Any], place: str) -> dict[str, t.Any]:
    replicas = value.get("replicas")
    if replicas is not None and (isinstance(replicas, bool) or not isinstance(replicas, int)):
        raise ComposeError(f"{place}deploy.replicas: {replicas!r} is not a whole number")
    return {"replicas": replicas} if "replicas" in value else {}
