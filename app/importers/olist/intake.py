from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from app.importers.csv_rows import Defect
from app.importers.olist.source import CHANNEL, CURRENCY, ORPHANAGE, OlistSource, Product, SourceOrder, read_olist
from app.importers.runs import record_run
from app.importers.totals import Totals, stored_orders, stored_totals
from app.messengers import Messenger, OwnMessenger
from app.samples.floor import lay_out_floor
from fulfillment.api import cancel_order, place_orders
from inventory.api import ItemDraft, Receipt, availability, create_items, receive_many
from kernel import actors, clock
from kernel.access.commands import create_merchant, create_site, serve_merchants
from kernel.db.transactions import UnitOfWork, run, transaction
from kernel.errors import Refusal
from shipping.api import seed_site_defaults

SITE = "sao-paulo"
"""A site of its own: imported orders never mix with those of another warehouse in the same house."""
COMPANY_PREFIX = "7898357"
"""A GS1 prefix from Brazil's range (789), as the site's own would be."""
OPENING_REFERENCE = "opening stock"
BEFORE_FIRST_ORDER = timedelta(days=1)
BUFFER_SHARE = 0.1
LEAST_BUFFER = 2
TWO_BINS_FROM = 8
_ACTOR = actors.system("import")
_ORDERS_BETWEEN_TELLINGS = 100

Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class OlistReport:
    """The control totals of a folder and of what stands in the database, and what was not as it should be.

    `taken` counts the orders that were new; a repeated import takes none.
    """

    run_id: str
    source: Totals
    imported: Totals
    set_aside: Totals
    merchants: int
    items: int
    taken: int
    given_up: int
    defects: tuple[Defect, ...]

    @property
    def balances(self) -> bool:
        """Whether everything in the source was imported or set aside."""
        return self.source == self.imported + self.set_aside

    @property
    def defects_by_kind(self) -> dict[str, int]:
        """How many rows have each kind of defect."""
        return dict(Counter(defect.code for defect in self.defects).most_common())


def import_olist(folder: Path, progress: Progress = lambda *_: None, messenger: Messenger | None = None) -> OlistReport:
    """Bring a folder in Olist's layout into the house: site, floor, merchants, catalog, stock, orders in order of time.

    Orders are placed at the time at which they were placed, through the same command as any other. Repeating it
    changes nothing: what is there already is recognized and left alone. `messenger` tells everybody meanwhile.

    Raises:
        Invalid: a file is missing or cannot be read as what it should be.
    """
    source = read_olist(folder)
    merchants = _set_up(source, progress)
    taken, refused = _place(source.orders, merchants, progress, messenger or OwnMessenger())
    set_aside = sum((_value(order) for order, _ in refused), source.set_aside + _wholly_refused(source.orders, refused))
    defects = (*source.defects, *_refusal_defects(refused))
    with transaction(_ACTOR) as uow:
        site_id = _site(uow)
        ids = sorted({order.draft.external_id for order in source.orders})
        imported = stored_totals(uow, site_id=site_id, channel=CHANNEL, external_ids=ids)
        totals = {"source": asdict(source.totals), "imported": asdict(imported), "set_aside": asdict(set_aside)}
        run_id = record_run(uow, source=str(folder.resolve()), kind="olist", totals=totals, defects=defects)
    items = sum(len(of_seller) for of_seller in source.products.values())
    given_up = sum(1 for order in source.orders if order.given_up_as)
    return OlistReport(
        run_id, source.totals, imported, set_aside, len(merchants), items, taken, given_up, tuple(defects)
    )


def _set_up(source: OlistSource, progress: Progress) -> dict[str, str]:
    """Create the site, its floor and the merchants with their goods, as of the day before the first order."""
    opened_at = min((order.draft.placed_at for order in source.orders), default=clock.now()) - BEFORE_FIRST_ORDER
    sellers = {**source.sellers, ORPHANAGE: "Marketplace"}
    used = {order.merchant for order in source.orders} | set(source.products)
    with transaction(_ACTOR) as uow:
        site_id = _site(uow)
        merchants = {
            code: create_merchant(uow, code=code, name=sellers[code], currency=CURRENCY) for code in sorted(used)
        }
        serve_merchants(uow, site_id=site_id, merchant_ids=merchants.values())
        # Prices and calibrations are as of today: the sample site has its scale checked, whatever year it replays.
        seed_site_defaults(uow, site_id=site_id, currencies=(CURRENCY,))
        here = stored_orders(uow, site_id=site_id, channel=CHANNEL)
        newcomers = [o for o in source.orders if (merchants[o.merchant], o.draft.external_id) not in here]
        opening, asked = _opening(source), _demand(newcomers)
        codes = lay_out_floor(uow, site_id=site_id, bins=sum(map(_bins_for, opening.values())) or 1)
    shelf = cycle(codes)
    for done, (seller, products) in enumerate(sorted(source.products.items()), start=1):
        shelves = {
            sku: _Shelf(units, asked[seller, sku], tuple(islice(shelf, _bins_for(units))))
            for sku, units in ((sku, opening[seller, sku]) for sku in sorted(products))
        }
        with clock.at(opened_at), transaction(_ACTOR) as uow:
            _stock_merchant(uow, tenant_id=merchants[seller], site_id=site_id, products=products, shelves=shelves)
        progress("merchants and their stock", done, len(source.products))
    return merchants


