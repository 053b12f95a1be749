# SPDX-License-Identifier: GPL-3.0-or-later
"""Be a client with a port of one's own: connect, print the pid, and stay; or close, and leave TIME-WAIT behind.

usage: connect.py PORT ADDRESS ITS_PORT [close]
"""

from __future__ import annotations

import os
import socket
import sys
import time


def main() -> None:
    port, address, its_port, *close = sys.argv[1:]
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.bind(("", int(port)))
    sock.connect((address, int(its_port)))
    if close:  # say goodbye first, and read to the end: unread data would turn it into a reset
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(4096):
            pass
        sock.close()
        return
    child = os.fork()
    if child:
        print(child, flush=True)
        os._exit(0)
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    time.sleep(600)


if __name__ == "__main__":
    main()
