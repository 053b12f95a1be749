# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask many ports at once, each from a source address of its own; runs in the client namespace and on hosts.

usage: ask_many.py SECONDS ASKS
ASKS: [[protocol, source, address, port], ...] as JSON; source: "" for any.
Prints the answers as ask.py words them, as JSON.
"""

from __future__ import annotations

import json
import socket
import sys
from concurrent.futures import ThreadPoolExecutor


def ask(protocol: str, source: str, address: str, port: int, seconds: float) -> str:
    """The last line of an answer, or how it was refused."""
    kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind) as sock:
        sock.settimeout(seconds)
        if source:
            sock.bind((source, 0))
        sock.connect((address, port))
        sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        said = b""
        while True:
            more = sock.recv(4096)
            said += more
            if not more or protocol == "udp":
                return (said.decode(errors="replace").strip().splitlines() or ["closed"])[-1]


def answer(asked: tuple[str, str, str, int, float]) -> str:
    """The same, errors in words."""
    try:
        return ask(*asked)
    except socket.timeout:
        return "silent"
    except ConnectionRefusedError:
        return "refused"
    except ConnectionResetError:
        return "closed"
    except OSError as exc:
        return exc.strerror or str(exc)


def main() -> None:
    seconds = float(sys.argv[1])
    asks = [(*one, seconds) for one in json.loads(sys.argv[2])]
    with ThreadPoolExecutor(max(1, len(asks))) as pool:
        print(json.dumps(list(pool.map(answer, asks))))


if __name__ == "__main__":
    main()
