# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes against the conventions starts and answers all the same; what is suggested instead keeps to them."""

from labkit.errors import Mismatch
from labkit.scenario import Finding, Lab

SHORT = ("sid",)
POLICY = {"bands": {"databases": "8196-8197"}, "rules": {"databases": "local_only"}}


def run(lab: Lab) -> None:
    args = {"port_policy": POLICY, "suggest": "8000-8999"}
    found = Finding("policy", "such ports are for local addresses only", ("move_want",))
    lab.want("8196:80", "at_risk", found, args=args)
    if lab.answer and lab.answer["wants"][0]["suggestion"] != "127.0.0.1:8196:80":
        raise Mismatch(f"127.0.0.1:8196:80 was to be suggested: {lab.answer['wants'][0]['suggestion']}")
    lab.want("127.0.0.1:8196:80", "free", args=args)
