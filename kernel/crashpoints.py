import os
import signal

_armed = os.environ.get("PICKSTREAM_CRASHPOINT", "")


def crashpoint(name: str) -> None:
    """Die here, as by kill -9, when `PICKSTREAM_CRASHPOINT` names this point; otherwise do nothing.

    Tests place a process death between two named side effects with it and look at what is left.
    """
    if _armed == name:
        os.kill(os.getpid(), signal.SIGKILL)
