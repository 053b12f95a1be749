# SPDX-License-Identifier: GPL-3.0-or-later
"""Units and containers from /proc/PID/cgroup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._probes.cgroup import Place, place

ID = "b979b7216a4bf76c4f169ffac820d98f2d4b21aba504a76b8e2ce7ea9b91688b"
OTHER = "07493e0ffc236e8902f2817a24c69124ef519407627f3daa25c50c9521f19622"
POD = "pod0d7c1b2e-1f1f-4a56-8f4e-111111111111"
SLICE = "kubepods-burstable-pod0d7c1b2e_1f1f_4a56_8f4e_111111111111.slice"

V2 = [
    # path                                                              unit                     container
    ("/", "", ""),
    ("/init.scope", "init.scope", ""),
    ("/system.slice/ssh.service", "ssh.service", ""),
    ("/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", ""),
    ("/system.slice/cups.socket", "cups.socket", ""),
    ("/system.slice/docker.service", "docker.service", ""),
    ("/system.slice/we\\x20ird.service", "we\\x20ird.service", ""),
    ("/system.slice/_cgroup.service", "cgroup.service", ""),
    ("/user.slice/user-1000.slice/session-3.scope", "session-3.scope", ""),
    ("/user.slice/user-1000.slice/user@1000.service/app.slice/docker.service", "user@1000.service", ""),
    ("/system.slice/app.service/worker/1", "app.service", ""),
    ("/app/system.slice/app.service", "", ""),
    (f"/docker/{ID}", "", ID),
    (f"/docker/{ID}/system.slice/nginx.service", "", ID),
    (f"/docker/{ID}/docker/{OTHER}", "", ID),
    (f"/../../docker/{ID}", "", ID),
    (f"/../docker-{ID}.scope", f"docker-{ID}.scope", ID),
    (f"/system.slice/docker-{ID}.scope", f"docker-{ID}.scope", ID),
    (f"/system.slice/docker-{ID}.scope/init.scope", f"docker-{ID}.scope", ID),
    (f"/machine.slice/libpod-{ID}.scope/container", f"libpod-{ID}.scope", ID),
    (f"/machine.slice/libpod-conmon-{ID}.scope", f"libpod-conmon-{ID}.scope", ID),
    (f"/libpod_parent/libpod-{ID}", "", ID),
    (f"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{ID}.scope", "user@1000.service", ID),
    (f"/kubepods/burstable/{POD}/{ID}", "", ID),
    (f"/kubepods.slice/kubepods-burstable.slice/{SLICE}/cri-containerd-{ID}.scope", f"cri-containerd-{ID}.scope", ID),
    (f"/kubepods.slice/kubepods-burstable.slice/{SLICE}/crio-{ID}.scope", f"crio-{ID}.scope", ID),
    (f"/system.slice/containerd.service/{SLICE}:cri-containerd:{ID}", "containerd.service", ID),
    (f"/system.slice/nerdctl-{ID}.scope", f"nerdctl-{ID}.scope", ID),
    (f"/default/{ID}", "", ID),
    (f"/ecs/task/{ID}", "", ID),
    (f"/my-parent/{ID}", "", ID),
    ("/lxc/web", "", "web"),
    ("/lxc/101/ns/system.slice/nginx.service", "", "101"),
    ("/lxc.payload.web/system.slice/nginx.service", "", "web"),
    ("/lxc.payload/web/init.scope", "", "web"),
    ("/lxc.monitor.web", "", ""),
    (f"/system.slice/docker-{ID[:12]}.scope", f"docker-{ID[:12]}.scope", ""),
    (f"/docker/{ID.upper()}", "", ""),
    ("/lxc", "", ""),
]  # fmt: skip


@pytest.mark.parametrize("path, unit, container", V2)
def test_place_on_cgroup_v2(path, unit, container):
    assert place(f"0::{path}\n") == Place(unit, container)


HYBRID = [
    # /proc/PID/cgroup                                                                     place
    (f"9:name=systemd:/docker/{ID}\n4:memory:/docker/{ID}\n1:cpu,cpuacct:/docker/{ID}\n0::/docker/{ID}\n", Place("", ID)),
    (f"12:memory:/docker/{ID}\n1:name=systemd:/docker/{ID}\n", Place("", ID)),
    ("2:cpu:/system.slice/ssh.service\n1:name=systemd:/system.slice/ssh.service\n0::/system.slice/ssh.service\n", Place("ssh.service", "")),
    (f"3:memory:/docker/{ID}\n1:name=systemd:/system.slice/containerd.service\n", Place("containerd.service", ID)),
    (f"9:name=systemd:/\n4:memory:/\n0::/system.slice/docker-{ID}.scope\n", Place(f"docker-{ID}.scope", ID)),
    ("", Place("", "")),
    ("no cgroups here\n", Place("", "")),
]  # fmt: skip


@pytest.mark.parametrize("text, expected", HYBRID)
def test_place_on_cgroup_v1_and_on_both(text, expected):
    assert place(text) == expected


FROM_INSIDE = [
    # process 1                    the process                                        place
    (f"0::/docker/{ID}", f"0::/docker/{ID}", Place("", "")),
    (f"0::/docker/{ID}/init.scope", f"0::/docker/{ID}/system.slice/ssh.service", Place("ssh.service", "")),
    (f"0::/docker/{ID}/init.scope", f"0::/docker/{ID}/system.slice/docker-{OTHER}.scope", Place(f"docker-{OTHER}.scope", OTHER)),
    (f"0::/docker/{ID}", f"0::/docker/{ID}/docker/{OTHER}", Place("", OTHER)),
    ("0::/lxc/web", "0::/lxc/web2", Place("", "web2")),
    (f"0::/docker/{ID}", f"0::/docker/{OTHER}", Place("", OTHER)),
    ("0::/", f"0::/docker/{ID}", Place("", ID)),
    ("0::/init.scope", "0::/init.scope", Place("init.scope", "")),
]  # fmt: skip


@pytest.mark.parametrize("init, text, expected", FROM_INSIDE)
def test_the_container_that_we_are_in_ourselves_is_no_news(init, text, expected):
    assert place(text, init) == expected


@given(st.text(st.sampled_from("0:/abc.-_sopedliru\n"), max_size=80), st.text(st.sampled_from("0:/ab\n"), max_size=20))
def test_no_text_is_a_crash(text, init):
    place(text, init)
