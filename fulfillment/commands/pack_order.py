from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete

from fulfillment.commands.customs_facts import require_customs_facts
from fulfillment.commands.dangerous_facts import require_dangerous_facts
from fulfillment.commands.declare_exports import declare_exports
from fulfillment.dangerous_kinds import dangerous_kinds
from fulfillment.domain.order_state import ParcelState
from fulfillment.events.floor import OrderPacked
from fulfillment.models import Customer, OrderLine, OrderParcel, PackSession
from fulfillment.queries.order_policy import order_policy
from fulfillment.repository import OrderInHand, lock_order, open_slots, open_tasks
from fulfillment.value_added.charging import close_steps
from fulfillment.value_added.steps import asked_in_hand, extras_of, laid_out, require_done
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal
from shipping import api as shipping

_Packed = dict[OrderLine, int]
_Items = Mapping[str, inventory.ItemView]
_Serials = Mapping[str, Sequence[str]]


class WrongContents(Refusal):
    """What was scanned at the bench is not what is in the tote by the books: a hard stop."""

    code = "wrong_contents"
    title = "The contents are not right"


class NotReadyToPack(Refusal):
    """The order cannot be packed now."""

    code = "not_ready_to_pack"
    title = "This order cannot be packed now"


def pack_order(
    uow: UnitOfWork,
    *,
    tenant_id: str,
    order_id: str,
    carton_code: str | None = None,
    packed: Mapping[str, int] | None = None,
    serials: Mapping[str, Sequence[str]] | None = None,
) -> list[shipping.ParcelView]:
    """Pack all picked units of an order into parcels and return them.

    `packed` is what was scanned at the bench, by line id; it must be exactly what was picked. Without `carton_code` the
    cartons that shipping proposes are used, else all goes into that one. `serials` are those of units that have serial
    numbers, by line id; where a line goes into several cartons, they fill them as they were scanned. Emits OrderPacked,
    and ServicePerformed for what was asked for and done.

    Raises:
        NotReadyToPack: on hold, still being picked, nothing picked, or a complete order that waits for stock.
        WrongContents: the scans differ from what was picked, or a unit's serial number is missing; nothing changed.
        StepsOpen: something that was asked for is neither done nor excused; nothing changed.
        CustomsFactsMissing: it crosses a customs border without HS code or origin of its goods, and its merchant wants
            them.
        DangerousFactsMissing: some of it is hazardous, of which something is missing that its transport document says,
            and its merchant wants that.
        DangerousGoodsRefused: no service of the site takes some of it, as it is dangerous; nothing changed.
        SerialNotHere: a unit with such a serial number is not in stock here.
        UnknownCarton: the site has no such carton.
    """
    order = lock_order(uow, tenant_id=tenant_id, order_id=order_id)
    require_ready(order)
    return pack_in_hand(uow, order, carton_code=carton_code, packed=packed, serials=serials)


def pack_in_hand(
    uow: UnitOfWork,
    order: OrderInHand,
    *,
    carton_code: str | None,
    packed: Mapping[str, int] | None,
    serials: Mapping[str, Sequence[str]] | None,
) -> list[shipping.ParcelView]:
    """Do as `pack_order` for an order that is locked and ready."""
    row = order.row
    if packed is not None:
        _require_same(order, packed)
    units = {line: line.picked for line in order.lines if line.picked}
    items = inventory.items_by_id(uow, {line.item_id for line in units})
    policy = order_policy(uow, row.tenant_id)
    if policy.dangerous_facts == "required":
        require_dangerous_facts(uow, skus={line.item_id: line.sku for line in units})
    if policy.customs_facts == "required":
        require_customs_facts(
            uow, site_id=row.site_id, country=row.ship_country, postal_code=row.ship_postal_code,
            skus={line.item_id: line.sku for line in units},
        )  # fmt: skip
    given = _require_serials(uow, order, units, items, serials or {})
    asked = asked_in_hand(uow, order)
    require_done(asked)
    contents = _contents(uow, units, items)
    cartons = _cartons(uow, order, contents, carton_code)
    laid = laid_out(asked, [part for _, part in cartons], order.lines)
    slots = open_slots(uow, tenant_id=row.tenant_id, order_id=row.id)
    tote = next((slot.tote for slot in slots if slot.tote), "")
    shipping.hold_carton_stock(uow, site_id=row.site_id, carton_codes=[code for code, _ in cartons])
    parcels = [
        _create(uow, order, code, part, tote=tote, extras=extras_of(asked, laid, number))
        for number, (code, part) in enumerate(cartons)
    ]
    declare_exports(uow, order, parcels)
    close_steps(uow, order, asked, laid, [parcel.id for parcel in parcels])
    _book(uow, order, units, parcels, given)
    if not open_tasks(uow, tenant_id=row.tenant_id, order_id=row.id):
        for slot in slots:
            slot.is_open = False
    uow.emit(OrderPacked(**order.about, parcel_ids=[parcel.id for parcel in parcels], units=sum(units.values())))
    return parcels


