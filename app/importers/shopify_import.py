from collections.abc import Iterator
from dataclasses import dataclass

from app.importers.csv_rows import Defect
from app.importers.runs import record_run
from app.importers.shopify import RowFault, ShopOrder, read_shopify
from app.importers.totals import Totals
from fulfillment.api import OrderView, PlacedResult, cancel_order, hold_order, place_orders
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class OrderResult:
    """What became of one order of the file: `taken`, `known` (it was here already), `skipped` or `refused`.

    `line` is where it begins in the file; `order_id` is ours, empty when it was not taken.
    """

    line: int
    order: str
    outcome: str
    order_id: str = ""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file, order by order, every fault with its line and column, and totals of what was taken."""

    results: tuple[OrderResult, ...]
    faults: tuple[RowFault, ...]
    totals: Totals

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
    _record(uow, tenant_id, file, totals, [*faults, *export.skipped])
    return ImportReport(
        tuple(sorted(results, key=lambda r: r.line)), tuple(sorted(faults, key=lambda f: f.line)), totals
    )


def _left_out(faults: tuple[RowFault, ...], outcome: str) -> list[OrderResult]:
    first: dict[str, RowFault] = {}
    for fault in faults:
        first.setdefault(fault.order or f"line {fault.line}", fault)
    return [OrderResult(fault.line, fault.order, outcome) for fault in first.values()]


def _result(order: ShopOrder, result: PlacedResult) -> OrderResult:
    outcome = "refused" if result.problem else "taken" if result.created else "known"
    return OrderResult(order.lines[0], order.draft.external_id, outcome, result.order.id if result.order else "")


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


def _record(uow: UnitOfWork, tenant_id: str, file: str, totals: Totals, faults: list[RowFault]) -> None:
    defects = [
        Defect(file, fault.line, fault.order, f"{fault.code}:{fault.column}", fault.message, {}, set_aside=True)
        for fault in faults
    ]
    taken = {"orders": totals.orders, "pieces": totals.pieces, "goods_minor": totals.goods_minor}
    record_run(uow, source=f"{tenant_id}/{file}", kind="shopify", totals={"imported": taken}, defects=defects)
