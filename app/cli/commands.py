import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

import typer

from app.faults import told_plainly

_WHERE: Final = {
    "up": "app.cli.up:up",
    "import": "app.cli.imports:imports",
    "simulate": "app.cli.day:simulate",
    "verify": "app.cli.verify:verify",
    "doctor": "app.cli.doctor:doctor",
    "db": "app.cli.database:db",
    "users": "app.cli.access:users",
    "keys": "app.cli.access:keys",
}


def command_line(words: Sequence[str]) -> typer.Typer:
    """Return the commands for what is typed. Of a command that it names nothing but its own modules are read: who
    starts the house need not wait for what the others use.
    """
    commands = typer.Typer(
        name="pickstream", no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False
    )
    commands.callback()(_pickstream)
    for name in _WHERE if not words or words[0] not in _WHERE else words[:1]:
        module, _, attribute = _WHERE[name].partition(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            commands.add_typer(found, name=name)
        else:
            commands.command(name)(found)
    return commands


def main() -> None:
    """Run the command line; what a person can mend is said in plain words with exit code 1, not a traceback."""
    with told_plainly():
        command_line(sys.argv[1:])()


def _pickstream() -> None:
    """Order fulfillment and tracking: never oversold, weighed before it leaves, told once on every face."""
