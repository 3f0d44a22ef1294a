from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fulfillment.domain.order_drafts import Address
from fulfillment.domain.order_quantities import LineQuantities, total
from fulfillment.models import (
    AskedService,
    Customer,
    OrderHold,
    OrderKit,
    OrderLine,
    OrderNote,
    OrderParcel,
    ParcelOutcome,
    SalesOrder,
    ServiceStep,
)
from fulfillment.queries.service_views import AskedServiceView, service_view
from fulfillment.repository import units_of


@dataclass(frozen=True, slots=True)
class CustomerView:
    """Who ordered. Personal data: for the desk and the tracker after its challenge, never for events or logs."""

    id: str
    external_id: str
    name: str
    email: str
    phone: str
    locale: str


@dataclass(frozen=True, slots=True)
class LineView:
    """One line: what was ordered, at which price in minor units, and where its units are. `kit_id`: it is a part of.
    `substitutes` is what the customer agreed to; one that `replaces_line_id` came in place of units of that line.
    Lines with the same `pack_with` share one carton wherever one holds them.
    """

    id: str
    number: int
    external_id: str
    item_id: str
    sku: str
    name: str
    unit_price_minor: int
    units: LineQuantities
    kit_id: str = ""
    substitutes: str = ""
    replaces_line_id: str = ""
    pack_with: str = ""


@dataclass(frozen=True, slots=True)
class KitView:
    """A kit as it was ordered; its parts are the lines with its id. The price of one in minor units."""

    id: str
    number: int
    external_id: str
    item_id: str
    sku: str
    name: str
    quantity: int
    unit_price_minor: int


@dataclass(frozen=True, slots=True)
class HoldView:
    """A reason to stop; open while `released_at` is None."""

    id: str
    kind: str
    reason: str
    placed_at: datetime
    placed_by: str
    released_at: datetime | None
    released_by: str
    release_reason: str


@dataclass(frozen=True, slots=True)
class NoteView:
    """What a colleague wrote."""

    id: str
    author: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderParcelView:
    """One parcel as far as the order knows it: `lines` are (line id, quantity), `serials` (line id, serial number)."""

    parcel_id: str
    state: str
    tracking_number: str
    lines: tuple[tuple[str, int], ...]
    serials: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """What was decided for the customer of a parcel that did not arrive: `send_again` or `refund`, in minor units."""

    parcel_id: str
    decision: str
    reason: str
    refund_minor: int
    replacement_id: str
    decided_at: datetime
    decided_by: str
    found_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderView:
    """All that is known of one order. Times in UTC, amounts in minor units of `currency`."""

    id: str
    tenant_id: str
    site_id: str
    external_id: str
    channel: str
    placed_at: datetime
    received_at: datetime
    currency: str
    goods_minor: int
    shipping_minor: int
    service_level: str
    split_policy: str
    gift: bool
    note: str
    flags: tuple[str, ...]
    customer: CustomerView
    ship_to: Address
    first_promised_on: date | None
    promised_on: date | None
    state: str
    state_since: datetime
    next_step: str
    next_step_owner: str
    due_at: datetime | None
    terminal: bool
    released_at: datetime | None
    release_why: str
    starts_at: datetime | None
    is_rush: bool
    cut_off_at: datetime | None
    handed_over_at: datetime | None
    intercept_requested_at: datetime | None
    version: int
    units: LineQuantities
    lines: tuple[LineView, ...]
    holds: tuple[HoldView, ...]
    notes: tuple[NoteView, ...]
    parcels: tuple[OrderParcelView, ...]
    outcomes: tuple[OutcomeView, ...]
    ship_on: date | None = None
    hold_reference: str = ""
    kits: tuple[KitView, ...] = ()
    services: tuple[AskedServiceView, ...] = ()


