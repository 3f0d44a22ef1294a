"""A merchant with two items on the shelf, and the files that their shop exports."""

import csv
import io

from app.importers.intake import Report
from app.importers.orders.intake import ORDERS
from app.importers.totals import Totals
from fulfillment.api import OrderView, order_by_external_id
from inventory.api import ItemDraft, LocationDraft, Receipt, create_items, create_locations, receive_many
from kernel import actors
from kernel.access.commands import create_merchant, create_site, serve_merchants
from kernel.db.transactions import transaction

SYSTEM = actors.system("test")
ROW = {
    "Name": "#1001", "Email": "ann@example.com", "Financial Status": "paid", "Paid at": "2026-11-20 10:16:00 +0100",
    "Fulfillment Status": "unfulfilled", "Currency": "EUR", "Subtotal": "3.60", "Shipping": "4.90", "Taxes": "0.57",
    "Total": "8.50", "Created at": "2026-11-20 10:15:00 +0100", "Lineitem quantity": "3", "Lineitem name": "Pen, blue",
    "Lineitem price": "1.20", "Lineitem sku": "PEN", "Shipping Name": "Ann Lee", "Shipping Street": "Main St 1",
    "Shipping City": "Berlin", "Shipping Zip": "'10115", "Shipping Province": "BE", "Shipping Country": "DE",
    "Shipping Phone": "'+4930123456", "Notes": "", "Cancelled at": "", "Id": "5001",
}  # fmt: skip
FOLLOWING = dict.fromkeys(ROW, "")


def export(*rows: dict[str, str]) -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, fieldnames=list(ROW))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def set_up_merchant() -> str:
    """Return the merchant's id."""
    with transaction(SYSTEM) as uow:
        site = create_site(uow, code="B", name="B", time_zone="Europe/Berlin", country="DE", company_prefix="4012345")
        tenant = create_merchant(uow, code="paper", name="Paper", currency="EUR")
        serve_merchants(uow, site_id=site, merchant_ids=[tenant])
        create_locations(uow, site_id=site, locations=[LocationDraft("A-01")])
        drafts = [ItemDraft(sku, sku, 20, 150, 10, 10) for sku in ("PEN", "INK")]
        items = create_items(uow, tenant_id=tenant, items=drafts)
        receipts = [Receipt(item, "A-01", 50) for item in items.values()]
        receive_many(uow, tenant_id=tenant, site_id=site, receipts=receipts)
    return tenant


def take(tenant: str, content: bytes) -> Report:
    with transaction(SYSTEM) as uow:
        return ORDERS.import_file(uow, tenant_id=tenant, content=content, file="orders.csv")


def order(tenant: str, number: str) -> OrderView | None:
    with transaction(SYSTEM) as uow:
        return order_by_external_id(uow, tenant_id=tenant, external_id=number)


def outcomes(report: Report) -> dict[str, str]:
    return {result.order: result.outcome for result in report.results}


def balance(report: Report) -> tuple[Totals, Totals, Totals]:
    """What the file holds, what of it stands in the house, and what was set aside."""
    source, here, set_aside = (Totals(**report.balance[name]) for name in ("source", "imported", "set_aside"))
    return source, here, set_aside
