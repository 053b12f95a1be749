# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for get-pip.py, which ansible-test would download: the pip of the interpreter's own ensurepip is enough.

Every Python that ansible-test makes an environment for may run it, 3.8 too.
"""

from __future__ import annotations

import subprocess
import sys

# A child process, because ensurepip makes its own process deaf to pip's configuration.
subprocess.check_call([sys.executable, "-m", "ensurepip", "--default-pip"])
arguments = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
subprocess.check_call([sys.executable, "-m", "pip", "install", "--upgrade", *arguments])
