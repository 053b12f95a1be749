# SPDX-License-Identifier: GPL-3.0-or-later
"""What is quoted for Windows is taken apart there into the same words: templates and names with quotes and blanks."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.docker_templates import CONTAINER, INFO
from ansible_collections.dockmaster.ports.tests.integration.windows.command_line import split


@pytest.mark.parametrize("word", [CONTAINER, INFO, "", "a b", 'a"b', "a\\", 'a\\"', "a\\\\ b", "\\\\host\\share x\\"])
def test_a_word_stays_a_word(word):
    assert split(subprocess.list2cmdline(["x", word, "y"])) == ["x", word, "y"]


@given(st.lists(st.text(st.sampled_from('ab \t"\\{}'), max_size=12), max_size=5))
def test_any_words_stay_the_same(words):
    assert split(subprocess.list2cmdline(words)) == words
