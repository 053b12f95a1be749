# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Where the engine of a place answers: to ask one what runs, and to restart another, would stop who knows what."""

from __future__ import annotations

import typing as t
from urllib.parse import urlsplit

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import Launch, Place

_EVERYWHERE = ("", "0.0.0.0", "::")


class AnotherEngine(ValueError):
    """What is named is not the engine that the place starts."""


def endpoint_of(place: Place, launch: Launch, config: t.Mapping[str, t.Any], wished: t.Optional[str] = None) -> str:
    """A unix socket of the engine's own choice, else the usual one; or what is wished, if it is the engine's.

    An engine that does not run is asked nothing. Raises AnotherEngine.
    """
    usual = f"unix://{place.run}/docker.sock"
    hosts = launch.flags.get("host", []) + [str(one) for one in config.get("hosts") or ()]
    own = [usual if one.startswith("fd://") else one for one in hosts] or [usual]
    if wished is None:
        return next((one for one in own if one.startswith("unix://")), usual)
    if launch.pid is None or any(_is_same(wished, one) for one in own):
        return wished
    raise AnotherEngine(f"docker_host: {wished} is not where the engine of {place.unit} answers ({', '.join(own)})")


def _is_same(wished: str, own: str) -> bool:
    """A name may be any address of this host's; certificates are made out to names."""
    if own.startswith("unix://"):
        return _path(wished) == _path(own)
    one, other = urlsplit(wished), urlsplit(own)
    return (
        one.scheme == other.scheme and one.port == other.port and other.hostname in (*_EVERYWHERE, None, one.hostname)
    )


def _path(endpoint: str) -> str:
    """/var/run is /run."""
    return endpoint.replace("unix:///var/run/", "unix:///run/", 1)
