import shutil
from pathlib import Path

LARGEST_LOG_BYTES = 16 * 1024 * 1024


def rotate_log(path: Path) -> None:
    """Keep a log from growing without end: over 16 MiB it moves to `<name>.1` and starts anew.

    The file is copied and cut, never renamed, because running processes keep appending to the same open file.
    """
    if path.is_file() and path.stat().st_size > LARGEST_LOG_BYTES:
        shutil.copyfile(path, path.with_name(f"{path.name}.1"))
        with path.open("r+b") as log:
            log.truncate(0)


def log_tail(path: Path, *, lines: int = 20) -> str:
    """The last lines of a log, or an empty text when there is none."""
    if not path.is_file():
        return ""
    with path.open("rb") as log:
        log.seek(max(path.stat().st_size - 8192, 0))
        return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
