# SPDX-License-Identifier: GPL-3.0-or-later
"""Role userland_proxy: off and on again on a real engine; back to the old file if the engine does not start."""

from labkit.play import everything, play, promise, role, same
from labkit.scenario import Lab, Mismatch

SHORT = ()
RENEW = True  # engine 20.10 leaves a MASQUERADE rule behind when the proxy is turned on again
PATH = "/etc/docker/daemon.json"
OLD = '{\n    "debug": true\n}\n'
NOW = {"userland_proxy_strategy": "now"}


def run(lab: Lab) -> None:
    lab.file(PATH, OLD)
    lab.restart_engine()
    lab.container("web", "-p", "8170:80", "--restart", "always")
    lab.container("db", "-p", "127.0.0.1:8171:80")
    _never(lab)
    _off(lab)
    _on(lab)
    _handler(lab)
    _live_restore(lab)
    _broken(lab)


def _proxies(lab: Lab) -> int:
    return int(lab.host.sh("ps -eo comm= | grep -c docker-proxy || true"))


def _answers(lab: Lab) -> None:
    lab.reaches("out", lab.host.v4, 8170, "web")
    lab.reaches("in", "127.0.0.1", 8170, "web")
    lab.reaches("in", "127.0.0.1", 8171, "db")


def _never(lab: Lab) -> None:
    """Nothing is restarted unless somebody says when; each run says that the engine does not follow yet."""
    done = promise(lab.host, [role("userland_proxy")])
    if "nobody answers any more at" not in done.text or "It has not read userland-proxy yet" not in done.text:
        raise Mismatch(f"the role was to tell: {done.text}")
    if not _proxies(lab) or "It has not read" not in play(lab.host.name, [role("userland_proxy")]).text:
        raise Mismatch("the engine was to be left alone")


def _off(lab: Lab) -> None:
    """A change that an earlier run made is followed now, though the file does not change."""
    before = everything(lab.host)
    said = play(lab.host.name, [role("userland_proxy", **NOW)], check=True)
    same(before, everything(lab.host), "check mode")
    did = play(lab.host.name, [role("userland_proxy", **NOW)])
    again = play(lab.host.name, [role("userland_proxy", **NOW)])
    if (said.changed, did.changed, again.changed, did.failed + again.failed) != (1, 1, 0, 0):
        raise Mismatch(f"check {said.text}\nreal {did.text}\nagain {again.text}")
    if _proxies(lab):
        raise Mismatch("docker-proxy was to be gone")
    _answers(lab)


def _on(lab: Lab) -> None:
    did = play(lab.host.name, [role("userland_proxy", userland_proxy_enabled=True, **NOW)])
    if did.failed or did.changed != 2 or not _proxies(lab):
        raise Mismatch(f"the proxy was to be on again: {did.text}")
    _answers(lab)


def _handler(lab: Lab) -> None:
    """Once, at the end of the play, however often it is asked for."""
    roles = [
        role("userland_proxy", userland_proxy_strategy="handler"),
        role("userland_proxy", userland_proxy_strategy="handler", userland_proxy_settings={"ip": "127.0.0.1"}),
    ]
    began = lab.host.sh("systemctl show docker -p NRestarts,ExecMainStartTimestampMonotonic")
    did = play(lab.host.name, roles)
    if (
        did.failed
        or _proxies(lab)
        or lab.host.sh("systemctl show docker -p NRestarts,ExecMainStartTimestampMonotonic") == began
    ):
        raise Mismatch(f"the engine was to be restarted at the end: {did.text}")
    bound = lab.host.sh(
        "docker network inspect bridge -f '{{index .Options \"com.docker.network.bridge.host_binding_ipv4\"}}'"
    )
    if bound != "127.0.0.1":
        raise Mismatch(f"the default bridge publishes on {bound}")


def _live_restore(lab: Lab) -> None:
    """The containers' processes go on."""
    pids = lab.host.sh("docker inspect -f '{{.State.Pid}}' web db")
    wish = {"userland_proxy_enabled": True, "userland_proxy_live_restore": True, **NOW}
    said = play(lab.host.name, [role("userland_proxy", **wish)], check=True)
    did = play(lab.host.name, [role("userland_proxy", **wish)])
    if did.failed or "go on through live-restore" not in said.text or "go on through live-restore" not in did.text:
        raise Mismatch(f"containers were to survive: {said.text}\n{did.text}")
    if lab.host.sh("docker inspect -f '{{.State.Pid}}' web db") != pids:
        raise Mismatch("containers were stopped")


def _broken(lab: Lab) -> None:
    """The engine does not come back with the new file, or never says that it is ready: the old one does."""
    for start, said in (
        (f"! grep -q false {PATH}", ""),
        (f"! grep -q false {PATH} || sleep 600", "did not end within 30 s"),
    ):
        override = f"[Service]\nTimeoutStartSec=infinity\nExecStartPre=/bin/sh -c '{start}'\n"
        lab.file("/run/systemd/system/docker.service.d/lab.conf", override)
        lab.host.sh("systemctl daemon-reload")
        old = lab.host.sh(f"cat {PATH}")
        did = play(lab.host.name, [role("userland_proxy", userland_proxy_wait=30, **NOW)])
        if (
            did.failed != 1
            or "the old file is back, and the engine runs with it" not in did.text
            or said not in did.text
        ):
            raise Mismatch(f"it was to go back: {did.text}")
        if lab.host.sh(f"cat {PATH}") != old:
            raise Mismatch("the old file is not back")
        lab.host.sh("docker ps --format '{{.Names}}' | sort | xargs | grep -x 'db web'")
