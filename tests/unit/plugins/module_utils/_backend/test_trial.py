# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._backend import trial
from ansible_collections.dockmaster.ports.plugins.module_utils._backend.leftovers import Leftovers
from ansible_collections.dockmaster.ports.plugins.module_utils._backend.sweep import NotSwept, sweep
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Output, Unseen


class Played:
    """A host on which every trial ends alike, or all after the first few."""

    def __init__(self, code, said, after=0):
        self.code, self.said, self.left = code, said, after

    def run(self, *_argv):
        self.left -= 1
        return Output(0, "", "") if self.left >= 0 else Output(self.code, "", self.said)


NO_TABLE = (
    "iptables v1.8.9 (legacy): can't initialize iptables table `nat': Table does not exist (do you need to insmod?)\n"
)
SAID = [
    (0, "# Warning: iptables-legacy tables present\n", ""),
    (3, NO_TABLE, "can't initialize iptables table `nat': Table does not exist (do you need to insmod?)"),
    (1, "# Warning: iptables-legacy tables present\nWarning: Extension MASQUERADE is not supported\n",
     "Warning: Extension MASQUERADE is not supported"),
    (127, "unshare: failed to execute iptables-legacy: No such file or directory\n", "it is not installed"),
    (4, "", "iptables-legacy ended with status 4"),
]  # fmt: skip


@pytest.mark.parametrize("code, said, refusal", SAID)
def test_refusal(code, said, refusal):
    assert trial.refusal(Played(code, said), "iptables", "legacy") == refusal


def test_every_rule_is_tried():
    assert trial.refusal(Played(1, "iptables v1 (nf_tables): no", after=4), "iptables", "nft") == "no"


def test_where_it_cannot_be_tried_the_rules_that_are_there_show_it():
    denied = Played(1, "unshare: unshare failed: Operation not permitted\n")

    with pytest.raises(Unseen):
        trial.refusal(denied, "iptables", "nft")
    assert trial.tried(denied, ["iptables"], "nft", rules=3) == ""
    assert trial.tried(denied, ["iptables"], "nft", rules=0) == (
        "iptables-nft: iptables-nft was not tried: unshare: unshare failed: Operation not permitted"
    )


def test_sweep():
    done = []

    def run(argv, text):
        done.append((" ".join(argv), text))
        return (1, "line 3 failed\n") if "ip6tables" in argv[0] else (0, "")

    with pytest.raises(NotSwept) as raised:
        sweep(
            "legacy",
            [
                Leftovers("ip", "nat"),
                Leftovers("ip", "filter", ("-A DOCKER -j RETURN",), policy=True),
                Leftovers("ip6", "nat", ("-A DOCKER -j RETURN",)),
            ],
            run,
        )

    assert str(raised.value) == "ip6tables-legacy-restore: line 3 failed"
    assert done == [
        ("iptables-legacy-restore --noflush --wait 10", "*filter\n-D DOCKER -j RETURN\nCOMMIT\n"),
        ("iptables-legacy --wait 10 -P FORWARD ACCEPT", ""),
        ("ip6tables-legacy-restore --noflush --wait 10", "*nat\n-D DOCKER -j RETURN\nCOMMIT\n"),
    ]
