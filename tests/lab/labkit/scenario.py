# SPDX-License-Identifier: GPL-3.0-or-later
"""What scenario files use: a scene on a host, what the product is expected to say of it, and the truth.

A scenario is a file in `scenarios/` with a docstring, a function `run(lab)`, and if need be:
NOT_ON = {"bookworm": "why it cannot happen there"}; SHORT = the hosts of a short run, if not all; RENEW = True (only a
new host is free of what it leaves); VIRTUAL = True (the host is to be a virtual machine, with Debian's kernel).
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from . import ask, remedies, truth
from .errors import Mismatch
from .remote import Remote
from .scene import Process, Scene

BY = "shop/web"  # who wants the port, unless a scenario says otherwise


@dataclass(frozen=True)
class Finding:
    """What the product has to say, word by word. `because` ends the sentence "shop/web wants …, but …"."""

    cause: str
    because: str
    remedies: tuple[str, ...]

    def summary(self, by: str, wanted: str) -> str:
        """The whole sentence."""
        return f"{by} wants {wanted}, but {self.because}"


class Lab(Scene):
    """A scene with a judge."""

    def __init__(self, host: Remote, truth_only: bool = False) -> None:
        super().__init__(host)
        self.truth_only = truth_only
        self.answer: dict[str, t.Any] = {}  # the last of port_check

    def want(
        self,
        publish: t.Union[str, t.Sequence[str]],
        verdict: str,
        *findings: Finding,
        wanted: str = "",
        by: str = BY,
        says: t.Union[str, t.Sequence[str]] = "",
        reach: t.Optional[t.Sequence[str]] = None,
        options: t.Sequence[str] = (),
        start: bool = True,
        args: t.Optional[dict[str, t.Any]] = None,
        docker: str = "docker",
    ) -> None:
        """Ask for a published port, expect a verdict and findings, and start the container to see.

        publish: as people write it; several are wants of one request. wanted: the binding in the words of the product,
        if not the plain one. says: what the engine's refusal must hold, or several of which it holds one. reach: whom
        to ask once it runs, see truth.start; for one port what follows from `publish` will do. start: False for what
        the lab cannot start. args: more arguments of port_check. docker: another engine's client.
        """
        texts = [publish] if isinstance(publish, str) else list(publish)
        result = None
        if not self.truth_only:
            result = self._asked(texts, by, args or {})
            self._compare(result, verdict, [f.summary(by, wanted or plain(texts[0])) for f in findings], findings)
        if not start:
            return
        true = truth.start(
            self.host,
            texts,
            *options,
            reach=self._reach(texts[0]) if reach is None else reach,
            docker=docker,
            seconds=5.0 if verdict == "diverted" else 20.0,  # nobody waits long for what is not to come
        )
        self._hold_against(result, verdict, findings, true, says)

    def remedy(self, remedy: str, by_hand: str, cause: str = "", client: str = "docker") -> None:
        """Do what the last answer offers, by its data. by_hand: the same as a script, where no module was asked.

        cause: of which finding, if several offer it. client: of the engine it is about.
        """
        if self.truth_only:
            self.host.sh(by_hand)
            return
        findings = [f for f in self.answer["findings"] if cause in ("", f["cause"])]
        offered = [r for f in findings for r in f["remedies"] if r["id"] == remedy]
        if not offered:
            raise Mismatch(f"no finding offers {remedy}: {self.answer['msg']}")
        remedies.act(self, remedy, offered[0]["params"], client)

    def reaches(self, side: str, address: str, port: int, answer: str, protocol: str = "tcp") -> None:
        """A client from `out`side, or `in` the host, gets this answer."""
        said = truth.ask(self.host, f"{side} {protocol} {address} {port}", answer)
        if said != answer:
            raise Mismatch(f"{side}: {address}:{port}/{protocol} was to say {answer!r} and says {said!r}")

    def _asked(self, publish: list[str], by: str, args: dict[str, t.Any]) -> dict[str, t.Any]:
        asked = {"publish": publish, "by": by, "fail_on": "never", **args}
        self.answer = ask.module(self.host.name, "port_check", asked)
        return self.answer

    def _compare(
        self, result: dict[str, t.Any], verdict: str, summaries: list[str], findings: t.Sequence[Finding]
    ) -> None:
        if "wants" not in result:
            raise Mismatch(f"port_check failed: {result.get('msg')}")
        want = result["wants"][0]
        said = [(f["cause"], f["summary"], [r["id"] for r in f["remedies"]]) for f in want["findings"]]
        expected = [(f.cause, text, list(f.remedies)) for f, text in zip(findings, summaries, strict=True)]
        if want["verdict"] != verdict or sorted(said) != sorted(expected):
            raise Mismatch(
                f"expected {verdict}: {expected}\n    it said {want['verdict']}: {said}"
                f"\n    unjudged: {result.get('unjudged')}"
            )

    def _hold_against(
        self,
        result: t.Optional[dict[str, t.Any]],
        verdict: str,
        findings: t.Sequence[Finding],
        true: truth.Truth,
        says: str,
    ) -> None:
        said = f"it said {verdict}" + (f" ({result['msg']})" if result else "")
        if not truth.agrees(verdict, true):
            raise Mismatch(f"{said}\n    the truth: {true}")
        if true.started:
            return
        if not any(text in true.text for text in ([says] if isinstance(says, str) else says)):
            raise Mismatch(f"the refusal was expected to say {says!r}\n    the truth: {true}")
        causes = [finding.cause for finding in findings if not self.truth_only]
        if causes and not any(truth.named(cause, true.text) for cause in causes):
            raise Mismatch(f"{said}\n    the truth: {true}\n    which no 'Seen as' of {', '.join(causes)} names")

    def _reach(self, publish: str) -> list[str]:
        """Where a container published so must answer: from outside on every address, or where it was asked for."""
        text, _slash, protocol = publish.partition("/")
        address, _colon, ports = text.rpartition(":")[0].rpartition(":")
        ask_for = f"{protocol or 'tcp'} {{}} {ports}"
        if not ports.isdigit():
            raise Mismatch(f"{publish} has no one port to ask: the scenario is to say whom, or that nobody is asked")
        if address in ("127.0.0.1", "[::1]"):
            return ["in " + ask_for.format(address.strip("[]"))]
        if address not in ("", "0.0.0.0", "[::]"):
            return ["out " + ask_for.format(address.strip("[]"))]
        return [
            f"out {ask_for.format(a)}"
            for a in (self.host.v4, self.host.v6)
            if address in ("", "0.0.0.0" if "." in a else "[::]")
        ]


def plain(publish: str) -> str:
    """The binding that a short text asks for, as the product prints it: `8080:80` is `*:8080/tcp`."""
    text, _slash, protocol = publish.partition("/")
    address, _colon, port = text.rpartition(":")[0].rpartition(":")
    return f"{address or '*'}:{port}/{protocol or 'tcp'}"


__all__ = ["BY", "Finding", "Lab", "Mismatch", "Process", "plain"]