def picked_contents(uow: UnitOfWork, order: OrderInHand) -> list[shipping.Content]:
    """Return what is picked of an order, as shipping packs it."""
    units = {line: line.picked for line in order.lines if line.picked}
    return _contents(uow, units, inventory.items_by_id(uow, {line.item_id for line in units}))


def planned_cartons(uow: UnitOfWork, order: OrderInHand, contents: Sequence[shipping.Content]) -> list[str]:
    """Return the codes of the cartons that shipping proposes for these contents; none when nobody can tell."""
    try:
        return [code for code, _ in _cartons(uow, order, contents, None)]
    except shipping.SizeUnknown:
        return []


def require_ready(order: OrderInHand) -> None:
    """Stop when an order cannot be packed now.

    Raises:
        NotReadyToPack: as `pack_order`.
    """
    units, row = order.units, order.row
    if row.open_holds:
        raise NotReadyToPack("The order is on hold.", remedy="Park the tote until the hold is released.")
    if units.allocated:
        raise NotReadyToPack(f"{units.allocated} unit(s) are still to be picked.", remedy="Finish the walk first.")
    if not units.picked:
        raise NotReadyToPack("Nothing of this order is in a tote.", remedy="Scan the tote again.")
    waiting = units.backordered + units.promised
    if waiting and row.split_policy == "all_or_nothing":
        detail = f"{waiting} unit(s) are still to come, and this order goes out complete."
        raise NotReadyToPack(detail, remedy="Park the tote.")
    if parts := sum(line.backordered + line.promised for line in order.lines if line.kit_id):
        detail = f"{parts} part(s) of a kit are still to come, and a kit goes out complete."
        raise NotReadyToPack(detail, remedy="Park the tote.")
    if linked := sum(line.backordered + line.promised for line in order.lines if line.pack_with):
        detail = f"{linked} unit(s) are still to come that belong into one carton with others."
        raise NotReadyToPack(detail, remedy="Park the tote.")


def _require_same(order: OrderInHand, packed: Mapping[str, int]) -> None:
    for line_id in packed:
        order.line(line_id)
    wrong = [line for line in order.lines if packed.get(line.id, 0) != line.picked]
    if wrong:
        told = ", ".join(f"{line.sku}: scanned {packed.get(line.id, 0)}, picked {line.picked}" for line in wrong[:5])
        differences = {line.id: {"scanned": packed.get(line.id, 0), "picked": line.picked} for line in wrong}
        raise WrongContents(told, remedy="Count again; bring what does not belong to the hospital.", lines=differences)


def _require_serials(
    uow: UnitOfWork, order: OrderInHand, units: Mapping[OrderLine, int], items: _Items, serials: _Serials
) -> _Serials:
    """Return the serial numbers that go out, by line, if each unit that has to have one has one that is in stock."""
    for line, quantity in units.items():
        scanned = set(serials.get(line.id, ()))
        if items[line.item_id].serial_tracked and len(scanned) != quantity:
            raise WrongContents(
                f"{line.sku}: {len(scanned)} serial number(s) scanned, {quantity} picked.",
                remedy="Scan the serial number of each unit.",
                lines={line.id: {"scanned": len(scanned), "picked": quantity}},
            )
    given = {line.id: list(serials[line.id]) for line in units if serials.get(line.id)}
    if given:
        pairs = [(line.item_id, serial) for line in units for serial in given.get(line.id, ())]
        row = order.row
        inventory.require_serials(uow, tenant_id=row.tenant_id, site_id=row.site_id, pairs=pairs, lock=True)
    return given


def _contents(uow: UnitOfWork, units: Mapping[OrderLine, int], items: _Items) -> list[shipping.Content]:
    kinds = dangerous_kinds(uow, items.values())
    found = [(line, items[line.item_id], quantity) for line, quantity in units.items()]
    return [
        shipping.Content(
            item_id=item.id, line_id=line.id, sku=line.sku, name=line.name or item.name, quantity=quantity,
            weight_g=item.weight_g, length_mm=item.length_mm, width_mm=item.width_mm, height_mm=item.height_mm,
            keep_upright=item.keep_upright, fragile=item.fragile, kept_apart=item.kept_apart,
            max_load_g=item.max_load_g, own_container=item.own_container, pack_with=line.pack_with,
            mailer_ok=item.mailer_ok, dangerous_goods=kinds[item.id],
        )
        for line, item, quantity in found
    ]  # fmt: skip


