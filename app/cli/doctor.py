import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import redis
import typer
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.cli.environment import engines_running
from app.engines.binaries import find_binaries
from app.engines.errors import EngineError
from app.migrate import is_current
from kernel import actors
from kernel.db.transactions import transaction
from kernel.settings import settings
from shipping.api import has_font_for_every_script

FREE_GB = 2


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at: how it is, and what to do when it is not well."""

    subject: str
    found: str
    remedy: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nothing is to be done."""
        return not self.remedy


def doctor() -> None:
    """Check everything that Pickstream needs, and say what to do about what is missing. Exit code 1 when ill."""
    diagnoses = [*_machine()]
    try:
        with engines_running():
            diagnoses += [check() for check in _HOUSE]
    except EngineError as error:
        diagnoses.append(Diagnosis("engines", str(error), "Install the extra: pip install 'pickstream[embedded]'."))
    for diagnosis in diagnoses:
        typer.echo(f"{'ok  ' if diagnosis.is_well else 'ILL '} {diagnosis.subject:18} {diagnosis.found}")
        if diagnosis.remedy:
            typer.echo(f"     {'':18} {diagnosis.remedy}")
    if not all(diagnosis.is_well for diagnosis in diagnoses):
        raise typer.Exit(1)


def _machine() -> Iterator[Diagnosis]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Diagnosis("python", version, "" if sys.version_info >= (3, 11) else "Install Python 3.11 or later.")
    settings().home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings().home).free / 1e9
    yield Diagnosis("disk", f"{free:.0f} GB free at {settings().home}", "" if free > FREE_GB else "Make room.")
    fonts = has_font_for_every_script()
    yield Diagnosis(
        "fonts", "every script prints" if fonts else "Chinese, Japanese and Korean addresses may print blank",
        "" if fonts else "Install a CJK font, on Debian: apt-get install fonts-wqy-microhei.",
    )  # fmt: skip
    if settings().database_url and settings().redis_url:
        return
    try:
        found = find_binaries()
    except EngineError as error:
        yield Diagnosis("engine programs", str(error), "Install them, or set DATABASE_URL and REDIS_URL.")
    else:
        yield Diagnosis("engine programs", f"{found.postgres_bin}, {found.valkey_server}")


def _schema() -> Diagnosis:
    if not settings().database_owner_url:
        return Diagnosis("schema", "not looked at: DATABASE_OWNER_URL is not set")
    current = is_current(settings().database_owner_url)
    return Diagnosis("schema", "up to date" if current else "old", "" if current else "Run: pickstream db upgrade")


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
        return Diagnosis("event log", f"cannot be read: {type(error).__name__}", "Run: pickstream db upgrade")
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
    return Diagnosis("redis", f"answers, {policy}", remedy)


_HOUSE: tuple[Callable[[], Diagnosis], ...] = (_role, _schema, _log, _broker)
