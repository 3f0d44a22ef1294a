import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from textwrap import fill

import redis
import typer
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from app.cli.environment import engines_running
from app.cli.home import require_writable
from app.engines.binaries import find_binaries
from app.engines.errors import EngineError
from app.migrate import is_current, is_newer
from kernel import actors
from kernel.db.transactions import transaction
from kernel.errors import Invalid
from kernel.settings import settings

FREE_GB = 2
COLUMNS = 80
_INDENT = " " * 24
_UPGRADE = "Run: pickstream db upgrade"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at: how it is, what to do when it is not well, and whether work goes on without it."""

    subject: str
    found: str
    remedy: str = ""
    is_optional: bool = False

    @property
    def is_ill(self) -> bool:
        """Whether something must be done before work can go on."""
        return bool(self.remedy) and not self.is_optional

    def lines(self) -> Iterator[str]:
        """What to show, within 80 columns as far as words can be parted."""
        mark = "ILL " if self.is_ill else "warn" if self.remedy else "ok  "
        paragraphs = [f"{mark} {self.subject:18} {self.found}"]
        paragraphs += [_INDENT + line.strip() for line in self.remedy.splitlines()]
        for paragraph in paragraphs:
            yield fill(
                paragraph, COLUMNS, subsequent_indent=_INDENT, break_long_words=False, break_on_hyphens=False
            )  # fmt: skip


def doctor() -> None:
    """Check everything that Pickstream needs, and say what to do about what is missing.

    Exit code 1 when something is ILL; what only warns is optional.
    """
    diagnoses = [*_machine()]
    try:
        with engines_running():
            diagnoses += [check() for check in _HOUSE]
    except EngineError as error:
        diagnoses.append(Diagnosis("engines", "cannot run", str(error)))
    except Invalid:
        diagnoses.append(Diagnosis("engines", "not looked at", "See the data directory above."))
    for diagnosis in diagnoses:
        typer.echo("\n".join(diagnosis.lines()))
    if any(diagnosis.is_ill for diagnosis in diagnoses):
        raise typer.Exit(1)


def _machine() -> Iterator[Diagnosis]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Diagnosis("python", version, "" if sys.version_info >= (3, 11) else "Install Python 3.11 or later.")
    home = settings().home
    try:
        require_writable(home)
    except Invalid as refusal:
        yield Diagnosis("data directory", refusal.detail, refusal.remedy)
    else:
        free = shutil.disk_usage(home).free / 1e9
        yield Diagnosis("disk", f"{free:.0f} GB free at {home}", "" if free > FREE_GB else "Make room.")
    if settings().database_url and settings().redis_url:
        return
    with suppress(EngineError):
        # What is missing is said when they are to be started.
        found = find_binaries()
        yield Diagnosis("engine programs", f"{found.postgres_bin}, {found.valkey_server}")


def _schema() -> Diagnosis:
    # The application's login may be asked too: the owner's is known only where migrations are run.
    url = settings().database_owner_url or settings().database_url
    try:
        if is_current(url):
            return Diagnosis("schema", "up to date")
        if is_newer(url):
            remedy = "Stop this release when the newer one runs: it knows no more than its own schema."
            return Diagnosis("schema", "newer than this release", remedy, is_optional=True)
    except SQLAlchemyError as error:
        variable = "DATABASE_OWNER_URL" if settings().database_owner_url else "DATABASE_URL"
        return Diagnosis("schema", f"cannot be asked for: {type(error).__name__}", f"Check {variable}.")
    return Diagnosis(
        "schema", "old", _UPGRADE if settings().database_owner_url else f"Set DATABASE_OWNER_URL. {_UPGRADE}"
    )


def _role() -> Diagnosis:
    query = text("select rolsuper or rolbypassrls as mighty, rolname from pg_roles where rolname = current_user")
    try:
        with transaction(actors.system("doctor")) as uow:
            row = uow.session.execute(query).one()
    except SQLAlchemyError as error:
        return Diagnosis("database", f"does not answer: {type(error).__name__}", "Check DATABASE_URL.")
    remedy = "Log in as pickstream_app: row-level security does not bind this role." if row.mighty else ""
    return Diagnosis("database role", str(row.rolname), remedy)


def _log() -> Diagnosis:
    query = text("select (select count(*) from outbox) as waiting, (select count(*) from parked_event) as parked")
    try:
        with transaction(actors.system("doctor")) as uow:
            row = uow.session.execute(query).one()
    except SQLAlchemyError as error:
        remedy = _UPGRADE if isinstance(error, ProgrammingError) else "Check DATABASE_URL."
        return Diagnosis("event log", f"cannot be read: {type(error).__name__}", remedy)
    remedy = "See the table parked_event: its error says what a subscriber could not take." if row.parked else ""
    return Diagnosis("event log", f"{row.waiting} waiting, {row.parked} parked", remedy)


def _broker() -> Diagnosis:
    try:
        with redis.Redis.from_url(settings().redis_url, socket_timeout=2) as client:
            client.ping()
            policy = client.config_get("maxmemory-policy").get("maxmemory-policy", "unknown")
    except redis.RedisError as error:
        return Diagnosis("redis", f"does not answer: {type(error).__name__}", "Check REDIS_URL; work goes on, slower.")
    remedy = "" if policy == "noeviction" else "Set maxmemory-policy noeviction, or wake-ups may be evicted."
    return Diagnosis("redis", f"answers, {policy}", remedy, is_optional=True)


_HOUSE: tuple[Callable[[], Diagnosis], ...] = (_role, _schema, _log, _broker)
