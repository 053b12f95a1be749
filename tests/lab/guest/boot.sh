#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Before PID 1 of a lab host that is a virtual machine. /lab is its second disk; LAB_* are in /lab/host.
set -e
. /lab/host
hostname "$LAB_NAME"
modprobe virtio_net # not every initial file system has it, and udev comes later
until [ -e /sys/class/net/eth0 ]; do sleep 0.1; done
ip link set lo up
ip link set eth0 up
ip addr add "$LAB_V4/24" dev eth0
ip addr add "$LAB_V6/64" dev eth0 nodad
ip route add default via "$LAB_GATEWAY"
install -d -m 700 /root/.ssh
install -m 600 /lab/authorized_keys /root/.ssh/authorized_keys
cp /lab/bb.tar /srv/bb.tar
. /lab/names.sh
exec /lib/systemd/systemd "$@"
