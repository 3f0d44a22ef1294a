"""A Shopify export in parts of whole orders: a small file is one part, and each part of a large one a transaction."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select, update

from app.importers.csv_rows import Defect
from app.importers.models import ImportResult, ImportRun
from app.importers.reading import Waiting
from app.importers.runs import Key, OrderResult, append_defects, append_results, key_of, record_run, restart_results
from app.importers.shopify import ShopExport, ShopOrder, read_shopify
from app.importers.shopify_faults import RowFault
from app.importers.totals import Totals, stored_totals
from fulfillment.api import OrderView, PlacedResult, cancel_order, hold_order, place_orders
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal

PART = 100
"""Orders of a large file that are taken in one transaction: about a second's work."""


@dataclass(frozen=True, slots=True)
class Intake:
    """A file that is being imported: whose it is, its name, what it holds, and the record of its run."""

    tenant_id: str
    file: str
    export: ShopExport
    run_id: str


@dataclass(frozen=True, slots=True)
class Part:
    """What became of some orders of a file; `totals` counts what was taken."""

    results: tuple[OrderResult, ...]
    faults: tuple[RowFault, ...]
    totals: Totals


@dataclass(frozen=True, slots=True)
class Balance:
    """What the file holds, what of it stands in the house, and what was not taken: the first is the others' sum."""

    source: Totals
    here: Totals
    set_aside: Totals


def file_name(told: str, otherwise: str = "orders.csv") -> str:
    """Return what a sender calls a file, without folders and unprintable characters; `otherwise` without a name."""
    last = told.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable())[:200].strip() or otherwise


def source_of(tenant_id: str, file: str) -> str:
    """Return what a file is known by: the same name of the same merchant is the same import."""
    return f"{tenant_id}/{file}"


def begin_import(uow: UnitOfWork, *, tenant_id: str, file: str, export: ShopExport) -> tuple[Intake, Part]:
    """Begin the record of an import with the orders that are not tried at all; return it and these."""
    run_id = record_run(
        uow, source=source_of(tenant_id, file), kind="shopify", merchant_id=tenant_id,
        totals={"columns": export.columns, "progress": [0, len(export.orders)]}, defects=(),
    )  # fmt: skip
    restart_results(uow, run_id=run_id, tenant_id=tenant_id)
    left_out = (*_left_out(export.skipped, "skipped"), *_left_out(export.faults, "refused"))
    part, intake = Part(left_out, export.faults, Totals()), Intake(tenant_id, file, export, run_id)
    _keep(uow, intake, part, more=export.skipped)
    return intake, part


def take_part(uow: UnitOfWork, intake: Intake, orders: Sequence[ShopOrder]) -> Part:
    """Take some orders, each whole or not at all, and write down what became of them.

    Emits what `fulfillment.place_order` emits.
    """
    placed = place_orders(uow, tenant_id=intake.tenant_id, drafts=[order.draft for order in orders])
    faults: list[RowFault] = []
    results: list[OrderResult] = []
    totals = Totals()
    for order, result in zip(orders, placed, strict=True):
        if result.problem is not None:
            faults += _problem_faults(order, result.problem)
        elif result.created and result.order is not None:
            _follow(uow, order, result.order)
            totals += _value(result.order)
        results.append(_result(order, result))
    part = Part(tuple(results), tuple(faults), totals)
    _keep(uow, intake, part)
    return part


def note_progress(uow: UnitOfWork, intake: Intake, done: int) -> None:
    """Write down how many of the orders that can be tried were tried."""
    told = {"columns": list(intake.export.columns), "progress": [done, len(intake.export.orders)]}
    uow.session.execute(update(ImportRun).where(ImportRun.id == intake.run_id).values(totals=told))


