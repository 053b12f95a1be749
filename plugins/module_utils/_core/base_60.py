# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Published ports that YAML 1.1 took for numbers.

YAML 1.1, which Ansible reads, has numbers in base 60: an unquoted 22:22 is 60 * 22 + 22 = 1342. It happens where the
last part is below 60, so exactly for the ports of SSH, FTP, SMTP and DNS.
Source: https://yaml.org/type/int.html
"""

from __future__ import annotations

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import MAX_PORT

SERVICES = (20, 21, 22, 23, 25, 37, 42, 43, 49, 53)  # ports below 60 that a service is known for
RELOCATED = (21, 22, 25, 53)  # those that are often moved to a host port with the same end: 222:22, 1053:53


def looks_like_base_60(number: int) -> str:
    """The HOST:CONTAINER that YAML probably read as this number; empty where it looks like a port that is meant.

    Every number is 60 * host + container of some ports, and 8000 (133:20), 3000 (50:0) and 8080 (134:40) are meant as
    they stand. It looks like base 60 where

    * it is above 65535, so no port, and both parts are ports: 133342 is 2222:22;
    * host and container are the same known service: 1342 is 22:22, 3233 is 53:53;
    * the container is 21, 22, 25 or 53 and the host's digits end in it: 13342 is 222:22, 63233 is 1053:53.
    """
    host, container = divmod(number, 60)
    if not 1 <= host <= MAX_PORT or not container:
        return ""
    same = host == container and container in SERVICES
    relocated = container in RELOCATED and host > 100 and host % 100 == container
    return f"{host}:{container:02d}" if number > MAX_PORT or same or relocated else ""
