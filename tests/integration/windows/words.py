# SPDX-License-Identifier: GPL-3.0-or-later
"""What netstat, tasklist and netsh interface portproxy say, by language. Nothing that reads them may lean on it."""

from __future__ import annotations

import typing as t

PAGES = {
    "english": 437, "german": 850, "french": 850, "spanish": 850,
    "russian": 866, "japanese": 932, "chinese": 936, "korean": 949,
}  # fmt: skip


class Words(t.NamedTuple):
    """connections: netstat's heading; columns: of its table; listening, bound, established, time_wait: states.

    none: what tasklist prints for a process without services. portproxy: heading of one table; address, port: columns.
    """

    connections: str
    columns: t.Tuple[str, str, str, str]
    listening: str
    bound: str
    established: str
    time_wait: str
    none: str
    portproxy: str
    address: str
    port: str


_STATES = ("LISTENING", "BOUND", "ESTABLISHED", "TIME_WAIT")

WORDS = {
    "english": Words("Active Connections", ("Proto", "Local Address", "Foreign Address", "State"), *_STATES,
                     "N/A", "Listen on ipv4:             Connect to ipv4:", "Address", "Port"),
    "german": Words("Aktive Verbindungen", ("Proto", "Lokale Adresse", "Remoteadresse", "Status"),
                    "ABHÖREN", "GEBUNDEN", "HERGESTELLT", "WARTEND",
                    "Nicht zutreffend", "Abhören auf ipv4:            Verbinden mit ipv4:", "Adresse", "Port"),
    "french": Words("Connexions actives", ("Proto", "Adresse locale", "Adresse distante", "État"), *_STATES,
                    "N/A", "Écouter sur ipv4 :         Se connecter à ipv4 :", "Adresse", "Port"),
    "spanish": Words("Conexiones activas", ("Proto", "Dirección local", "Dirección remota", "Estado"), *_STATES,
                     "N/D", "Escuchar en ipv4:           Conectar a ipv4:", "Dirección", "Puerto"),
    "russian": Words("Активные подключения", ("Имя", "Локальный адрес", "Внешний адрес", "Состояние"), *_STATES,
                     "Н/Д", "Прослушивать ipv4:         Подключиться к ipv4:", "Адрес", "Порт"),
    "japanese": Words("アクティブな接続", ("プロトコル", "ローカル アドレス", "外部アドレス", "状態"), *_STATES,
                      "N/A", "ipv4 をリッスンする:         ipv4 に接続する:", "アドレス", "ポート"),
    "chinese": Words("活动连接", ("协议", "本地地址", "外部地址", "状态"), *_STATES,
                     "暂缺", "侦听 ipv4:                 连接到 ipv4:", "地址", "端口"),
    "korean": Words("활성 연결", ("프로토콜", "로컬 주소", "외부 주소", "상태"), *_STATES,
                    "해당 없음", "ipv4 수신 대기:             ipv4에 연결:", "주소", "포트"),
}  # fmt: skip
