from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from app.cli.environment import engines_running, migrate_if_owner
from app.cli.progress import show_progress
from app.haste import in_haste
from app.importers.csv_rows import RowFault
from app.importers.intake import Intake, Report
from app.importers.items.intake import ITEMS
from app.importers.olist.intake import OlistReport, import_olist
from app.importers.orders.intake import ORDERS
from app.importers.totals import Totals
from app.importers.uploads import file_name
from app.messengers import messenger_beside
from kernel import actors
from kernel.access.queries import merchant_by_code
from kernel.db.transactions import UnitOfWork, run
from kernel.errors import NotFound
from kernel.money import Money
from kernel.quantity import counted

imports = typer.Typer(help="Bring in orders and items from elsewhere.", no_args_is_help=True)
_SHOWN = 50
T = TypeVar("T")


@imports.command()
def olist(
    path: Annotated[Path, typer.Argument(help="Folder with orders.csv, order_items.csv, customers.csv ...")],
) -> None:
    """Import a folder in the layout of Olist's public data. A second time, it changes nothing."""
    with engines_running():
        migrate_if_owner()
        with in_haste(), messenger_beside() as messenger:
            report = import_olist(path, progress=show_progress(), messenger=messenger)
    _tell_olist(report)
    if not report.balances:
        raise typer.Exit(1)


@imports.command()
def shopify(
    path: Annotated[Path, typer.Argument(help="CSV file of a Shopify order export")],
    merchant: Annotated[str, typer.Option(help="Code of the merchant whose shop it is")],
) -> None:
    """Import orders from a Shopify order export. Exit code 1 when some could not be taken."""
    report = _import(ORDERS, path, merchant)
    _tell_shopify(report)
    if report.faults:
        raise typer.Exit(1)


@imports.command()
def items(
    path: Annotated[Path, typer.Argument(help="CSV file with a row for each item")],
    merchant: Annotated[str, typer.Option(help="Code of the merchant whose items they are")],
) -> None:
    """Import a catalogue. Exit code 1 when some items could not be stored."""
    report = _import(ITEMS, path, merchant)
    _tell_items(report)
    if report.faults:
        raise typer.Exit(1)


def _import(intake: Intake[T], path: Path, merchant: str) -> Report:
    content, name = path.read_bytes(), file_name(path.name, otherwise=f"{intake.noun}.csv")
    with engines_running():
        migrate_if_owner()
        actor = actors.system("import")
        tenant_id = run(actor, lambda uow: _merchant_id(uow, merchant))
        return intake.import_in_parts(
            actor, tenant_id=tenant_id, content=content, file=name, progress=show_progress()
        )  # fmt: skip


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


def _tell_items(report: Report) -> None:
    _tell_rows(report.faults)
    if report.flags:
        typer.echo("Stored, but to be compared:")
        _tell_rows(report.flags)
    if report.ignored:
        typer.echo(f"Columns that were not read: {', '.join(report.ignored)}.")
    typer.echo(
        f"{counted(report.count('created'), 'item')} created, {report.count('changed')} changed,"
        f" {report.count('unchanged')} unchanged, {report.count('refused')} refused."
    )


def _tell_rows(faults: Sequence[RowFault]) -> None:
    for result in faults[:_SHOWN]:
        typer.echo(f"line {result.line:>5}  {result.order:14} {result.column}: {result.message}")
    if len(faults) > _SHOWN:
        typer.echo(f"... and {len(faults) - _SHOWN} more.")


def _tell_shopify(report: Report) -> None:
    _tell_rows(report.faults)
    typer.echo(
        f"{counted(report.count('taken'), 'order')} taken, {report.count('known')} were here already,"
        f" {report.count('skipped')} left out, {report.count('refused')} refused."
    )


def _merchant_id(uow: UnitOfWork, code: str) -> str:
    found = merchant_by_code(uow, code)
    if found is None:
        raise NotFound(f"There is no merchant with the code {code}.", remedy="See `pickstream keys list`.")
    return found.id