def order_view(
    row: SalesOrder,
    customer: Customer,
    lines: Sequence[OrderLine],
    *,
    holds: Iterable[OrderHold] = (),
    notes: Iterable[OrderNote] = (),
    parcels: Iterable[OrderParcel] = (),
    outcomes: Iterable[ParcelOutcome] = (),
    kits: Iterable[OrderKit] = (),
    services: Iterable[AskedService] = (),
    steps: Sequence[ServiceStep] = (),
) -> OrderView:
    """Return the frozen view of an order's rows."""
    views = tuple(line_view(line) for line in lines)
    return OrderView(
        id=row.id, tenant_id=row.tenant_id, site_id=row.site_id, external_id=row.external_id, channel=row.channel,
        placed_at=row.placed_at, received_at=row.received_at, currency=row.currency, goods_minor=row.goods_minor,
        shipping_minor=row.shipping_minor, service_level=row.service_level, split_policy=row.split_policy,
        gift=row.gift, note=row.note, flags=tuple(row.flags), customer=customer_view(customer), ship_to=address_of(row),
        first_promised_on=row.first_promised_on, promised_on=row.promised_on, state=row.state,
        state_since=row.state_since, next_step=row.next_step, next_step_owner=row.next_step_owner, due_at=row.due_at,
        terminal=row.terminal, released_at=row.released_at, release_why=row.release_why,
        starts_at=row.starts_at, is_rush=row.rushed_at is not None, cut_off_at=row.cut_off_at,
        handed_over_at=row.handed_over_at, intercept_requested_at=row.intercept_requested_at, version=row.version,
        units=total(view.units for view in views), lines=views,
        holds=tuple(_hold(hold) for hold in holds), notes=tuple(NoteView(n.id, n.author, n.text, n.at) for n in notes),
        parcels=tuple(_parcel(parcel) for parcel in parcels), outcomes=tuple(_outcome(each) for each in outcomes),
        ship_on=row.ship_on, hold_reference=row.hold_reference, kits=tuple(_kit(kit) for kit in kits),
        services=tuple(service_view(each, steps) for each in services),
    )  # fmt: skip


def line_view(line: OrderLine) -> LineView:
    """Return the frozen view of a line."""
    return LineView(
        line.id, line.number, line.external_id, line.item_id, line.sku, line.name, line.unit_price_minor,
        units_of(line), line.kit_id, line.substitutes, line.replaces_line_id,
        line.pack_with,
    )  # fmt: skip


def customer_view(row: Customer) -> CustomerView:
    """Return the frozen view of a customer."""
    return CustomerView(row.id, row.external_id, row.name, row.email, row.phone, row.locale)


def address_of(row: SalesOrder) -> Address:
    """Return where an order goes."""
    return Address(
        name=row.ship_name, street=row.ship_street, city=row.ship_city, postal_code=row.ship_postal_code,
        country=row.ship_country, company=row.ship_company, street2=row.ship_street2, region=row.ship_region,
        phone=row.ship_phone, email=row.ship_email,
    )  # fmt: skip


def _hold(row: OrderHold) -> HoldView:
    return HoldView(
        row.id, row.kind, row.reason, row.placed_at, row.placed_by, row.released_at, row.released_by, row.release_reason
    )


def _kit(row: OrderKit) -> KitView:
    return KitView(
        row.id, row.number, row.external_id, row.item_id, row.sku, row.name, row.quantity, row.unit_price_minor
    )


def _parcel(row: OrderParcel) -> OrderParcelView:
    lines = tuple((str(line["line_id"]), int(line["quantity"])) for line in row.lines)
    serials = tuple((str(line["line_id"]), serial) for line in row.lines for serial in line.get("serials", ()))
    return OrderParcelView(row.parcel_id, row.state, row.tracking_number, lines, serials)


def _outcome(row: ParcelOutcome) -> OutcomeView:
    return OutcomeView(
        row.parcel_id, row.decision, row.reason, row.refund_minor, row.replacement_id, row.decided_at, row.decided_by,
        row.found_at,
    )  # fmt: skip