def _cartons(
    uow: UnitOfWork, order: OrderInHand, contents: Sequence[shipping.Content], carton_code: str | None
) -> list[tuple[str, Sequence[shipping.Content]]]:
    if carton_code:
        return [(carton_code, contents)]
    row = order.row
    journey = shipping.Journey(
        row.ship_country, row.ship_postal_code, row.currency, service_level=row.service_level,
        promised_on=row.promised_on, value_minor=row.goods_minor,
    )  # fmt: skip
    plan = shipping.plan_parcels(
        uow, tenant_id=row.tenant_id, site_id=row.site_id, contents=contents, journey=journey
    )  # fmt: skip
    return [(carton.carton_code, carton.contents) for carton in plan.cartons]


def _create(
    uow: UnitOfWork, order: OrderInHand, carton_code: str, contents: Sequence[shipping.Content], *,
    tote: str, extras: Sequence[shipping.Extra],
) -> shipping.ParcelView:  # fmt: skip
    row = order.row
    price = {line.id: line.unit_price_minor for line in order.lines}
    return shipping.create_parcel(
        uow, tenant_id=row.tenant_id, site_id=row.site_id, reference=row.id, party=row.customer_id,
        ship_to=_ship_to(uow, order), contents=contents, carton_code=carton_code, promised_on=row.promised_on,
        service_level=row.service_level, value_minor=sum(price[c.line_id] * c.quantity for c in contents),
        currency=row.currency, tote=tote, extras=extras,
    )  # fmt: skip


def _ship_to(uow: UnitOfWork, order: OrderInHand) -> shipping.ShipTo:
    row = order.row
    name = row.ship_name or uow.session.get_one(Customer, (row.tenant_id, row.customer_id)).name
    if not name:
        raise Invalid("The order has no name to send it to.", remedy="Complete its address.", pointer="/ship_to/name")
    return shipping.ShipTo(
        name=name, company=row.ship_company, street=row.ship_street, street2=row.ship_street2, city=row.ship_city,
        region=row.ship_region, postal_code=row.ship_postal_code, country=row.ship_country, phone=row.ship_phone,
        email=row.ship_email,
    )  # fmt: skip


def _book(
    uow: UnitOfWork, order: OrderInHand, units: Mapping[OrderLine, int], parcels: Sequence[shipping.ParcelView],
    given: _Serials,
) -> None:  # fmt: skip
    row = order.row
    lines = [(line.item_id, quantity) for line, quantity in units.items()]
    inventory.pack_stock(uow, tenant_id=row.tenant_id, site_id=row.site_id, order_id=row.id, lines=lines)
    for line, quantity in units.items():
        order.move(line.id, quantity, "picked", "packed")
    left = {line_id: list(serials) for line_id, serials in given.items()}
    for parcel in parcels:
        known = _known_parcel(order, parcel, left)
        order.parcels.append(known)
        uow.session.add(known)
    if given:
        _bind(uow, order, order.parcels[-len(parcels) :])
    order.settle(uow.now)
    uow.session.execute(
        delete(PackSession).where(PackSession.tenant_id == row.tenant_id, PackSession.order_id == row.id)
    )


def _known_parcel(order: OrderInHand, parcel: shipping.ParcelView, left: dict[str, list[str]]) -> OrderParcel:
    lines: list[dict[str, Any]] = []
    for c in parcel.contents:
        line: dict[str, Any] = {"line_id": c.line_id, "item_id": c.item_id, "quantity": c.quantity}
        if waiting := left.get(c.line_id):
            line["serials"], left[c.line_id] = waiting[: c.quantity], waiting[c.quantity :]
        lines.append(line)
    return OrderParcel(
        tenant_id=order.row.tenant_id, parcel_id=parcel.id, order_id=order.row.id, state=ParcelState.PACKED.value,
        lines=lines, tracking_number="",
    )  # fmt: skip


def _bind(uow: UnitOfWork, order: OrderInHand, parcels: Sequence[OrderParcel]) -> None:
    """Give the units of the parcels that were just packed to the order."""
    given = [
        inventory.GivenSerial(content["item_id"], serial, content["line_id"], parcel.parcel_id)
        for parcel in parcels
        for content in parcel.lines
        for serial in content.get("serials", ())
    ]
    row = order.row
    inventory.give_serials(uow, tenant_id=row.tenant_id, site_id=row.site_id, order_id=row.id, given=given)
