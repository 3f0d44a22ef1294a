"""Where a program that somebody may interrupt begins: `python -m app.begin MODULE ARGUMENTS`."""

import signal
import sys
from importlib import import_module
from typing import Any


def begin(module: str) -> Any:  # noqa: ANN401 - what the module's main returns, for sys.exit
    """Import a module and run its `main`. Ctrl-C while the house is still being read ends the process without a word.

    Python would show where in an import it was, which helps nobody; the shell sees an interrupted program either way.
    """
    interrupt = signal.signal(signal.SIGINT, signal.SIG_DFL)
    main = import_module(module).main
    signal.signal(signal.SIGINT, interrupt)
    return main()


if __name__ == "__main__":
    del sys.argv[0]
    sys.exit(begin(sys.argv[0]))
