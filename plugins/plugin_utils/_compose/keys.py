# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The keys that a Compose file may have. Compose refuses any other, so that a slip such as `port:` is not passed over.

Source: compose-spec, schema/compose-spec.json.
"""

from __future__ import annotations

import difflib
import typing as t

TOP = ("configs", "include", "models", "name", "networks", "secrets", "services", "version", "volumes")
SERVICE = (
    "annotations", "attach", "blkio_config", "build", "cap_add", "cap_drop", "cgroup", "cgroup_parent", "command",
    "configs", "container_name", "cpu_count", "cpu_percent", "cpu_period", "cpu_quota", "cpu_rt_period",
    "cpu_rt_runtime", "cpu_shares", "cpus", "cpuset", "credential_spec", "depends_on", "deploy", "develop",
    "device_cgroup_rules", "devices", "dns", "dns_opt", "dns_search", "domainname", "entrypoint", "env_file",
    "environment", "expose", "extends", "external_links", "extra_hosts", "gpus", "group_add", "healthcheck", "hostname",
    "image", "init", "ipc", "isolation", "label_file", "labels", "links", "logging", "mac_address", "mem_limit",
    "mem_reservation", "mem_swappiness", "memswap_limit", "models", "network_mode", "networks", "oom_kill_disable",
    "oom_score_adj", "pid", "pids_limit", "platform", "ports", "post_start", "pre_start", "pre_stop", "privileged",
    "profiles", "provider", "pull_policy", "pull_refresh_after", "read_only", "restart", "runtime", "scale", "secrets",
    "security_opt", "shm_size", "stdin_open", "stop_grace_period", "stop_signal", "storage_opt", "sysctls", "tmpfs",
    "tty", "ulimits", "use_api_socket", "user", "userns_mode", "uts", "volumes", "volumes_from", "working_dir",
)  # fmt: skip
PORT = ("name", "target", "published", "host_ip", "protocol", "mode", "app_protocol")
INCLUDE = ("path", "env_file", "project_directory")
EXTENDS = ("service", "file")


def unknown(keys: t.Iterable[str], known: t.Sequence[str], of: str, extensions: bool = True) -> str:
    """A sentence about the first key that is not known; empty where all are. `x-` keys are anybody's."""
    for key in keys:
        if key not in known and not (extensions and key.startswith("x-")):
            close = difflib.get_close_matches(key, known, n=1)
            return f"{key!r} is not a key of {of}{f': did you mean {close[0]}?' if close else ''}"
    return ""
