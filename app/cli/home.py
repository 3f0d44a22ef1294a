import os
from pathlib import Path

from kernel.errors import Invalid


def require_writable(home: Path) -> None:
    """Create the data directory where it is missing.

    Raises:
        Invalid: it cannot be created, or others alone may write to it.
    """
    remedy = "Choose another folder: PICKSTREAM_HOME."
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid(f"{home} cannot be the data directory: {error.strerror}.", remedy=remedy) from error
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        raise Invalid(f"You may not write to {home}.", remedy=remedy)
