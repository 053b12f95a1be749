# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    """Options of every module that reads a container engine. Named as in community.docker."""

    DOCUMENTATION = r"""
options:
  docker_host:
    description:
      - The engine to read, such as V(unix:///var/run/docker.sock) or V(tcp://192.0.2.23:2376).
      - If not set, all engines of the host are found by their processes and sockets, those of other users too.
    type: str
    aliases: [docker_url]
  tls_hostname:
    description:
      - The name to expect in the engine's certificate.
    type: str
  api_version:
    description:
      - The version of the engine's API to speak. The engine's own if not set.
    type: str
    aliases: [docker_api_version]
  timeout:
    description:
      - Seconds that any one outside command or API call may take.
      - An engine that hangs costs this much once, and what it would have told is reported as not seen.
    type: float
    default: 10.0
  ca_path:
    description:
      - File with the certificates of authorities to verify the engine's certificate with.
    type: path
    aliases: [ca_cert, tls_ca_cert, cacert_path]
  client_cert:
    description:
      - File with the client's certificate.
    type: path
    aliases: [tls_client_cert, cert_path]
  client_key:
    description:
      - File with the client's key.
    type: path
    aliases: [tls_client_key, key_path]
  tls:
    description:
      - Use TLS without verifying the engine's certificate.
    type: bool
    default: false
  validate_certs:
    description:
      - Use TLS and verify the engine's certificate.
    type: bool
    default: false
    aliases: [tls_verify]
"""
