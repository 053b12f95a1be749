# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.document import DocumentError, load
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.json_edit import Change

DEBUG = [Change(("debug",), True)]
CHANGED = [
    # bytes on the disk, bytes with debug: true
    (b'{"a": 1}', b'{"a": 1, "debug": true}'),
    (b'\xef\xbb\xbf{\n  "a": 1\n}\n', b'\xef\xbb\xbf{\n  "a": 1,\n  "debug": true\n}\n'),
    (b"", b'{\n  "debug": true\n}\n'),
    (b"\n \n", b'{\n  "debug": true\n}\n'),
    (b'{\r\n\t"a": 1\r\n}', b'{\r\n\t"a": 1,\r\n\t"debug": true\r\n}'),
]
REFUSED = [
    (b"[]", "{path} holds list: expected an object, such as {{}}"),
    (b'{\n  "a": 1\n  "b": 2\n}', "{path}: line 3, column 3: expected ',' or '}}', but found '\"b\": 2\\n}}'; "
     "the line is '  \"b\": 2'"),
    (b'{"a": 1} // x', "{path}: line 1, column 10: a comment: JSON has none, and no engine reads this file; "
     "the line is '{{\"a\": 1}} // x'"),
    (b'{\n"a": "\xff"}', "{path}: line 2, column 7: a byte that is no UTF-8 (0xff)"),
    (b'\xef\xbb\xbf{"\xc3\xa9": "\xff"}', "{path}: line 1, column 8: a byte that is no UTF-8 (0xff)"),
    ('{"a": 1}'.encode("utf-16"), "{path} is UTF-16: save it as UTF-8"),
]  # fmt: skip


@pytest.mark.parametrize("before, after", CHANGED)
def test_changed(tmp_path, before, after):
    path = tmp_path / "daemon.json"
    path.write_bytes(before)

    assert load(str(path)).changed(DEBUG).encoded() == after


def test_unchanged_is_byte_for_byte(tmp_path):
    path = tmp_path / "daemon.json"
    path.write_bytes(b"\xef\xbb\xbf {  }\r\n\n")

    assert load(str(path)).changed([]).encoded() == b"\xef\xbb\xbf {  }\r\n\n"


def test_no_file(tmp_path):
    document = load(str(tmp_path / "none/daemon.json"))

    assert (document.raw, document.config) == (None, {})
    assert document.changed(DEBUG).encoded() == b'{\n  "debug": true\n}\n'


@pytest.mark.parametrize("content, message", REFUSED)
def test_refused(tmp_path, content, message):
    path = tmp_path / "daemon.json"
    path.write_bytes(content)

    with pytest.raises(DocumentError) as raised:
        load(str(path))

    assert str(raised.value) == message.format(path=path)


def test_a_link_leads_to_the_file(tmp_path):
    target, link = tmp_path / "real.json", tmp_path / "daemon.json"
    target.write_text("{}")
    link.symlink_to("real.json")

    assert load(str(link)).path == str(target)


def test_what_is_no_file(tmp_path):
    with pytest.raises(DocumentError) as raised:
        load(str(tmp_path))
    assert str(raised.value) == f"{tmp_path} is not a file"


def test_a_link_to_itself(tmp_path):
    loop = tmp_path / "daemon.json"
    loop.symlink_to("daemon.json")

    with pytest.raises(DocumentError) as raised:
        load(str(loop))

    assert str(raised.value) == f"{loop}: {os.strerror(40).lower()}"
