# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Why a socket was refused, in the words of Go on Linux (always English) and of Windows (in the language it speaks)."""

from __future__ import annotations

import re
import typing as t

# What Go's table has for the errors that a bind or a listen can end in. Source: syscall/zerrors_linux_amd64.go
ERRNO = (
    r"(?P<errno>address already in use|cannot assign requested address|permission denied|operation not permitted"
    r"|address family not supported by protocol|protocol not supported|too many open files[a-z ]*"
    r"|no buffer space available|cannot allocate memory|invalid argument|socket type not supported"
    r"|an attempt was made to access a socket in a way forbidden|only one usage of each socket address)"
)
ANY_ERRNO = r"(?P<errno>.{1,300})"

# A word or two of each language that no other message of a failed start has. Windows error 10013
FORBIDDEN = (
    "attempt was made to access a socket", "zugriffsrechte des sockets", "versucht, auf eine weise auf einen socket",
    "autorisations d", "permitido por sus permisos de acceso", "rispettive autorizzazioni di accesso",
    "permissões de acesso", "访问权限不允许", "存取權限", "アクセス許可で禁じ",
    "запрещенным правами доступа", "액세스 권한",
    "uprawnienia dostępu", "toegangsmachtigingen", "erişim izinleri", "přístupovými oprávněními",
    "10013", "wsaeacces", "0x271d",
)  # fmt: skip
# Windows error 10048
IN_USE = (
    "only one usage of each socket address", "jede socketadresse", "utilisation de chaque adresse de socket",
    "un uso de cada dirección de socket", "utilizzo di ogni indirizzo di socket",
    "utilização de cada endereço de soquete",
    "每个套接字地址", "每個通訊端位址", "各ソケット アドレス", "использование адреса сокета", "각 소켓 주소",
    "użycie każdego adresu gniazda", "elk socketadres", "her yuva adresi", "každé adresy soketu",
    "10048", "wsaeaddrinuse", "0x2740",
)  # fmt: skip

_KNOWN: t.Tuple[t.Tuple[t.Tuple[str, ...], str, str, str], ...] = (
    (FORBIDDEN, "platform", "windows_excluded_or_forbidden", "Windows excludes it, or someone there has it alone"),
    (IN_USE, "socket", "windows_in_use", "something on Windows has it"),
    (("already in use", "eaddrinuse"), "socket", "address_in_use", "something on the host has it"),
    (("cannot assign requested address", "requested address is not valid"), "socket", "address_not_available",
     "the host does not have the address"),
    (("address family not supported",), "socket", "address_not_available", "the host has no IPv6"),
    (("permission denied", "operation not permitted"), "socket", "permission_privileged",
     "the engine may not bind it: a low port of a rootless engine, or a security module"),
)  # fmt: skip


def refusal_of(errno: str, form: str) -> t.Tuple[str, str, str]:
    """Layer, refusal, and why in words. An unknown reason of Docker Desktop's is in a language not known here."""
    text = errno.lower()
    for words, layer, refusal, why in _KNOWN:
        if any(word in text for word in words):
            return layer, refusal, why
    quoted = re.sub(r"\s+", " ", errno).strip(" .\"')}")[:120]
    if form == "desktop":
        return "platform", "desktop_backend", f"in words that are not known here, {quoted!r}"
    return "socket", "not_a_port_problem", f"{quoted}, which is not about the port"
