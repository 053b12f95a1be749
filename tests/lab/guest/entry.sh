#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Before PID 1 of a lab host, at every boot. LAB_* come from the environment of its container.
set -e

# Cgroups: the container has a private namespace of them; every v1 mount gives way to one cgroup2 mount, so that systemd
# 252 to 262 boots (258 dropped v1) and the engine inside can write. Where the machine keeps its controllers in v1, none
# is there: no memory limits.
if ! grep -q ' /sys/fs/cgroup cgroup2 ' /proc/mounts; then
  awk '$2 ~ "^/sys/fs/cgroup/" {print $2}' /proc/mounts | sort -r | while read -r m; do umount "$m" || umount -l "$m"; done
  umount /sys/fs/cgroup
  mount -t cgroup2 -o rw,nosuid,nodev,noexec cgroup2 /sys/fs/cgroup
fi

# The network: a cable from eth0 here to the bridge in the namespace of the lab's engine, which is /lab-net.
outer() { nsenter --net=/lab-net "$@"; }
until [ "$(outer ip -br link show "${LAB_BRIDGE}h" 2>/dev/null | wc -l)" = 0 ]; do sleep 0.05; done # the last boot's
mac=$(printf '02:d0:0c:00:00:%02x' "${LAB_BRIDGE#dml}") # the same after each boot, as its neighbours remember it
ip link add eth0 address "$mac" type veth peer name "${LAB_BRIDGE}h" netns /lab-net
outer ip link set "${LAB_BRIDGE}h" master "$LAB_BRIDGE" up
ip link set lo up
ip link set eth0 up
ip addr add "$LAB_V4/24" dev eth0
ip addr add "$LAB_V6/64" dev eth0 nodad
ip route add default via "$LAB_GATEWAY"
umount /lab-net # from here on the host sees nothing of it

# The engine outside bind-mounts these; a host under test has files of its own.
umount /etc/resolv.conf /etc/hosts /etc/hostname 2>/dev/null || true
. /lab/names.sh
[ -e /dev/net/tun ] || { mkdir -p /dev/net; mknod /dev/net/tun c 10 200; chmod 666 /dev/net/tun; }
exec env -u LAB_BRIDGE -u LAB_V4 -u LAB_V6 -u LAB_GATEWAY /lib/systemd/systemd "$@"
