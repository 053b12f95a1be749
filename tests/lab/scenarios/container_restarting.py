# SPDX-License-Identifier: GPL-3.0-or-later
"""A container that restarts in a loop has nothing while it waits, and takes the port with its next start."""

from labkit.scenario import Finding, Lab, Mismatch

SHORT = ("sid",)
STATE = "docker inspect -f '{{.State.Restarting}} {{.RestartCount}}' holder"
WAITS = f"{STATE} | grep -q -E '^true ([789]|..)'"
FOUND = Finding(
    "stopped_container",
    "restarting container holder will want *:8180/tcp when it starts",
    ("move_want", "remove_container"),
)


def run(lab: Lab) -> None:
    lab.container("holder", "--restart", "always", "-p", "8180:80", command="sh -c 'exit 1'")
    for _turn in range(3):
        lab.until(WAITS, 40)  # the engine waits twice as long each time; from here on it waits for seconds
        count = lab.host.sh(STATE)
        try:
            lab.want("8180:80", "at_risk", FOUND)
        except Mismatch:
            if lab.host.sh(STATE) == count:
                raise  # it did wait meanwhile
        else:
            return
    raise Mismatch("the container started again during each of three checks")
