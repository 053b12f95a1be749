# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a port with real packets and print what it answers; runs in the client namespace and on hosts.

usage: ask.py tcp|udp ADDRESS PORT [SECONDS]
Prints one line: the answer's last line, or "refused", "silent" (no answer), "closed" (a connection without an answer),
or the errno's text.
"""

from __future__ import annotations

import socket
import sys


def ask_tcp(address: str, port: int, seconds: float) -> str:
    """The last line of what a web server says, within the given seconds."""
    with socket.create_connection((address, port), seconds) as sock:
        sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        said = b""
        while True:
            more = sock.recv(4096)
            if not more:
                break
            said += more
    return (said.decode(errors="replace").strip().splitlines() or ["closed"])[-1]


def ask_udp(address: str, port: int, seconds: float) -> str:
    """What comes back for a datagram; a second is sent half-way, should the first meet a service that still starts."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(seconds / 2)
        sock.connect((address, port))
        for attempt in (1, 2):
            try:
                sock.send(b"ask\n")
                return sock.recv(2048).decode(errors="replace").strip() or "closed"
            except socket.timeout:
                if attempt == 2:
                    raise
    raise AssertionError("not reached")


def main() -> None:
    protocol, address, port, *seconds = sys.argv[1:]
    ask = ask_udp if protocol == "udp" else ask_tcp
    try:
        print(ask(address, int(port), float(seconds[0]) if seconds else 2.0))
    except ConnectionRefusedError:
        print("refused")
    except socket.timeout:
        print("silent")
    except ConnectionResetError:
        print("closed")
    except OSError as exc:
        print(exc.strerror or str(exc))


if __name__ == "__main__":
    main()
