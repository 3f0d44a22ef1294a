"""Compiles the router, and the search for batches, for this machine: `python -m app.compiling`, in a process that gives
its memory back.
"""

import os
import subprocess
import sys

from fulfillment import api as fulfillment

_LOW_PRIORITY = 10


def compile_when_wanted() -> None:
    """Wait for the first tour to be measured, then compile: a house that measures none never pays for it."""
    fulfillment.wait_until_routes_are_wanted()
    compile_ahead()


def compile_ahead() -> None:
    """Have another process fill the cache of compiled code; this one loads it when it has tours to measure."""
    done = subprocess.run([sys.executable, "-m", "app.compiling"], check=False)
    if done.returncode == 0:
        fulfillment.expect_compiled_routes()


if __name__ == "__main__":
    os.nice(_LOW_PRIORITY)
    sys.exit(not (fulfillment.warm_up_routes() and fulfillment.warm_up_batching()))
