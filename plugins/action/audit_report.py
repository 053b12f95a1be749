# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import json
import os
import pathlib
import tempfile
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.dockmaster.ports.plugins.module_utils._core.load import EvidenceError, load
from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy import Policy, PolicyError, policy_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.result import as_plain
from ansible_collections.dockmaster.ports.plugins.plugin_utils._audit import HostAudit, audit
from ansible_collections.dockmaster.ports.plugins.plugin_utils._audit_text import as_data, fleet, markdown, terminal
from ansible_collections.dockmaster.ports.plugins.plugin_utils._show import show


class ActionModule(ActionBase):
    """Judges the gathered facts of every host of the play, prints them and writes the report."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: t.Any = None, task_vars: t.Any = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        spec = {
            "hosts": {"type": "list", "elements": "str"},
            "gathered": {"type": "str"},
            "report_dir": {"type": "path"},
            "port_policy": {"type": "dict"},
        }
        _checked, options = self.validate_argument_spec(spec)
        names = options["hosts"] or task_vars["ansible_play_hosts_all"]
        hosts = {name: task_vars["hostvars"][name] for name in names}
        documents = {name: _document(variables, options["gathered"]) for name, variables in hosts.items()}
        policies = {name: _policy(options["port_policy"], name, variables) for name, variables in hosts.items()}
        audits = [_audit(name, document, policies[name]) for name, document in documents.items()]
        folder = options["report_dir"]
        paths = _write(pathlib.Path(folder), audits, documents) if folder else {}
        show(terminal(audits, _short(paths.get("markdown", ""))))
        result.update(changed=False, msg=fleet(audits), hosts=[as_data(host) for host in audits], reports=paths)
        return result


def _document(variables: t.Mapping[str, t.Any], gathered: str | None) -> t.Any:
    """The host's evidence; text where there is none: why."""
    task = variables.get(gathered) if gathered else None
    if isinstance(task, t.Mapping) and task.get("unreachable"):
        return f"unreachable: {task.get('msg', 'no reason told')}"
    if isinstance(task, t.Mapping) and (task.get("failed") or "ansible_facts" not in task):
        return f"not gathered: {task.get('msg', 'no reason told')}"
    facts = variables.get("ansible_facts", {}).get("ports")
    return facts if facts is not None else "not gathered: port_facts did not run on this host"


def _policy(told: t.Any, name: str, variables: t.Mapping[str, t.Any]) -> Policy | None:
    """The task's, else the host's own, for groups may differ."""
    data = told if told is not None else variables.get("port_policy")
    try:
        return policy_of(data) if data else None
    except PolicyError as exc:
        place = "port_policy" if told is not None else f"port_policy of {name}"
        raise AnsibleActionFail(f"{place}: {exc}") from None


def _audit(name: str, document: t.Any, policy: Policy | None) -> HostAudit:
    if isinstance(document, str):
        return HostAudit(name, failed=" ".join(document.split()))
    try:
        return audit(name, load(document), policy)
    except EvidenceError as exc:
        return HostAudit(name, failed=f"its facts cannot be read: {exc}")


def _write(folder: pathlib.Path, audits: list[HostAudit], documents: t.Mapping[str, t.Any]) -> dict[str, str]:
    when = datetime.datetime.now(tz=datetime.UTC).replace(microsecond=0)
    data = {
        "schema": 1,
        "made_at": when.isoformat(),
        "hosts": [
            {
                **as_data(host),
                "diagnosis": as_plain(host.diagnosis) if host.diagnosis else None,
                "evidence": None if host.failed else documents[host.name],
            }
            for host in audits
        ],
    }
    texts = {
        "json": (folder / "ports-audit.json", json.dumps(data, indent=1, sort_keys=True) + "\n"),
        "markdown": (folder / "ports-audit.md", markdown(audits, when.isoformat(sep=" "))),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts.values():
            _replace(path, text)
    except OSError as exc:
        raise AnsibleActionFail(
            f"report_dir: {str(folder)!r} cannot be written: {exc.strerror}; expected a folder such as ./reports"
        ) from exc
    return {kind: str(path) for kind, (path, _text) in texts.items()}


def _replace(path: pathlib.Path, text: str) -> None:
    """Whole or not at all. Only the owner may read it: it tells what runs where."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    os.replace(name, path)


def _short(path: str) -> str:
    """As seen from where the user stands, if it lies below."""
    try:
        return str(pathlib.Path(path).relative_to(pathlib.Path.cwd())) if path else ""
    except ValueError:
        return path
