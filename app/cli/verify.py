import json
from textwrap import fill
from typing import Annotated

import typer

from app.cli.environment import engines_running
from app.verification import verify_house

COLUMNS = 80
_INDENT = " " * 38


def verify(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of a table")] = False,
) -> None:
    """Prove the invariants over the whole database and print what was counted. Exit code 1 when one is broken."""
    with engines_running():
        findings = verify_house()
    if as_json:
        rows = [
            {"name": f.invariant.name, "checked": f.checked, "violated": f.violated, "examples": f.examples}
            for f in findings
        ]
        typer.echo(json.dumps(rows))
    else:
        for finding in findings:
            mark = "ok  " if not finding.violated else "FAIL"
            counts = f"{mark} {finding.checked:>9,} checked {finding.violated:>6,} broken  "
            typer.echo(fill(finding.invariant.statement, COLUMNS, initial_indent=counts, subsequent_indent=_INDENT))
            for example in finding.examples:
                typer.echo(f"       {example}")
    broken = sum(finding.violated for finding in findings)
    typer.echo(
        f"{len(findings)} invariants, {sum(f.checked for f in findings):,} facts, {broken:,} violations", err=as_json
    )
    if broken:
        raise typer.Exit(1)
