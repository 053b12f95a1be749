# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab: real hosts with real engines, each a container of an engine of the lab's own."""
