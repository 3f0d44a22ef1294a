import sys

import typer

from app.cli.access import keys, users
from app.cli.database import db
from app.cli.day import simulate
from app.cli.doctor import doctor
from app.cli.imports import imports
from app.cli.up import up
from app.cli.verify import verify
from kernel.errors import Refusal

cli = typer.Typer(
    name="pickstream",
    help="Order fulfillment and tracking: never oversold, weighed before it leaves, told once on every face.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
cli.command()(up)
cli.add_typer(imports, name="import")
cli.command()(simulate)
cli.command()(verify)
cli.command()(doctor)
cli.add_typer(db, name="db")
cli.add_typer(users, name="users")
cli.add_typer(keys, name="keys")


def main() -> None:
    """Run the command line; a refusal is one clear line and exit code 1, not a traceback."""
    try:
        cli()
    except Refusal as refusal:
        problem = refusal.problem()
        sys.stderr.write(f"{problem['title']}: {problem['detail']}\n")
        for error in problem.get("errors", []):
            sys.stderr.write(f"  {error['pointer']}: {error['message']}\n")
        sys.exit(1)
