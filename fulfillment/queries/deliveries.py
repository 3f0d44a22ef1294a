"""When a shop's customer would have an item, if they ordered some units now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from fulfillment.dangerous_kinds import dangerous_kinds
from fulfillment.domain.deliveries import DatedItem, DatedSite, Delivery, no_delivery
from fulfillment.domain.destinations import Destination
from fulfillment.domain.promise import end_of_day
from fulfillment.domain.release import HANDLING
from fulfillment.models import OrderLine, SalesOrder
from fulfillment.queries.promises import possible_day
from inventory import api as inventory
from kernel.access.queries import MerchantView, SiteView, get_merchant, get_site, site_of_merchant
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping

Waiting = Mapping[tuple[str, str], int]
"""Units that orders already wait for, by item and site."""


def delivery_dates(
    uow: UnitOfWork, *, tenant_id: str, skus: Sequence[str], destination: Destination, service_level: str = "standard",
    channel: str = "", quantities: Mapping[str, int] | None = None,
) -> list[DatedItem]:  # fmt: skip
    """Return, in the order asked, what a channel can sell of each SKU and when all `quantities` of it (one unit, unless
    said otherwise), ordered now, would be delivered.

    The latest day is what an order placed now would be promised, by the same rule. What is not in stock counts from the
    end of the day on which announced deliveries have brought more than orders already wait for. Where nothing is known
    there is no date, and the reason says why. An unknown SKU is an answer of its own. What does not fit into one parcel
    goes in several: the service is the one that takes a single unit, of a kit each of its parts.
    """
    asked = dict.fromkeys(skus, 1) | dict(quantities or {})
    known = inventory.items_by_sku(uow, tenant_id=tenant_id, skus=skus)
    items = {sku: item for sku, item in known.items() if item.active}
    found = inventory.availability(uow, tenant_id=tenant_id, skus=list(items), channel=channel)
    levels = {each.sku: each for each in found}
    supply = _supply(uow, tenant_id, list(items.values()), channel)
    dates = _Dates(
        uow, merchant=get_merchant(uow, tenant_id), destination=destination, service_level=service_level,
        supply=supply, loads=_loads(uow, list(items.values()), supply),
    )  # fmt: skip
    return [
        dates.of_item(items[sku], levels[sku], asked[sku]) if sku in items else _unknown(sku, asked[sku])
        for sku in dict.fromkeys(skus)
    ]


@dataclass(frozen=True, slots=True)
class _Need:
    """What units of an item take: themselves, or so many units of a kit's part, of which a site has some `free`."""

    item_id: str
    quantity: int = 1
    part: str = ""
    free: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Supply:
    """What items need, what is announced of that, and what orders already wait for."""

    needs: Mapping[str, Sequence[_Need]]
    coming: Mapping[str, Sequence[inventory.ExpectedUnits]]
    waiting: Waiting

    def of(self, item_id: str, units: int = 1, free: Mapping[str, int] = MappingProxyType({})) -> Sequence[_Need]:
        """Return what so many units of an item take; `free` is what each site has of the item itself."""
        parts = self.needs.get(item_id) or (_Need(item_id, free=free),)
        return [replace(part, quantity=part.quantity * units) for part in parts]

    def sites(self, item_id: str) -> set[str]:
        """Return the sites that anything of it will come to."""
        return {each.site_id for need in self.of(item_id) for each in self.coming.get(need.item_id, ())}

    def first(self, need: _Need, site_id: str, today: date) -> inventory.ExpectedUnits | Delivery | None:
        """Return the arrival after which a site has enough, None when it has enough now, or why there is no date.

        What orders wait for is theirs. What is overdue comes nobody knows when: it is not counted on.
        """
        brought = need.free.get(site_id, 0)
        if brought >= need.quantity:
            return None
        waiting = self.waiting.get((need.item_id, site_id), 0)
        coming = [each for each in self.coming.get(need.item_id, ()) if each.site_id == site_id]
        due = [each for each in coming if each.expected_on >= today]
        for each in due:
            brought += each.quantity
            if brought - waiting >= need.quantity:
                return each
        return _never(need, need.free.get(site_id, 0), coming, due, waiting)


