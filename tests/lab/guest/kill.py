# SPDX-License-Identifier: GPL-3.0-or-later
"""Kill a program somewhere on its way. To be imported on a host: sys.path.insert(0, "/lab"); import kill"""

import random
import subprocess
import time


def never(argv):
    """Run a command to its end, which must be a good one. Returns the seconds that it took."""
    began = time.monotonic()
    subprocess.run(argv, stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - began


def somewhere(argv, took):
    """Run a command and kill it between a half and a little more of the time that it takes. Returns that time.

    took: seconds. It is learned on the way: a busy machine is slower at one time than at another.
    """
    began = time.monotonic()
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        child.wait(random.uniform(took * 0.4, took * 1.1))
        return (took + time.monotonic() - began) / 2
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        return took * 1.02
