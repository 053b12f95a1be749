# SPDX-License-Identifier: GPL-3.0-or-later
"""docker_daemon and a real engine: what it writes is read, what it refuses would have kept the engine from starting."""

import json

from labkit.play import Module, files
from labkit.scenario import Lab, Mismatch

SHORT = ("sid",)
RENEW = True  # engine 20.10 leaves a MASQUERADE rule behind when the userland proxy is turned on again
PATH = "/etc/docker/daemon.json"
# content of the file, whether the change is made
TRAPS = [
    ('{\n    "debug": true,\n    "dns": ["192.0.2.53"]\n}\n', True),
    ("", True),
    ("{}", True),
    ('{"debug":true}', True),
    ('{\n\t"debug": true\r\n}', True),
    ('\ufeff{"debug": true}', None),  # since engine 23
    ('{\n  // a comment\n  "debug": true\n}\n', False),
    ('{\n  "debug": true\n  "ip": "127.0.0.1"\n}\n', False),
    ('{\n  "debug": true,\n  "debug": false\n}\n', False),
    ('{"debug": true,}', False),
    ("[]", False),
]


def run(lab: Lab) -> None:
    host = lab.host
    lab.file(PATH, "{}")
    daemon = Module(host, "docker_daemon", {"config": {}})
    for content, expected in TRAPS:
        lab.host.sh(f"printf %s {_quoted(content)} > {PATH}")
        made = host.version >= (23,) if expected is None else expected
        did = daemon.promise({"config": {"userland-proxy": False}, "backup": False}, look=files)
        now = host.sh(f"cat {PATH}; printf .")[:-1]
        if bool(did.get("failed")) == made or (not made and now != content):
            raise Mismatch(f"{content!r} became {now!r}: {did.get('msg')}")
        if made and json.loads(now.lstrip("\ufeff")).get("userland-proxy") is not False:
            raise Mismatch(f"{content!r} became {now!r}")
        if made:
            _starts(lab)
    _what_an_engine_refuses(lab, daemon)
    _what_a_running_engine_takes_over(lab, daemon)
    _who_outlives_a_restart(lab, daemon)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _starts(lab: Lab) -> None:
    """The engine starts with the file. It is the judge of all that was written."""
    lab.restart_engine()
    lab.host.sh("docker version >/dev/null")


def _what_an_engine_refuses(lab: Lab, daemon: Module) -> None:
    """What the module refuses is what the engine refuses: its own words, or the same key."""
    lab.file("/etc/default/docker", "DOCKER_OPTS='--userland-proxy=false --label a=b'\n")
    cases = [
        (
            {"userland-proxy": False},
            "userland-proxy is in the file (False) and on the command line (--userland-proxy false)",
        ),
        ({"labels": ["c=d"]}, "labels is in the file"),
        ({"hosts": ["unix:///var/run/docker.sock"]}, "and on the command line (--host fd://)"),
        ({"nonsense": 1}, "nonsense"),
        ({"debug": "yes"}, "debug is 'yes': expected true or false"),
    ]
    for config, words in cases:
        lab.host.sh(f"echo '{{}}' > {PATH}")
        did = daemon.promise({"config": config, "backup": False}, look=files)
        if not did.get("failed") or words not in did["msg"]:
            raise Mismatch(f"{config} was to be refused: {did.get('msg')}")
        lab.host.sh(f"echo '{json.dumps(config)}' > {PATH}")
        lab.host.sh("systemctl reset-failed docker docker.socket 2>/dev/null || true; ! systemctl restart docker")
    lab.host.sh(f"echo '{{}}' > {PATH}; rm /etc/default/docker")
    lab.restart_engine()


def _what_a_running_engine_takes_over(lab: Lab, daemon: Module) -> None:
    """live-restore: set, it is taken over at SIGHUP; removed, it keeps its old value until a restart."""
    live = "docker info --format '{{.LiveRestoreEnabled}}'"
    for state, reload in (("present", "sighup"), ("absent", "restart")):
        did = daemon({"config": {"live-restore": True}, "state": state, "backup": False})
        lab.host.sh("systemctl reload docker; sleep 0.5")
        lab.until(f'[ "$({live})" = true ]')
        if did["reload"] != reload:
            raise Mismatch(f"live-restore {state}: reload is {did['reload']}")
    lab.host.sh(f"echo '{{\"userland-proxy\": true}}' > {PATH}")
    lab.restart_engine()
    did = daemon({"config": {"live-restore": True}, "backup": False})  # engine 25 and later do not reload such a file
    lab.host.sh("systemctl reload docker; sleep 1")
    if did["reload"] == "sighup":
        lab.until(f'[ "$({live})" = true ]')
    if (did["reload"] == "sighup") != (lab.host.sh(live) == "true"):
        raise Mismatch(f"reload is {did['reload']}, and live-restore is {lab.host.sh(live)}")
    lab.host.sh(f"echo '{{}}' > {PATH}")
    lab.restart_engine()
    if lab.host.sh(live) != "false":
        raise Mismatch("live-restore was to be off after the restart")


def _who_outlives_a_restart(lab: Lab, daemon: Module) -> None:
    """A container does only if the engine has live-restore on when it stops and when it starts: so says the module."""
    lab.container("web", "--restart", "always")
    steps = [
        ({"config": {"live-restore": True, "mtu": 1480}}, "reload_first"),  # and nobody reloads it
        ({"config": {"mtu": 1490}}, "survives"),
        ({"config": {"live-restore": None, "mtu": None}, "state": "absent"}, "returns"),
    ]
    for args, after in steps:
        began = lab.host.sh("docker inspect -f '{{.State.Pid}}' web")
        did = daemon({**args, "backup": False})
        said = [one["after"] for one in did["blast"]["containers"]]
        lab.restart_engine()
        lab.until("[ $(docker inspect -f '{{.State.Running}}' web) = true ]")
        outlived = lab.host.sh("docker inspect -f '{{.State.Pid}}' web") == began
        if said != [after] or outlived != (after == "survives"):
            raise Mismatch(f"{args}: {said} was said, and the container {'went on' if outlived else 'was stopped'}")
