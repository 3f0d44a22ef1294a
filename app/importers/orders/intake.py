"""Orders of a Shopify export, taken some at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Final

from app.importers.csv_rows import RowFault, decode, read_rows
from app.importers.intake import Balance, Intake, Part, Reading, Sheet
from app.importers.orders.shopify import COLUMNS, REQUIRED, ShopOrder, read_shopify
from app.importers.runs import OrderResult, key_of
from app.importers.totals import Totals, stored_totals
from fulfillment.api import OrderView, PlacedResult, cancel_order, hold_order, place_orders
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal


class ShopifyIntake(Intake[ShopOrder]):
    """Good orders go in, each whole; one that is not paid is held until it is, and one that the shop cancelled is
    cancelled here. Emits what `fulfillment.place_order` emits.
    """

    kind = "shopify"
    noun = "orders"
    part = 100
    at_once = 250_000

    def read(self, content: bytes, file: str) -> Sheet[ShopOrder]:
        """Read an export; an order with a faulty row is not tried at all."""
        return read_shopify(content, file)

    def check(self, content: bytes, file: str) -> None:
        """Refuse what is not UTF-8 or lacks a column; the rest of a large file takes a while to be read."""
        next(read_rows(decode(content, file), file, REQUIRED, known=COLUMNS), None)

    def take(self, uow: UnitOfWork, tenant_id: str, tried: Sequence[ShopOrder]) -> Part:
        """Place orders, and do what the shop's own status asks for."""
        placed = place_orders(uow, tenant_id=tenant_id, drafts=[order.draft for order in tried])
        faults: list[RowFault] = []
        totals = Totals()
        for order, result in zip(tried, placed, strict=True):
            if result.problem is not None:
                faults += _problem_faults(order, result.problem)
            elif result.created and result.order is not None:
                _follow(uow, order, result.order)
                totals += _value(result.order)
        results = tuple(_result(order, result) for order, result in zip(tried, placed, strict=True))
        return Part(results, tuple(faults), totals=totals)

    def balance(self, uow: UnitOfWork, reading: Reading[ShopOrder], results: Sequence[OrderResult]) -> Balance:
        """Compare orders, pieces and money, in minor units."""
        worth = [(each, reading.sheet.worth.get(key_of(each.order, each.line), Totals(orders=1))) for each in results]
        source = sum((value for _, value in worth), Totals())
        set_aside = sum((value for each, value in worth if not each.order_id), Totals())
        numbers = [each.order for each in results if each.order_id]
        here = stored_totals(uow, external_ids=numbers, tenant_id=reading.tenant_id)
        return {"source": asdict(source), "imported": asdict(here), "set_aside": asdict(set_aside)}


ORDERS: Final = ShopifyIntake()


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
