from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle

from app.samples.access import Login, SampleAccess, ShopKey
from app.samples.catalogue import CURRENCY, SampleItem, SampleMerchant, sample_merchants
from app.samples.floor import lay_out_floor
from app.samples.services import GIFT_WRAP
from fulfillment.api import offer_service, services_of
from inventory.api import (
    ArrivalDraft,
    ArrivalLineDraft,
    ItemDraft,
    Receipt,
    announce_arrival,
    availability,
    create_items,
    receive_many,
)
from kernel.access.commands import create_merchant, create_site, create_user, issue_key, revoke_key, serve_merchants
from kernel.access.queries import find_keys, find_users
from kernel.access.roles import KEY_SCOPES
from kernel.actors import Role
from kernel.db.transactions import UnitOfWork
from shipping.api import CartonDraft, LaneDraft, cartons, open_lane, seed_site_defaults, set_carton, sort_lanes

SITE = "main"
PASSWORD = "pickstream-demo"  # noqa: S105 - the sample logins are printed for everybody who starts the sample house
MERCHANT_LOGIN = "nordhus"
_COMPANY_PREFIX = "9521234"
"""From GS1's range for demonstrations, so that no label of the sample house names a real company."""
_KEY_NAME = "sample shop"
_OPENING = "opening stock"
_COMING = 3
"""How many of a shop's goods its first announced delivery brings, beside those with lots and serial numbers: the dock
has something to receive."""
_LANES = {"LANE-1": "northpost", "LANE-2": "swift_parcel", "LANE-3": "cargo_line"}
_MAILERS = {
    "PM-S": CartonDraft("Poly mailer, small", (320, 240, 50), 12, 2_000, 9, "mailer"),
    "PM-L": CartonDraft("Poly mailer, large", (480, 380, 80), 26, 5_000, 16, "mailer"),
}
_GOOD_FOR = timedelta(days=300)
_BINS = 240
"""Room for the sample goods and for as many again: one's own import finds free places."""
_PEOPLE = {
    Role.PICKER: "Pia Picker",
    Role.PACKER: "Paul Packer",
    Role.SERVICE: "Sophie Service",
    Role.MANAGER: "Max Manager",
    Role.ADMIN: "Ada Admin",
    Role.MERCHANT: "Mia Merchant",
}


def open_sample_house(uow: UnitOfWork) -> SampleAccess:
    """Build the sample house: a site with its floor, three merchants with goods on the shelves, carriers, and people.

    What is there already stays as it is; only the shops' keys are issued anew and the earlier ones end, since a secret
    is told once. All of it is one transaction: there is never half a house.
    """
    shops = sample_merchants()
    site_id = _site(uow)
    tenants = {
        shop.code: create_merchant(
            uow, code=shop.code, name=shop.name, currency=CURRENCY, support_email=shop.support_email
        )
        for shop in shops
    }
    serve_merchants(uow, site_id=site_id, merchant_ids=tenants.values())
    seed_site_defaults(uow, site_id=site_id, currencies=(CURRENCY,))
    _buy_mailers(uow, site_id)
    bins = cycle(lay_out_floor(uow, site_id=site_id, bins=_BINS))
    _open_lanes(uow, site_id)
    for shop in shops:
        _stock(uow, site_id, tenants[shop.code], shop, bins)
        _offer_gift_wrap(uow, tenants[shop.code])
    logins = tuple(_people(uow, site_id, tenants[MERCHANT_LOGIN]))
    return SampleAccess(logins, tuple(_key(uow, tenants[shop.code], shop) for shop in shops))


def _offer_gift_wrap(uow: UnitOfWork, tenant_id: str) -> None:
    """Offer gift wrap, unless the shop knows it already."""
    if not any(known.code == GIFT_WRAP.code for known in services_of(uow, tenant_id)):
        offer_service(uow, tenant_id=tenant_id, draft=GIFT_WRAP)


def _site(uow: UnitOfWork) -> str:
    return create_site(
        uow, code=SITE, name="Leipzig distribution center", time_zone="Europe/Berlin", country="DE",
        company_prefix=_COMPANY_PREFIX, street="Am Umschlag 12", city="Leipzig", region="SN", postal_code="04158",
    )  # fmt: skip


