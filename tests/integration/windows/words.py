# SPDX-License-Identifier: GPL-3.0-or-later
"""What netstat and tasklist say, by language. Nothing that reads them may lean on it."""

from __future__ import annotations

import typing as t

PAGES = {
    "english": 437, "german": 850, "french": 850, "spanish": 850,
    "russian": 866, "japanese": 932, "chinese": 936, "korean": 949,
}  # fmt: skip


class Words(t.NamedTuple):
    """connections: netstat's heading; columns: of its table; listening, bound, established, time_wait: states.

    none: what tasklist prints for a process without services.
    """

    connections: str
    columns: t.Tuple[str, str, str, str]
    listening: str
    bound: str
    established: str
    time_wait: str
    none: str


_STATES = ("LISTENING", "BOUND", "ESTABLISHED", "TIME_WAIT")

WORDS = {
    "english": Words("Active Connections", ("Proto", "Local Address", "Foreign Address", "State"), *_STATES, "N/A"),
    "german": Words("Aktive Verbindungen", ("Proto", "Lokale Adresse", "Remoteadresse", "Status"),
                    "ABHÖREN", "GEBUNDEN", "HERGESTELLT", "WARTEND", "Nicht zutreffend"),
    "french": Words("Connexions actives", ("Proto", "Adresse locale", "Adresse distante", "État"), *_STATES, "N/A"),
    "spanish": Words("Conexiones activas", ("Proto", "Dirección local", "Dirección remota", "Estado"), *_STATES, "N/D"),
    "russian": Words("Активные подключения", ("Имя", "Локальный адрес", "Внешний адрес", "Состояние"), *_STATES, "Н/Д"),
    "japanese": Words("アクティブな接続", ("プロトコル", "ローカル アドレス", "外部アドレス", "状態"), *_STATES, "N/A"),
    "chinese": Words("活动连接", ("协议", "本地地址", "外部地址", "状态"), *_STATES, "暂缺"),
    "korean": Words("활성 연결", ("프로토콜", "로컬 주소", "외부 주소", "상태"), *_STATES, "해당 없음"),
}  # fmt: skip
