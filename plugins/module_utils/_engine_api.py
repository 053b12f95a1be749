# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""GET requests to a container engine's API, with nothing but the standard library.

The Docker SDK is not used: importing it takes longer than everything that is asked here, and its timeout is one for
each read, so an engine that drips holds it for ever.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Answer

if t.TYPE_CHECKING:
    from ansible_collections.dockmaster.ports.plugins.module_utils._engine_client import EngineClient


class Tls(t.NamedTuple):
    """How TLS is spoken on tcp://. Names as in community.docker.

    tls: encrypt, without looking at the server's certificate; validate_certs: encrypt and look at it.
    tls_hostname: the name that must be in the certificate, where it is not the endpoint's.
    """

    tls: bool = False
    validate_certs: bool = False
    ca_path: str = ""
    client_cert: str = ""
    client_key: str = ""
    tls_hostname: str = ""


class EngineApi:
    """timeout: seconds for one call, connecting included. api_version: auto, or a version such as 1.41.

    Raises ValueError for a version that is none.
    """

    def __init__(self, timeout: float, tls: t.Optional[Tls] = None, api_version: str = "auto") -> None:
        if api_version != "auto" and not re.fullmatch(r"[0-9]{1,3}\.[0-9]{1,3}", api_version):
            raise ValueError(f"api_version: {api_version!r} is not a version: expected auto, or one such as 1.41")
        self._arguments = (timeout, tls or Tls(), api_version)
        self._client: t.Optional[EngineClient] = None

    def get(self, endpoint: str, path: str) -> Answer:
        """What the engine at an endpoint says, whatever its status.

        Raises Unseen, Refused if this user may not ask, Deserted if nobody listens.
        """
        return self._connected().get(endpoint, path)

    def close(self) -> None:
        """Hang up on every engine."""
        if self._client:
            self._client.close()

    def _connected(self) -> EngineClient:
        """Imported for the first call: HTTP and TLS take 20 ms, and a host without an engine needs neither."""
        if self._client is None:
            from ansible_collections.dockmaster.ports.plugins.module_utils._engine_client import (
                EngineClient,
            )

            self._client = EngineClient(*self._arguments)
        return self._client
