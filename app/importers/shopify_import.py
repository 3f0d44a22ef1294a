from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

from app.importers.csv_rows import Defect
from app.importers.runs import OrderResult, record_results, record_run
from app.importers.shopify import ShopExport, ShopOrder, read_shopify
from app.importers.shopify_faults import RowFault
from app.importers.totals import Totals, stored_totals
from fulfillment.api import OrderView, PlacedResult, cancel_order, hold_order, place_orders
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file, order by order, every fault with its line and column, and the control totals.

    `totals` is what was taken now. `source` is what the file holds, `here` what the database holds of it, `set_aside`
    what was refused or left out: the first is the sum of the others.
    """

    run_id: str
    results: tuple[OrderResult, ...]
    faults: tuple[RowFault, ...]
    totals: Totals
    source: Totals
    here: Totals
    set_aside: Totals

    def count(self, outcome: str) -> int:
        """Return how many orders had this outcome."""
        return sum(result.outcome == outcome for result in self.results)


def import_shopify(uow: UnitOfWork, *, tenant_id: str, content: bytes, file: str) -> ImportReport:
    """Take the orders of a Shopify export. Good ones go in, each whole; the others are reported and leave nothing.

    An order that is not paid is held until it is; one that the shop cancelled is cancelled here. The same file again
    changes nothing. Emits what `fulfillment.place_order` emits.

    Raises:
        Invalid: the file is empty, not UTF-8, not CSV, or lacks a column; nothing was taken.
    """
    export = read_shopify(content, file)
    placed = place_orders(uow, tenant_id=tenant_id, drafts=[order.draft for order in export.orders])
    faults = [*export.faults]
    results = [*_left_out(export.skipped, "skipped"), *_left_out(export.faults, "refused")]
    totals = Totals()
    for order, result in zip(export.orders, placed, strict=True):
        if result.problem is not None:
            faults += _problem_faults(order, result.problem)
        elif result.created and result.order is not None:
            _follow(uow, order, result.order)
            totals += _value(result.order)
        results.append(_result(order, result))
    results.sort(key=lambda result: result.line)
    faults.sort(key=lambda fault: fault.line)
    source, set_aside = _control_totals(export, results)
    numbers = [result.order for result in results if result.order_id]
    here = stored_totals(uow, external_ids=numbers, tenant_id=tenant_id)
    compared = {"source": asdict(source), "imported": asdict(here), "set_aside": asdict(set_aside)}
    run_id = record_run(
        uow, source=f"{tenant_id}/{file}", kind="shopify", merchant_id=tenant_id,
        totals=compared | {"columns": export.columns}, defects=_defects(file, [*faults, *export.skipped]),
    )  # fmt: skip
    refused = {_name(result): export.rows.get(_name(result), ()) for result in results if result.outcome == "refused"}
    record_results(uow, run_id=run_id, tenant_id=tenant_id, results=results, rows=refused)
    return ImportReport(run_id, tuple(results), tuple(faults), totals, source, here, set_aside)


def _control_totals(export: ShopExport, results: Sequence[OrderResult]) -> tuple[Totals, Totals]:
    """Return what the file holds, and how much of that was not taken."""
    worth = [(result, export.worth.get(_name(result), Totals(orders=1))) for result in results]
    set_aside = (value for result, value in worth if not result.order_id)
    return sum((value for _, value in worth), Totals()), sum(set_aside, Totals())


def _name(result: OrderResult) -> str:
    return result.order or f"line {result.line}"


def _left_out(faults: tuple[RowFault, ...], outcome: str) -> list[OrderResult]:
    first: dict[str, RowFault] = {}
    for fault in faults:
        first.setdefault(fault.order or f"line {fault.line}", fault)
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


def _defects(file: str, faults: Iterable[RowFault]) -> list[Defect]:
    return [
        Defect(file, fault.line, fault.order, f"{fault.code}:{fault.column}", fault.message, {}, set_aside=True)
        for fault in faults
    ]
