import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from app.engines.errors import EngineError
from app.engines.identity import Identity

# AF_UNIX paths end at 104 bytes on macOS and at 108 on Linux, the closing zero byte included.
LONGEST_SOCKET_PATH = 103
LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"
SHARED_DATA = Path("/var/lib/pickstream")


def engine_root(home: Path, identity: Identity) -> Path:
    """The folder that holds the engines' data: `home/engines`.

    Where the engines' user may not enter `home` (root with a home below /root), `home/engines` becomes a link to a new
    folder below /var/lib/pickstream. The parents of `home` keep their modes.
    """
    root = home / "engines"
    if root.is_dir():
        return root.resolve()
    if identity.reaches(home):
        make_open_folder(root)
        return root
    make_open_folder(SHARED_DATA)
    elsewhere = Path(tempfile.mkdtemp(prefix=f"{home.name}-", dir=SHARED_DATA))
    elsewhere.chmod(0o755)
    root.unlink(missing_ok=True)
    root.symlink_to(elsewhere)
    return elsewhere


def make_open_folder(folder: Path) -> None:
    """Create a folder that every user may enter, whatever the umask; one that exists keeps its mode."""
    if not folder.is_dir():
        folder.mkdir(parents=True)
        folder.chmod(0o755)


def make_run_dir(home: Path, identity: Identity) -> Path:
    """Create the folder of the sockets: short, private to the engines' user, one for each home.

    Raises:
        EngineError: somebody else's file is in the way; temporary folders are shared by all users.
    """
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:10]
    name = f"pickstream-{identity.uid}-{digest}"
    run_dir = _temporary_root(name, identity) / name
    try:
        run_dir.mkdir(mode=0o700)
        identity.owns(run_dir)
    except FileExistsError:
        _check_private(run_dir, identity)
    return run_dir


def remove_run_dir(run_dir: Path) -> None:
    """Remove the folder of the sockets and whatever killed engines left in it."""
    if run_dir.is_dir():
        shutil.rmtree(run_dir)


def _temporary_root(name: str, identity: Identity) -> Path:
    chosen = Path(tempfile.gettempdir()).resolve()
    longest = len(os.fsencode(chosen / name / LONGEST_SOCKET_NAME))
    return chosen if longest <= LONGEST_SOCKET_PATH and identity.reaches(chosen) else Path("/tmp")  # noqa: S108 - checked by _check_private


def _check_private(run_dir: Path, identity: Identity) -> None:
    found = run_dir.lstat()
    is_ours = (
        stat.S_ISDIR(found.st_mode) and found.st_uid == identity.uid and stat.S_IMODE(found.st_mode) == stat.S_IRWXU
    )
    if not is_ours:
        raise EngineError(
            f"{run_dir} exists but is not a private folder of user '{identity.name}'. "
            "Remove it, or set TMPDIR to another folder."
        )