def _never(
    need: _Need, free: int, coming: Sequence[inventory.ExpectedUnits], due: Sequence[inventory.ExpectedUnits],
    waiting: int,
) -> Delivery:  # fmt: skip
    of_part = f"Part {need.part}: " if need.part else ""
    has = f"{of_part}Only {free} of {need.quantity} units in stock" if free else f"{of_part}Not in stock"
    announced = sum(each.quantity for each in due)
    if due and waiting >= announced:
        return no_delivery(
            "all_promised", f"{of_part}Orders already wait for all {announced} units that are announced."
        )
    if due:
        more = announced - waiting
        return no_delivery("too_few", f"{has}, and what is announced brings {more} more for new orders.")
    if coming:
        when = coming[0].expected_on
        return no_delivery("overdue", f"{has}. A delivery was expected on {when} and has not come.")
    return no_delivery("nothing_expected", f"{has}, and no delivery of it is announced.")


def _supply(uow: UnitOfWork, tenant_id: str, items: Sequence[inventory.ItemView], channel: str) -> _Supply:
    kits = inventory.kit_parts(uow, tenant_id=tenant_id, kit_ids=[item.id for item in items if item.kit])
    skus = sorted({part.sku for parts in kits.values() for part in parts})
    levels = inventory.availability(uow, tenant_id=tenant_id, skus=skus, channel=channel) if skus else []
    free = {each.item_id: {site.site_id: site.available for site in each.by_site} for each in levels}
    needs = {
        kit_id: tuple(_Need(part.item_id, part.quantity, part.sku, free.get(part.item_id, {})) for part in parts)
        for kit_id, parts in kits.items()
    }
    ids = [*(item.id for item in items), *free]
    coming = inventory.expected_by_item(uow, tenant_id=tenant_id, item_ids=ids)
    return _Supply(needs, coming, _waiting(uow, tenant_id, ids))


@dataclass(frozen=True, slots=True)
class _Load:
    """What a service has to take: the longest sides in mm, the greatest weight in g, the kinds of dangerous goods."""

    sides_mm: tuple[int, int, int]
    weight_g: int
    kinds: tuple[str, ...]


def _loads(uow: UnitOfWork, items: Sequence[inventory.ItemView], supply: _Supply) -> dict[str, _Load]:
    """Return what a unit of each item asks of a service; a kit asks what every one of its parts does."""
    parts = {need.item_id for needs in supply.needs.values() for need in needs}
    known = {item.id: item for item in items} | (inventory.items_by_id(uow, parts) if parts else {})
    kinds = dangerous_kinds(uow, known.values())
    found: dict[str, _Load] = {}
    for item in items:
        inside = [item, *(known[need.item_id] for need in supply.needs.get(item.id, ()))]
        dangerous = tuple(sorted({kinds[each.id] for each in inside} - {""}))
        sides = [sorted((each.length_mm, each.width_mm, each.height_mm), reverse=True) for each in inside]
        length, width, height = (max(side) for side in zip(*sides, strict=True))
        found[item.id] = _Load((length, width, height), max(each.weight_g for each in inside), dangerous)
    return found


def _waiting(uow: UnitOfWork, tenant_id: str, item_ids: Sequence[str]) -> Waiting:
    of_order = (SalesOrder.tenant_id == OrderLine.tenant_id) & (SalesOrder.id == OrderLine.order_id)
    statement = (
        select(OrderLine.item_id, SalesOrder.site_id, func.sum(OrderLine.backordered))
        .join(SalesOrder, of_order)
        .where(OrderLine.tenant_id == tenant_id, OrderLine.item_id.in_(item_ids), OrderLine.backordered > 0)
        .where(~SalesOrder.terminal)
        .group_by(OrderLine.item_id, SalesOrder.site_id)
    )
    return {(item_id, site_id): int(units) for item_id, site_id, units in uow.session.execute(statement)}


def _unknown(sku: str, quantity: int) -> DatedItem:
    nothing = no_delivery("unknown_item", f"There is no item with SKU {sku}.")
    return DatedItem(sku, quantity, None, 0, nothing, ())


@dataclass(frozen=True, slots=True)
class _Start:
    """From when on a site could send a unit, and why then."""

    at: datetime
    cause: str
    reason: str


