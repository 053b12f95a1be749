#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The names that a host knows, as an installed Debian has them; with systemd-resolved's resolv.conf.
ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
name=$(hostname)
echo "$name" > /etc/hostname
printf '127.0.0.1 localhost\n::1 localhost\n%s %s\n' "$LAB_V4" "$name" > /etc/hosts
