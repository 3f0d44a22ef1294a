import typer

from app.cli.access import keys, users
from app.cli.database import db
from app.cli.day import simulate
from app.cli.doctor import doctor
from app.cli.imports import imports
from app.cli.up import up
from app.cli.verify import verify
from app.faults import told_plainly

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
    """Run the command line; what a person can mend is said in plain words with exit code 1, not a traceback."""
    with told_plainly():
        cli()
