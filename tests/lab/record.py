# SPDX-License-Identifier: GPL-3.0-or-later
"""Record what an engine and the tools around it print on a lab host, as raw texts for unit tests.

usage: python3 record.py HOST [proxy|noproxy|api|swarm|rootless] [FOLDER]

Writes FOLDER/engine-VERSION-VARIANT/STATE.engine-VERSION.SOURCE, by default into tests/unit/recordings; see the README
there. The host must be up, and is made anew at the end.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from labkit import fleet, places  # noqa: E402
from labkit.remote import Remote  # noqa: E402
from labkit.rootless import start as start_rootless  # noqa: E402
from labkit.scene import Scene  # noqa: E402

API = "curl -sS --unix-socket {socket} http://engine/{path}"
SOURCES = {
    "iptables-nft-save.txt": "iptables-nft-save",
    "ip6tables-nft-save.txt": "ip6tables-nft-save",
    "iptables-legacy-save.txt": "[ ! -s /proc/net/ip_tables_names ] || iptables-legacy-save",
    "ip6tables-legacy-save.txt": "[ ! -s /proc/net/ip6_tables_names ] || ip6tables-legacy-save",
    "nft.json": "nft -j list ruleset",
    "ss.txt": "ss -tulnpeH",
    "docker-proxy.txt": "for p in $(pgrep -x docker-proxy); do tr '\\0' ' ' < /proc/$p/cmdline; echo; done",
    "docker-ps.jsonl": "{docker} ps -a --no-trunc --format '{{{{json .}}}}'",
    "docker-inspect.json": 'ids=$({docker} ps -aq); [ -z "$ids" ] || {docker} inspect $ids',
    "docker-network-inspect.json": "{docker} network inspect $({docker} network ls -q)",
    "docker-info.json": "{docker} info --format '{{{{json .}}}}'",
    "docker-version.json": "{docker} version --format '{{{{json .}}}}'",
    "api-containers.json": API.format(socket="{socket}", path="containers/json?all=1"),
    "api-info.json": API.format(socket="{socket}", path="info"),
    "api-version.json": API.format(socket="{socket}", path="version"),
}
ABOUT_ENGINE = ("docker-info.json", "docker-version.json", "api-info.json", "api-version.json")
NO_RULES = {name: command for name, command in SOURCES.items() if "tables" not in name and name != "nft.json"}
SWARM = {
    "api-services.json": API.format(socket="{socket}", path="services"),
    "docker-service-ls.jsonl": "{docker} service ls --format '{{{{json .}}}}'",
}
WEB = "busybox httpd -f -p 80 -h /etc"
MANY = {
    "lo": "-p 127.0.0.1:8081:80",
    "udp": "-p 8053:53/udp",
    "rng": "-p 9000-9002:9000-9002",
    "rnd": "-p 80",
    "v6only": "-p [::1]:8082:80",
}
REFUSED = {
    "container-same-port": "-p 8080:80",
    "container-any-vs-loopback": "-p 8081:80",
    "container-loopback-vs-any": "-p 127.0.0.1:8080:80",
    "host-tcp4-any": "-p 7001:80",
    "nonlocal-ip": "-p 203.0.113.9:7008:80",
}


class Recorder:
    """Writes what a host prints. `docker` and `socket` are the engine's client and API there."""

    def __init__(self, scene: Scene, folder: Path, variant: str, docker: str, socket: str) -> None:
        self.scene, self.docker, self.socket = scene, docker, socket
        self.version = scene.host.sh(f"{docker} version --format '{{{{.Server.Version}}}}'").partition("+")[0]
        self.folder = folder / f"engine-{self.version}-{variant}"
        self.folder.mkdir(parents=True, exist_ok=True)

    def write(self, state: str, source: str, text: str) -> None:
        """One recording. The registry's address, which some print, says nothing about ports."""
        lines = [line for line in text.splitlines(keepends=True) if "Registry" not in line or len(line) > 2000]
        (self.folder / f"{state}.engine-{self.version}.{source}").write_text("".join(lines))

    def snap(self, state: str, sources: dict[str, str] | None = None) -> None:
        """Every source, now."""
        for source, command in (SOURCES if sources is None else sources).items():
            self.write(state, source, self.scene.host.sh(command.format(docker=self.docker, socket=self.socket)) + "\n")

    def refusal(self, name: str, options: str) -> None:
        """One start that should fail: the command, its output, how it ended, and the container's state."""
        command = f"{self.docker} run -d --name refused --stop-signal KILL {options} bb:1 {WEB}"
        ran = self.scene.host.try_sh(command)
        state = self.scene.host.try_sh(
            f"{self.docker} inspect -f 'inspect {{{{.Name}}}}: Status={{{{.State.Status}}}}"
            f" ExitCode={{{{.State.ExitCode}}}} Error={{{{json .State.Error}}}}' refused;"
            f" {self.docker} rm -f refused >/dev/null"
        )
        self.write(name, "error.txt", f"$ {command}\n{ran.out}{ran.err}rc={ran.rc}\n{state.out}")

    def run(self, name: str, options: str) -> None:
        """A container."""
        self.scene.host.sh(f"{self.docker} run -d --name {name} --stop-signal KILL {options} bb:1 {WEB}")


