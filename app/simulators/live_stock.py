from collections.abc import Sequence
from functools import partial

from app.samples.catalogue import SampleMerchant
from app.samples.house import delivered, opening_units
from app.simulators.live_crew import Steps
from app.simulators.live_house import LiveHouse
from inventory.api import availability, count_bin, find_locations, item_stock, receive_many, wanted_counts
from kernel.actors import Role

_LOOK_SECONDS = 1_800.0
_COUNT_SECONDS = 600.0
_REORDER_BELOW = 0.4
_LEAST_AVAILABLE = 3


def refill(house: LiveHouse, merchants: Sequence[SampleMerchant], tenants: dict[str, str]) -> Steps:
    """Receive deliveries: what runs low is filled up to a full shelf, in the bin where it lies."""
    while True:
        for merchant in merchants:
            yield house.pause(_LOOK_SECONDS / len(merchants))
            _deliver(house, merchant, tenants[merchant.code])


def _deliver(house: LiveHouse, merchant: SampleMerchant, tenant_id: str) -> None:
    items = {item.sku: item for item in merchant.items}
    found = house.see(lambda uow: availability(uow, tenant_id=tenant_id, skus=list(items)))
    missing = {each.sku: opening_units(items[each.sku]) - each.available for each in found}
    low = [a for a in found if a.available < max(_LEAST_AVAILABLE, opening_units(items[a.sku]) * _REORDER_BELOW)]
    now = house.now()
    receipts = [
        delivered(
            items[each.sku], each.item_id, _bin_of(house, each.item_id), missing[each.sku], at=now,
            reference=f"ASN-{now:%m%d-%H%M}",
        )
        for each in low
    ]  # fmt: skip
    if receipts:
        manager = house.person(Role.MANAGER)
        house.do(manager, lambda uow: receive_many(uow, tenant_id=tenant_id, site_id=house.site_id, receipts=receipts))


def _bin_of(house: LiveHouse, item_id: str) -> str:
    """Return the bin in which an item lies, rather one that is not frozen, else any: the shelves have room."""
    bins = house.see(lambda uow: item_stock(uow, item_id)).bins
    if bins:
        return min(bins, key=lambda each: (each.frozen, each.location_code)).location_code
    places = house.see(lambda uow: find_locations(uow, site_id=house.site_id))
    return house.dice.choice([place.code for place in places if place.kind == "pick"])


def count_bins(house: LiveHouse) -> Steps:
    """Count the bins that short picks left frozen: half of them are right, the others lack one more."""
    while True:
        yield house.pause(_COUNT_SECONDS)
        for place in house.see(lambda uow: wanted_counts(uow, site_id=house.site_id)):
            is_right = house.dice.random() < 0.5  # noqa: PLR2004 - half of them
            counted = place.quantity if is_right else max(place.allocated, place.quantity - 1)
            house.do(
                house.person(Role.MANAGER),
                partial(
                    count_bin, tenant_id=place.tenant_id, site_id=house.site_id, item_id=place.item_id,
                    location_code=place.location_code, counted=counted, lot=place.lot,
                ),
            )  # fmt: skip
            yield 60.0
