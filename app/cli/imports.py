import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from app.cli.environment import engines_running, migrate_if_owner
from app.importers.olist_import import OlistReport, import_olist
from app.importers.shopify_import import ImportReport, import_shopify
from app.importers.totals import Totals
from kernel import actors
from kernel.access.queries import merchant_by_code
from kernel.db.transactions import UnitOfWork, run
from kernel.errors import NotFound
from kernel.money import Money

imports = typer.Typer(help="Bring in orders from elsewhere.", no_args_is_help=True)
_EVERY_SECONDS = 0.5
_SHOWN = 50


@imports.command()
def olist(
    path: Annotated[Path, typer.Argument(help="Folder with orders.csv, order_items.csv, customers.csv ...")],
) -> None:
    """Import a folder in the layout of Olist's public data. A second time, it changes nothing."""
    with engines_running():
        migrate_if_owner()
        report = import_olist(path, progress=show_progress())
    _tell_olist(report)
    if not report.balances:
        raise typer.Exit(1)


@imports.command()
def shopify(
    path: Annotated[Path, typer.Argument(help="CSV file of a Shopify order export")],
    merchant: Annotated[str, typer.Option(help="Code of the merchant whose shop it is")],
) -> None:
    """Import orders from a Shopify order export. Exit code 1 when some could not be taken."""
    content = path.read_bytes()
    with engines_running():
        migrate_if_owner()
        report = run(
            actors.system("import"),
            lambda uow: import_shopify(uow, tenant_id=_merchant_id(uow, merchant), content=content, file=path.name),
        )
    _tell_shopify(report)
    if report.faults:
        raise typer.Exit(1)


def show_progress() -> Callable[[str, int, int], None]:
    """Return a callback that keeps one line on the terminal up to date, and writes few lines where there is none."""
    shown = ("", 0.0)
    is_terminal = sys.stderr.isatty()

    def show(what: str, done: int, total: int) -> None:
        nonlocal shown
        now = time.monotonic()
        finished = done == total
        wait = _EVERY_SECONDS if is_terminal else 10 * _EVERY_SECONDS
        if what == shown[0] and not finished and now - shown[1] < wait:
            return
        shown = (what, now)
        end = "\n" if finished or not is_terminal else ""
        start = "\r" if is_terminal else ""
        sys.stderr.write(f"{start}  {what}: {done:,} of {total:,}   {end}")
        sys.stderr.flush()

    return show


def _tell_olist(report: OlistReport) -> None:
    typer.echo(f"{'':12}{'orders':>10}{'pieces':>10}{'goods':>20}{'freight':>18}")
    for name, totals in (("source", report.source), ("imported", report.imported), ("set aside", report.set_aside)):
        typer.echo(_totals_line(name, totals))
    typer.echo(f"{report.merchants:,} merchants, {report.items:,} items, {report.taken:,} new orders.")
    typer.echo(f"{report.given_up:,} of them are given up in the source: those with lines are cancelled here.")
    for code, count in report.defects_by_kind.items():
        typer.echo(f"  defect {code:32}{count:>6,}")
    typer.echo("Source = imported + set aside." if report.balances else "The totals do NOT balance.")


def _totals_line(name: str, totals: Totals) -> str:
    goods, freight = Money(totals.goods_minor, "BRL"), Money(totals.freight_minor, "BRL")
    return f"{name:12}{totals.orders:>10,}{totals.pieces:>10,}{goods!s:>20}{freight!s:>18}"


def _tell_shopify(report: ImportReport) -> None:
    for result in report.faults[:_SHOWN]:
        typer.echo(f"line {result.line:>5}  {result.order:14} {result.column}: {result.message}")
    if len(report.faults) > _SHOWN:
        typer.echo(f"... and {len(report.faults) - _SHOWN} more.")
    typer.echo(
        f"{report.count('taken')} orders taken, {report.count('known')} were here already,"
        f" {report.count('skipped')} left out, {report.count('refused')} refused."
    )


def _merchant_id(uow: UnitOfWork, code: str) -> str:
    found = merchant_by_code(uow, code)
    if found is None:
        raise NotFound(f"There is no merchant with the code {code}.", remedy="See `pickstream keys list`.")
    return found.id
