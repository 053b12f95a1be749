# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._lock import Busy, alone_in, locked


def test_two_at_once_wait_for_each_other(tmp_path):
    with locked(str(tmp_path), 1):
        with pytest.raises(Busy) as raised, locked(str(tmp_path), 0.1):
            pass
        assert str(raised.value) == f"another run is changing {tmp_path}: it was not done after 0.1 s"
    with locked(str(tmp_path), 0.1):
        pass


def test_where_there_is_no_folder_yet_the_one_above_is_locked(tmp_path):
    with alone_in(str(tmp_path / "a/b")), pytest.raises(Busy), locked(str(tmp_path), 0.05):
        pass


def test_who_waits_as_long_as_he_says(tmp_path):
    with alone_in(str(tmp_path)), pytest.raises(Busy) as raised, alone_in(str(tmp_path), 0.05):
        pass

    assert str(raised.value) == f"another run is changing {tmp_path}: it was not done after 0.05 s"