def _site(uow: UnitOfWork) -> str:
    return create_site(
        uow, code=SITE, name="São Paulo distribution center", time_zone="America/Sao_Paulo", country="BR",
        company_prefix=COMPANY_PREFIX, street="Rodovia dos Bandeirantes, km 22", city="São Paulo", region="SP",
        postal_code="05171",
    )  # fmt: skip


def _opening(source: OlistSource) -> dict[tuple[str, str], int]:
    demand = _demand(source.orders)
    keys = ((seller, sku) for seller, products in source.products.items() for sku in products)
    return {key: _opening_quantity(demand[key]) for key in keys}


def _demand(orders: Sequence[SourceOrder]) -> Counter[tuple[str, str]]:
    demand: Counter[tuple[str, str]] = Counter()
    for order in orders:
        for line in order.draft.lines:
            demand[order.merchant, line.sku] += line.quantity
    return demand


def _opening_quantity(demand: int) -> int:
    return demand + max(LEAST_BUFFER, round(demand * BUFFER_SHARE))


def _bins_for(quantity: int) -> int:
    return 2 if quantity >= TWO_BINS_FROM else 1


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Where an item is to lie, how much of it when it opens, and how much is asked for by orders not here yet."""

    opening: int
    asked: int
    places: tuple[str, ...]


def _stock_merchant(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, products: Mapping[str, Product], shelves: Mapping[str, _Shelf]
) -> None:
    """Enter a merchant's catalog and receive its stock: the opening stock, or what new orders lack of an older one."""
    drafts = [
        ItemDraft(p.sku, p.name, p.weight_g, p.length_mm, p.width_mm, p.height_mm) for _, p in sorted(products.items())
    ]
    ids = create_items(uow, tenant_id=tenant_id, items=drafts)
    free = {
        found.sku: found.available for found in availability(uow, tenant_id=tenant_id, skus=list(ids)) if found.by_site
    }
    receipts = [
        Receipt(ids[sku], code, units, OPENING_REFERENCE)
        for sku, shelf in shelves.items()
        for code, units in _spread(shelf.asked - free[sku] if sku in free else shelf.opening, shelf.places)
    ]
    if receipts:
        receive_many(uow, tenant_id=tenant_id, site_id=site_id, receipts=receipts)


def _spread(quantity: int, codes: Sequence[str]) -> list[tuple[str, int]]:
    """Put the larger half into the first bin, and nothing anywhere when nothing is lacking."""
    rest = max(quantity, 0) // len(codes)
    first = max(quantity, 0) - rest * (len(codes) - 1)
    return [(code, units) for n, code in enumerate(codes) if (units := first if n == 0 else rest)]


def _place(
    orders: Sequence[SourceOrder], merchants: Mapping[str, str], progress: Progress, messenger: Messenger
) -> tuple[int, list[tuple[SourceOrder, Refusal]]]:
    taken, refused = 0, []
    for done, order in enumerate(orders, start=1):
        with clock.at(order.draft.placed_at):
            outcome = run(_ACTOR, partial(_place_one, tenant_id=merchants[order.merchant], order=order))
        if isinstance(outcome, Refusal):
            refused.append((order, outcome))
        else:
            taken += outcome
        if done % _ORDERS_BETWEEN_TELLINGS == 0:
            messenger.tell(clock.now())
        progress("orders", done, len(orders))
    messenger.settle(clock.now())
    return taken, refused


def _place_one(uow: UnitOfWork, tenant_id: str, order: SourceOrder) -> bool | Refusal:
    """Place an order, and cancel it at once if the source gave it up; say whether it was new, or why it was refused."""
    (placed,) = place_orders(uow, tenant_id=tenant_id, drafts=[order.draft])
    if placed.problem:
        return placed.problem
    if placed.created and placed.order and placed.order.lines and order.given_up_as:
        reason = f"The source calls this order {order.given_up_as}."
        cancel_order(uow, tenant_id=tenant_id, order_id=placed.order.id, reason=reason)
    return placed.created


def _wholly_refused(orders: Sequence[SourceOrder], refused: Sequence[tuple[SourceOrder, Refusal]]) -> Totals:
    """Count the orders of which no merchant's part was taken."""
    parts = Counter(order.draft.external_id for order in orders)
    parts.subtract(order.draft.external_id for order, _ in refused)
    return Totals(orders=sum(1 for left in parts.values() if not left))


def _value(order: SourceOrder) -> Totals:
    """Return what a refused part of an order was worth."""
    lines = order.draft.lines
    return Totals(
        orders=0,
        pieces=sum(line.quantity for line in lines),
        goods_minor=sum(line.quantity * line.unit_price_minor for line in lines),
        freight_minor=order.draft.shipping_minor,
    )


def _refusal_defects(refused: Sequence[tuple[SourceOrder, Refusal]]) -> Iterator[Defect]:
    """Yield one defect for each row and kind of refusal: two merchants' parts of an order stand on the same row."""
    kinds: dict[tuple[int, str], list[tuple[SourceOrder, Refusal]]] = {}
    for order, why in refused:
        kinds.setdefault((order.line, why.code), []).append((order, why))
    for (line, code), parts in kinds.items():
        detail = " ".join(f"{order.merchant}: {_words(why)}" for order, why in parts)
        raw = {"merchants": " ".join(order.merchant for order, _ in parts)}
        yield Defect("orders.csv", line, parts[0][0].draft.external_id, code, detail, raw, set_aside=True)


def _words(why: Refusal) -> str:
    problem = why.problem()
    return "; ".join(f"{e['pointer']}: {e['message']}" for e in problem.get("errors", [])) or str(problem["detail"])