def finish_import(uow: UnitOfWork, intake: Intake) -> Balance:
    """Write down the control totals of an import of which every order was tried."""
    columns = ImportResult.number, ImportResult.line, ImportResult.order_id
    mine = ImportResult.tenant_id == intake.tenant_id, ImportResult.run_id == intake.run_id
    rows = uow.session.execute(select(*columns).where(*mine)).all()
    worth = [(row, intake.export.worth.get(key_of(row.number, row.line), Totals(orders=1))) for row in rows]
    source = sum((value for _, value in worth), Totals())
    set_aside = sum((value for row, value in worth if not row.order_id), Totals())
    numbers = [row.number for row in rows if row.order_id]
    here = stored_totals(uow, external_ids=numbers, tenant_id=intake.tenant_id)
    compared = {"source": asdict(source), "imported": asdict(here), "set_aside": asdict(set_aside)}
    record_run(
        uow, source=source_of(intake.tenant_id, intake.file), kind="shopify", merchant_id=intake.tenant_id,
        totals=compared | {"columns": intake.export.columns}, defects=None,
    )  # fmt: skip
    return Balance(source, here, set_aside)


@dataclass(frozen=True, slots=True)
class ShopifyFile:
    """An export that waits for the worker, taken some orders at a time."""

    intake: Intake
    part: int = PART

    @property
    def size(self) -> int:
        """The orders that can be tried."""
        return len(self.intake.export.orders)

    def take(self, uow: UnitOfWork, start: int, end: int) -> None:
        """Take some orders, and write down how far the file is."""
        take_part(uow, self.intake, self.intake.export.orders[start:end])
        note_progress(uow, self.intake, end)

    def finish(self, uow: UnitOfWork) -> None:
        """Write down the control totals."""
        finish_import(uow, self.intake)


def read_shopify_file(uow: UnitOfWork, *, file: Waiting) -> ShopifyFile:
    """Read a file; with the first turn its record begins anew.

    Raises:
        Invalid: it cannot be read.
    """
    export = read_shopify(file.content, file.name)
    if file.position:
        return ShopifyFile(Intake(file.tenant_id, file.name, export, file.run_id))
    return ShopifyFile(begin_import(uow, tenant_id=file.tenant_id, file=file.name, export=export)[0])


def _keep(uow: UnitOfWork, intake: Intake, part: Part, more: Iterable[RowFault] = ()) -> None:
    append_defects(uow, intake.run_id, list(_defects(intake.file, (*part.faults, *more))))
    refused = (key_of(result.order, result.line) for result in part.results if result.outcome == "refused")
    rows = {key: intake.export.rows.get(key, ()) for key in refused}
    append_results(uow, run_id=intake.run_id, tenant_id=intake.tenant_id, results=part.results, rows=rows)


def _left_out(faults: tuple[RowFault, ...], outcome: str) -> list[OrderResult]:
    first: dict[Key, RowFault] = {}
    for fault in faults:
        first.setdefault(key_of(fault.order, fault.line), fault)
    return [OrderResult(fault.line, fault.order, outcome) for fault in first.values()]


def _result(order: ShopOrder, result: PlacedResult) -> OrderResult:
    outcome = "refused" if result.problem else "taken" if result.created else "known"
    return OrderResult(order.line, order.draft.external_id, outcome, result.order.id if result.order else "")


def _problem_faults(order: ShopOrder, problem: Refusal) -> Iterator[RowFault]:
    document = problem.problem()
    named = document.get("errors") or [{"pointer": "", "code": problem.code, "message": document["detail"]}]
    for error in named:
        line, column = order.place_of(error["pointer"])
        yield RowFault(line, order.draft.external_id, column, error["code"], error["message"])


def _follow(uow: UnitOfWork, order: ShopOrder, taken: OrderView) -> None:
    """Do what the shop's own status asks for."""
    if order.is_cancelled:
        cancel_order(uow, tenant_id=taken.tenant_id, order_id=taken.id, reason="The shop cancelled this order.")
    elif order.is_unpaid:
        hold_order(
            uow, tenant_id=taken.tenant_id, order_id=taken.id, kind="payment", reason="The shop says it is not paid."
        )


def _value(order: OrderView) -> Totals:
    return Totals(1, order.units.ordered, order.goods_minor, order.shipping_minor)


def _defects(file: str, faults: Iterable[RowFault]) -> Iterator[Defect]:
    for fault in faults:
        code = f"{fault.code}:{fault.column}"
        yield Defect(file, fault.line, fault.order, code, fault.message, {}, set_aside=True)