def _buy_mailers(uow: UnitOfWork, site_id: str) -> None:
    """Give the site two mailers, unless it has them."""
    known = {carton.code for carton in cartons(uow, site_id=site_id)}
    for code, draft in _MAILERS.items():
        if code not in known:
            set_carton(uow, site_id=site_id, carton_code=code, draft=draft)


def _open_lanes(uow: UnitOfWork, site_id: str) -> None:
    """Give each carrier the lane of the floor plan that it uses, unless the site has lanes. They ask for no scan until
    a lead says so: whoever tries the house out first may close a manifest without sorting.
    """
    if sort_lanes(uow, site_id=site_id):
        return
    for code, carrier in _LANES.items():
        open_lane(uow, site_id=site_id, code=code, draft=LaneDraft(carrier, requires_staging=False))


def opening_units(item: SampleItem) -> int:
    """Return how many units of an item a full shelf holds: what sells more often has more."""
    return 30 + 20 * item.popularity


def delivered(
    item: SampleItem, item_id: str, location_code: str, quantity: int, *, at: datetime, reference: str
) -> Receipt:
    """Return what is received of an item: its lot is that of the day, its serial numbers are those of the minute."""
    lot, good_until = (f"{at:%y%j}", at.date() + _GOOD_FOR) if item.has_lots else ("", None)
    serials = tuple(f"{item.sku[:2]}{at:%y%m%d%H%M}{n:03d}" for n in range(quantity)) if item.has_serials else ()
    return Receipt(item_id, location_code, quantity, reference, lot, good_until, serials)


def _stock(uow: UnitOfWork, site_id: str, tenant_id: str, shop: SampleMerchant, bins: Iterator[str]) -> None:
    """Enter a shop's goods and fill its shelves, one bin for each item; what was ever stocked is left alone.

    A shop that is new here has announced a delivery for tomorrow.
    """
    drafts = [
        ItemDraft(
            item.sku, item.name, item.weight_g, *item.sides_mm, gtins=(item.gtin,), fragile=item.is_fragile,
            keep_upright=item.keep_upright, lot_tracked=item.has_lots, serial_tracked=item.has_serials,
            mailer_ok=item.is_mailer_ok,
        )
        for item in shop.items
    ]  # fmt: skip
    ids = create_items(uow, tenant_id=tenant_id, items=drafts)
    stocked = {found.sku for found in availability(uow, tenant_id=tenant_id, skus=list(ids)) if found.by_site}
    receipts = [
        delivered(item, ids[item.sku], code, opening_units(item), at=uow.now, reference=_OPENING)
        for item, code in zip(shop.items, bins, strict=False)
        if item.sku not in stocked
    ]
    if receipts:
        receive_many(uow, tenant_id=tenant_id, site_id=site_id, receipts=receipts)
    if not stocked:
        tracked = [item for item in shop.items if item.has_lots or item.has_serials]
        coming = tuple(ArrivalLineDraft(item.sku, opening_units(item)) for item in (*shop.items[:_COMING], *tracked))
        announced = ArrivalDraft("PO-1001", (uow.now + timedelta(days=1)).date(), coming)
        announce_arrival(uow, tenant_id=tenant_id, site_id=site_id, draft=announced)


def _people(uow: UnitOfWork, site_id: str, merchant_id: str) -> Iterator[Login]:
    known = {user.email for user in find_users(uow)}
    for role, name in _PEOPLE.items():
        login = Login(f"{role.value}@pickstream.example", role, PASSWORD)
        if login.email not in known:
            of_merchant = merchant_id if role is Role.MERCHANT else None
            create_user(
                uow, email=login.email, name=name, role=role, password=PASSWORD,
                site_id=None if of_merchant else site_id, merchant_id=of_merchant,
            )  # fmt: skip
        yield login


def _key(uow: UnitOfWork, tenant_id: str, shop: SampleMerchant) -> ShopKey:
    for key in find_keys(uow):
        if key.tenant_id == tenant_id and key.name == _KEY_NAME and key.revoked_at is None:
            revoke_key(uow, key_id=key.id)
    issued = issue_key(uow, tenant_id=tenant_id, name=_KEY_NAME, scopes=sorted(KEY_SCOPES))
    return ShopKey(shop.code, shop.name, issued.secret)
