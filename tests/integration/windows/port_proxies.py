# SPDX-License-Identifier: GPL-3.0-or-later
"""netsh interface portproxy: what `dump` prints of the state's rules, in netsh's own words."""

from __future__ import annotations

import typing as t

_HEAD = """
#========================
# Port Proxy configuration
#========================
pushd interface portproxy

reset
"""
_TAIL = """

popd

# End of Port Proxy configuration

"""


def dump(state: t.Mapping[str, t.Any]) -> str:
    return _HEAD + "".join(map(_command, state["portproxy"])) + _TAIL


def _command(one: t.Mapping[str, t.Any]) -> str:
    """Windows leaves out the address where the rule is for all of them."""
    listen = f"listenport={one['port']}" + (f" listenaddress={one['listen']}" if one.get("listen") else "")
    return f"add {one['family']} {listen} connectaddress={one['to']} connectport={one['to_port']}\n"