def plain(recorder: Recorder) -> None:
    """The states `clean`, `one-port`, `many-ports`, and refusals."""
    recorder.snap("clean")
    recorder.run("web", "-p 8080:80")
    recorder.snap("one-port")
    many(recorder, SOURCES)
    refusals(recorder)


def many(recorder: Recorder, sources: dict[str, str]) -> None:
    """The state `many-ports`; for `api` one more container in each state that a container can be in."""
    for name, options in MANY.items():
        recorder.run(name, options)
    recorder.run("hostnet", "--network host")
    recorder.snap("many-ports", sources)


def api(recorder: Recorder) -> None:
    """What the engine says of containers in every state, by its API and by its client."""
    recorder.run("web", "-p 8080:80")
    recorder.run("paused", "-p 8090:80")
    recorder.run("exited", "-p 8091:80")
    recorder.scene.host.sh("docker pause paused; docker stop exited; docker create --name created -p 8092:80 bb:1 sh")
    recorder.scene.host.sh("docker run -d --name looping --restart always -p 8093:80 bb:1 sh -c 'exit 1'; sleep 5")
    many(recorder, NO_RULES)
    recorder.scene.host.sh("docker unpause paused")


def rootless(recorder: Recorder) -> None:
    """A user's engine."""
    recorder.run("web", "-p 8080:80")
    many(recorder, NO_RULES)
    refusals(recorder)
    recorder.refusal("privileged-port", "-p 1023:80")


def refusals(recorder: Recorder) -> None:
    """Starts that fail."""
    recorder.scene.hold("0.0.0.0", 7001)
    for name, options in REFUSED.items():
        recorder.refusal(name, options)


def swarm(recorder: Recorder) -> None:
    """A manager with a service in host mode and one through the ingress network."""
    host = recorder.scene.host
    host.sh(f"docker swarm init --advertise-addr {host.v4}")
    create = "docker service create --detach=false --quiet --no-resolve-image"
    host.sh(f"{create} --name inhost --publish mode=host,published=8084,target=80 bb:1 {WEB}", timeout=180)
    host.sh(f"{create} --name ingress --publish 8085:80 bb:1 {WEB}", timeout=180)
    sources = {**SOURCES, **SWARM}
    recorder.snap("services", {name: sources[name] for name in sources if name not in ("nft.json", *ABOUT_ENGINE)})
    clash = host.try_sh(f"{create} --name clash --publish 8085:80 bb:1 {WEB}", timeout=90)
    recorder.write(
        "ingress-same-port", "error.txt", f"$ {create} --publish 8085:80\n{clash.out}{clash.err}rc={clash.rc}\n"
    )


KINDS = {"proxy": plain, "noproxy": plain, "api": api, "swarm": swarm, "rootless": rootless}


def main() -> None:
    host, variant, *folder = [*sys.argv[1:], *(["proxy"] if len(sys.argv) == 2 else [])]
    into = Path(folder[0]) if folder else places.CHECKOUT / "tests/unit/recordings"
    with places.locked(places.run_dir() / f"{host}.lock"), Scene(Remote(host)) as scene:
        try:
            if variant == "swarm":  # its ingress network needs IPVS
                scene.host.hang_up()
                fleet.renew_virtual(host)
            docker, socket = "docker", "/run/docker.sock"
            if variant == "rootless":
                docker, socket = start_rootless(scene)
            elif variant == "noproxy":
                scene.daemon('{"userland-proxy": false}')
            recorder = Recorder(scene, into, variant, docker, shlex.quote(socket))
            KINDS[variant](recorder)
            print(recorder.folder)
        finally:
            scene.host.hang_up()
            fleet.renew(host)
            scene.forget()


if __name__ == "__main__":
    main()
