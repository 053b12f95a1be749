# SPDX-License-Identifier: GPL-3.0-or-later
"""Two wants of one request stand in each other's way."""

from labkit.scenario import Finding, Lab


def run(lab: Lab) -> None:
    found = Finding("duplicate_want", "it also wants *:8210/tcp (published as 8210:81)", ("move_want",))
    lab.want(["8210:80", "8210:81"], "blocked", found)
    found = Finding(
        "duplicate_want", "it also wants 127.0.0.1:8210/tcp (published as 127.0.0.1:8210:80)", ("move_want",)
    )
    lab.want(["8210:80", "127.0.0.1:8210:80"], "blocked", found)
    found = Finding("duplicate_want", "it also wants *:8210/tcp (published as 8210:80)", ("move_want",))
    lab.want(["8210:80", "8210:80"], "blocked", found)
    lab.want(["8210:80", "8210:80/udp"], "free", reach=())
    lab.want(["8210:80", "8211:80"], "free")
