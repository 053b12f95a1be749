# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What is known of the keys of daemon.json.

Source: moby cmd/dockerd/config*.go (flags and what their options are called in the file), daemon/config/config*.go,
daemon/reload.go and reload_unix.go (what a running engine takes over), at v20.10.27, v23, v28.5.2 and docker-v29.7.2.
"""

from __future__ import annotations

import typing as t

# Options that are called otherwise on the command line: opts.NamedOption
FLAGS: t.Mapping[str, str] = {
    "allow-nondistributable-artifacts": "allow-nondistributable-artifacts",
    "authorization-plugins": "authorization-plugin",
    "cdi-spec-dirs": "cdi-spec-dir",
    "cluster-store-opts": "cluster-store-opt",
    "default-address-pools": "default-address-pool",
    "default-network-opts": "default-network-opt",
    "default-ulimits": "default-ulimit",
    "dns-opts": "dns-opt",
    "exec-opts": "exec-opt",
    "features": "feature",
    "host-gateway-ips": "host-gateway-ip",
    "hosts": "host",
    "insecure-registries": "insecure-registry",
    "labels": "label",
    "log-opts": "log-opt",
    "node-generic-resources": "node-generic-resource",
    "registry-mirrors": "registry-mirror",
    "runtimes": "add-runtime",
    "storage-opts": "storage-opt",
}
SHORT: t.Mapping[str, str] = {
    "b": "bridge",
    "D": "debug",
    "g": "graph",
    "G": "group",
    "H": "host",
    "l": "log-level",
    "p": "pidfile",
    "s": "storage-driver",
}
MAY_BE_BOTH = ("runtimes",)  # skipDuplicates: the only option that file and command line may both give

# Keys that no flag stands for: skipValidateOptions
FILE_ONLY = ("features", "builder", "deprecated-key-path", "allow-nondistributable-artifacts")
# Objects that are one option; the keys of any other object count as keys of the file: flatOptions
WHOLE_OBJECTS = ("cluster-store-opts", "log-opts", "runtimes", "default-ulimits", "features", "builder")
WHOLE_OBJECTS_SINCE_24 = ("default-network-opts",)
# Objects that older engines open, find keys in that they know, and then ignore without a word
IGNORED_BEFORE: t.Mapping[str, t.Tuple[int, ...]] = {"default-network-opts": (24,)}

# A switch on the command line takes no argument of its own
SWITCHES = frozenset(
    "allow-direct-routing cri-containerd debug disable-legacy-registry experimental help icc init ip-forward"
    " ip-forward-no-drop ip-masq ip6tables iptables ipv6 live-restore no-new-privileges raw-logs rootless"
    " selinux-enabled tls tlsverify userland-proxy validate version".split()
)
LISTS = frozenset(
    "allow-nondistributable-artifacts authorization-plugins cdi-spec-dirs default-address-pools dns dns-opts dns-search"
    " exec-opts hosts insecure-registries labels node-generic-resources registry-mirrors storage-opts".split()
)
OBJECTS = frozenset(
    "builder cluster-store-opts default-network-opts default-ulimits features log-opts proxies runtimes".split()
)
NUMBERS = frozenset(
    "cpu-rt-period cpu-rt-runtime default-stop-timeout max-concurrent-downloads max-concurrent-uploads"
    " max-download-attempts mtu network-control-plane-mtu network-diagnostic-port oom-score-adjust"
    " shutdown-timeout".split()
)
# What is in them. builder and proxies hold several kinds
_OF_OBJECTS = ("default-address-pools", "default-network-opts", "default-ulimits", "runtimes")
_OF_TEXTS = ("cluster-store-opts", "log-opts")
# Texts that an engine refuses as anything else. Keys that are in none of these sets may be of a release to come
TEXTS = frozenset(
    "bip bridge cgroup-parent data-root default-cgroupns-mode default-gateway default-gateway-v6 default-ipc-mode"
    " default-runtime default-shm-size exec-root firewall-backend fixed-cidr fixed-cidr-v6 group ip log-driver"
    " log-level pidfile storage-driver userland-proxy-path userns-remap".split()
)

_LIST_POLICIES = {
    "labels": "by_key",
    "exec-opts": "by_key",
    "storage-opts": "by_key",
    "default-address-pools": "replace",
    "builder.gc.policy": "replace",
}

# Taken over at SIGHUP if the file has them; one that was removed keeps its old value until a restart, because the
# engine only looks at values that are set (conf.IsValueSet)
_RELOADED_IF_SET = frozenset(
    "debug labels shutdown-timeout allow-nondistributable-artifacts insecure-registries registry-mirrors live-restore"
    " runtimes default-runtime default-shm-size default-ipc-mode default-cgroupns-mode".split()
)
# Taken over at SIGHUP, and reset to the default where the file has them no longer
_RELOADED = frozenset(
    "max-concurrent-downloads max-concurrent-uploads max-download-attempts network-diagnostic-port"
    " authorization-plugins features.buildkit".split()
)
_RELOADED_SINCE = {"max-download-attempts": (20, 10), "default-stop-timeout": (29,), "nri-opts": (29,)}


def list_policy(path: str) -> str:
    """What becomes of a list that is there already: union, by_key or replace. path: dotted."""
    return _LIST_POLICIES.get(path, "union")


def flag_of(key: str) -> str:
    return FLAGS.get(key, key)


def kind_of(key: str) -> str:
    """bool, list, object, number or text; empty for a key that is not known."""
    sets = {"bool": SWITCHES, "list": LISTS, "object": OBJECTS, "number": NUMBERS, "text": TEXTS}
    return next((kind for kind, keys in sets.items() if key in keys), "")


def item_kind_of(key: str) -> str:
    """The same of each item of a list, or value of an object; empty where there may be several."""
    if key in _OF_OBJECTS:
        return "object"
    if key == "features":
        return "bool"
    return "text" if key in LISTS or key in _OF_TEXTS else ""


def reloads(config: t.Mapping[str, t.Any], version: t.Tuple[int, ...]) -> bool:
    """Whether an engine takes this file over at SIGHUP at all.

    Since 25 it then judges the file without its flags: with `userland-proxy` true in the file and no path it says
    "userland-proxy is enabled, but userland-proxy-path is not set", and goes on with what it had.
    """
    return version < (25,) or config.get("userland-proxy") is not True or bool(config.get("userland-proxy-path"))


def takes_over(path: str, is_set: bool, version: t.Tuple[int, ...]) -> bool:
    """Whether a running engine takes a key over at SIGHUP. path: the key, or features.NAME; is_set: the file has it."""
    if path in _RELOADED_SINCE:
        return version >= _RELOADED_SINCE[path] and (is_set or path in _RELOADED)
    return path in _RELOADED or (is_set and path in _RELOADED_IF_SET)
