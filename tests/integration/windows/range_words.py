# SPDX-License-Identifier: GPL-3.0-or-later
"""What netsh and net say of excluded and dynamic ports, by language. Nothing that reads them may lean on it."""

from __future__ import annotations

import typing as t


class Words(t.NamedTuple):
    """excluded, dynamic: headings, with the protocol. columns, rule, note: of the table. start, number: settings.

    elevation, sharing, absent, denied, invalid: why netsh refuses. done: what it says otherwise.
    """

    excluded: str
    columns: str
    rule: str
    note: str
    dynamic: str
    start: str
    number: str
    elevation: str
    sharing: str
    absent: str
    denied: str
    invalid: str
    done: str = "Ok."


_RULE = "----------    --------      "

WORDS = {
    "english": Words(
        "Protocol {} Port Exclusion Ranges", "Start Port    End Port      ", _RULE, "* - Administered port exclusions.",
        "Protocol {} Dynamic Port Range", "Start Port      : {}", "Number of Ports : {}",
        "The requested operation requires elevation (Run as administrator).",
        "The process cannot access the file because it is being used by another process.",
        "Element not found.", "Access is denied.", "The parameter is incorrect.",
    ),
    "german": Words(
        'Portausschlussbereiche für das Protokoll "{}"', "Startport      Endport      ", _RULE,
        "* - Verwaltete Portausschlüsse.",
        'Dynamischer Portbereich für das Protokoll "{}"', "Startport        : {}", "Anzahl von Ports : {}",
        "Der angeforderte Vorgang erfordert erhöhte Rechte (Als Administrator ausführen).",
        "Der Prozess kann nicht auf die Datei zugreifen, da sie von einem anderen Prozess verwendet wird.",
        "Element nicht gefunden.", "Zugriff verweigert", "Falscher Parameter.", "OK.",
    ),
    "french": Words(
        "Plages d'exclusion de ports du protocole {}", "Port de début    Port de fin      ",
        "-------------    -----------      ", "* - Exclusions de ports administrés.",
        "Plage de ports dynamiques du protocole {}", "Port de démarrage   : {}", "Nombre de ports     : {}",
        "L'opération demandée nécessite une élévation (Exécuter en tant qu'administrateur).",
        "Le processus ne peut pas accéder au fichier car ce fichier est utilisé par un autre processus.",
        "Élément introuvable.", "Accès refusé.", "Paramètre incorrect.",
    ),
    "spanish": Words(
        "Protocolo {} Intervalos de exclusión de puertos", "Puerto de inicio    Puerto final      ",
        "----------          --------      ", "* - Exclusiones de puertos administrados.",
        "Intervalo de puertos dinámicos del protocolo {}", "Puerto de inicio   : {}", "Número de puertos  : {}",
        "La operación solicitada requiere elevación (Ejecutar como administrador).",
        "El proceso no tiene acceso al archivo porque está siendo utilizado por otro proceso.",
        "No se ha encontrado el elemento.", "Acceso denegado.", "El parámetro no es correcto.", "Aceptar",
    ),
    "russian": Words(
        "Протокол {} Диапазоны исключения портов", "Начальный порт    Конечный порт      ", _RULE,
        "* - управляемые исключения портов.",
        "Протокол {} Диапазон динамических портов", "Начальный порт      : {}", "Число портов        : {}",
        "Запрошенная операция требует повышения (запуск от имени администратора).",
        "Процесс не может получить доступ к файлу, так как этот файл занят другим процессом.",
        "Элемент не найден.", "Отказано в доступе.", "Параметр задан неверно.", "ОК.",
    ),
    "japanese": Words(
        "プロトコル {} ポート除外範囲", "開始ポート    終了ポート      ", _RULE, "* - 管理されたポート除外。",
        "プロトコル {} の動的ポートの範囲", "開始ポート     : {}", "ポート数       : {}",
        "要求された操作には管理者特権が必要です (管理者として実行してください)。",
        "プロセスはファイルにアクセスできません。別のプロセスが使用中です。",
        "要素が見つかりません。", "アクセスが拒否されました。", "パラメーターが間違っています。", "OK",
    ),
    "chinese": Words(
        "协议 {} 端口排除范围", "开始端口    结束端口      ", _RULE, "* - 管理的端口排除。",
        "协议 {} 动态端口范围", "启动端口        : {}", "端口数          : {}",
        "请求的操作需要提升(作为管理员运行)。", "另一个程序正在使用此文件，进程无法访问。",
        "找不到元素。", "拒绝访问。", "参数错误。", "确定。",
    ),
    "korean": Words(
        "프로토콜 {} 포트 제외 범위", "시작 포트    끝 포트      ", _RULE, "* - 관리 포트 제외입니다.",
        "프로토콜 {} 동적 포트 범위", "시작 포트   : {}", "포트 수     : {}",
        "요청한 작업을 수행하려면 권한 상승이 필요합니다(관리자 권한으로 실행).",
        "다른 프로세스가 파일을 사용 중이기 때문에 프로세스가 액세스 할 수 없습니다.",
        "요소가 없습니다.", "액세스가 거부되었습니다.", "매개 변수가 틀립니다.", "확인되었습니다.",
    ),
}  # fmt: skip
