# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold a port on a lab host: bind as asked, go to the background, print the pid, answer every client with one line.

usage: hold.py ADDRESS PORT [udp] [reuse] [reuseport] [dual] [nolisten] [stay] [say=TEXT]
dual: IPv4 too on an IPv6 address; nolisten: bound and not listening; stay: remain in the foreground (for units).
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import sys


def held(address: str, port: int, words: set[str]) -> socket.socket:
    """The bound socket."""
    kind = socket.SOCK_DGRAM if "udp" in words else socket.SOCK_STREAM
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    if "reuse" in words:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if "reuseport" in words:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if ":" in address:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if "dual" in words else 1)
    sock.bind((address, port))
    if kind == socket.SOCK_STREAM and "nolisten" not in words:
        sock.listen(128)
    return sock


def background() -> None:
    """Print the pid of a child that goes on without us, and end."""
    child = os.fork()
    if child:
        print(child, flush=True)
        os._exit(0)
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)


def serve(sock: socket.socket, line: bytes, listens: bool) -> None:
    """Answer until killed."""
    while True:
        if not listens:
            select.select([], [], [])
        elif sock.type == socket.SOCK_DGRAM:
            sock.sendto(line, sock.recvfrom(2048)[1])
        else:
            peer = sock.accept()[0]
            peer.settimeout(1)
            with contextlib.suppress(OSError):  # a client that goes away
                peer.recv(2048)  # unread data would turn the close into a reset
                peer.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + line)
            peer.close()


def main() -> None:
    address, port, *rest = sys.argv[1:]
    words = set(rest)
    said = next((word[4:] for word in rest if word.startswith("say=")), "host")
    sock = held(address, int(port), words)
    if "stay" not in words:
        background()
    serve(sock, said.encode() + b"\n", "nolisten" not in words)


if __name__ == "__main__":
    main()