class _Dates:
    """The dates of many items for one destination; what items share is computed once."""

    def __init__(
        self, uow: UnitOfWork, *, merchant: MerchantView, destination: Destination, service_level: str, supply: _Supply,
        loads: Mapping[str, _Load],
    ) -> None:  # fmt: skip
        self._uow = uow
        self._currency = merchant.currency
        self._to = destination
        self._level = service_level
        self._supply = supply
        self._loads = loads
        self._ships_from = site_of_merchant(uow, merchant.id)
        self._sites: dict[str, SiteView] = {self._ships_from.id: self._ships_from}
        self._days: dict[tuple[object, ...], date] = {}
        self._deliveries: dict[tuple[object, ...], Delivery] = {}

    def of_item(self, item: inventory.ItemView, level: inventory.Availability, quantity: int) -> DatedItem:
        """Return an item's dates: of each site, and of the site from which the merchant's orders leave."""
        free = {each.site_id: each.available for each in level.by_site}
        needs = self._supply.of(item.id, quantity, free)
        ids = sorted({*free, *self._supply.sites(item.id), self._ships_from.id})
        dated = {
            site_id: DatedSite(
                site_id, self._site(site_id).code, free.get(site_id, 0),
                self._delivery(item, self._site(site_id), needs, free.get(site_id, 0), quantity),
            )
            for site_id in ids
        }  # fmt: skip
        return DatedItem(
            item.sku, quantity, item.id, level.available, dated[self._ships_from.id].delivery, tuple(dated.values())
        )

    def _site(self, site_id: str) -> SiteView:
        if site_id not in self._sites:
            self._sites[site_id] = get_site(self._uow, site_id)
        return self._sites[site_id]

    def _delivery(
        self, item: inventory.ItemView, site: SiteView, needs: Sequence[_Need], free: int, quantity: int
    ) -> Delivery:
        if free >= quantity:
            return self._from(item, site, _Start(self._uow.now, "in_stock", f"In stock at {site.name}."))
        today = self._uow.now.astimezone(ZoneInfo(site.time_zone)).date()
        found = [self._supply.first(need, site.id, today) for need in needs]
        for each in found:
            if isinstance(each, Delivery):
                return each
        days = [each.expected_on for each in found if isinstance(each, inventory.ExpectedUnits)]
        if not days:
            return no_delivery("nothing_expected", f"Not in stock at {site.name}.")
        last = max(days)
        has = f"Only {free} of {quantity} units in stock" if free > 0 else "Not in stock"
        reason = f"{has} at {site.name}; counted from a delivery expected on {last}."
        return self._from(item, site, _Start(end_of_day(last, site.time_zone), "arrival", reason))

    def _from(self, item: inventory.ItemView, site: SiteView, start: _Start) -> Delivery:
        key = (site.id, start, self._loads[item.id])
        if key not in self._deliveries:
            self._deliveries[key] = self._computed(site, start, self._loads[item.id])
        return self._deliveries[key]

    def _computed(self, site: SiteView, start: _Start, load: _Load) -> Delivery:
        goods: dict[str, tuple[str, ...]] = dict.fromkeys(load.kinds, ())
        latest = self._promise(site, start.at, goods)
        try:
            expected = shipping.expect_delivery(
                self._uow, site_id=site.id, sides_mm=load.sides_mm, weight_g=load.weight_g, country=self._to.country,
                postal_code=self._to.postal_code, currency=self._currency, service_level=self._level,
                promised_on=latest, ready_at=start.at + HANDLING, goods=goods,
            )  # fmt: skip
        except shipping.DangerousGoodsRefused:
            return no_delivery("no_service", f"No service of {site.name} takes such dangerous goods there.")
        except shipping.NoServiceFits:
            return no_delivery("no_service", f"No service of {site.name} takes it to this destination.")
        return Delivery(
            expected.ship_on, expected.delivery_on, max(latest, expected.delivery_on),
            f"{expected.carrier_name} {expected.service_name}", start.cause, start.reason,
        )  # fmt: skip

    def _promise(self, site: SiteView, at: datetime, goods: Mapping[str, tuple[str, ...]]) -> date:
        key = site.id, at, *goods
        if key not in self._days:
            self._days[key] = possible_day(
                self._uow, site=site, at=at, service_level=self._level, country=self._to.country,
                postal_code=self._to.postal_code, currency=self._currency, goods=goods,
            )  # fmt: skip
        return self._days[key]
