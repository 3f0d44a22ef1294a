from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from fulfillment.commands.pack_order import pack_in_hand, picked_contents, planned_cartons, require_ready
from fulfillment.commands.pack_scans import find_units, track
from fulfillment.commands.scans import WrongScan
from fulfillment.events.floor import CartonOverruled
from fulfillment.models import PackSession
from fulfillment.repository import OrderInHand, lock_order
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal
from shipping import api as shipping

PACK_LEASE = timedelta(minutes=10)
"""How long an order stays with its packer after the last scan."""


class PackTaken(Refusal):
    """Another packer has this order in hand."""

    code = "pack_taken"
    title = "Somebody else packs this order"


def start_packing(uow: UnitOfWork, *, order_id: str, take_over: bool = False) -> None:
    """Claim an order and begin to verify it at the bench. Two packers never get the same: the order's lock decides.

    Who starts again keeps what they scanned. Another packer may start when the claim has run out, or with `take_over`
    (which is audited); they scan everything themselves, because they did not see what was scanned before.

    Raises:
        NotReadyToPack: as `pack_order`.
        PackTaken: another packer's claim is running.
    """
    order = lock_order(uow, order_id=order_id)
    require_ready(order)
    session = _session(uow, order)
    if session is not None:
        track(uow, order, session)
    if session is not None and take_over and _is_others(uow, session):
        told = {"packer": session.opened_by, "since": session.opened_at.isoformat()}
        uow.audit("order.packing_taken_over", subject=order_id, tenant_id=order.row.tenant_id, **told)
        session.lease_until = None
    _claim(uow, order, session)


def leave_packing(uow: UnitOfWork, *, order_id: str) -> None:
    """Give an order back to the bench, unfinished; whoever does not have it gives nothing back."""
    order = lock_order(uow, order_id=order_id)
    session = _session(uow, order)
    if session is not None and session.opened_by == uow.actor.id:
        session.lease_until = None


def verify_item(uow: UnitOfWork, *, order_id: str, barcode: str, quantity: int) -> dict[str, int]:
    """Count scanned units of an item towards the order's lines and return what was scanned so far, by line id. Units
    that have serial numbers are scanned one by one, by a code that carries it, or by the number alone.

    Raises:
        WrongScan: no line of the order has this item, more were scanned than picked, or it needs a serial number that
            was not scanned yet; nothing changed.
        SerialNotHere: a unit with this serial number is not in stock here; nothing changed.
        NotReadyToPack: as `pack_order`.
        PackTaken: another packer's claim is running.
    """
    order = lock_order(uow, order_id=order_id)
    require_ready(order)
    if quantity < 1:
        raise Invalid("At least one unit is scanned at a time.", pointer="/quantity")
    session = _claim(uow, order, _session(uow, order))
    scanned: dict[str, int] = defaultdict(int, session.scanned)
    left = quantity
    lines, serial = find_units(uow, order, session, barcode.strip(), quantity)
    for line in lines:
        units = min(left, line.picked - scanned[line.id])
        scanned[line.id] += units
        left -= units
        if serial and units:
            session.serials = {**session.serials, line.id: [*session.serials[line.id], serial]}
    if left:
        raise WrongScan("item", scanned=f"{quantity} of {barcode}", needed=f"{quantity - left} of it")
    session.scanned = dict(scanned)
    return session.scanned


def choose_carton(uow: UnitOfWork, *, order_id: str, carton_code: str, reason: str = "") -> list[shipping.ParcelView]:
    """Close the verified order in the carton that was scanned, or with an empty code in those proposed.

    Any carton of the site is accepted: the packer sees the goods. Another one than proposed is audited with `reason`,
    a code of `shipping.OVERRULES` that a note may follow ("OTHER: wet"), and with both codes; plans learn from it.
    Emits CartonOverruled then.

    Raises:
        WrongContents, NotReadyToPack, UnknownCarton, StepsOpen, CustomsFactsMissing: as `pack_order`.
        PackTaken: another packer's claim is running.
    """
    order = lock_order(uow, order_id=order_id)
    require_ready(order)
    session = _session(uow, order)
    if session is not None:
        _require_mine(uow, session)
    code = carton_code.strip()
    contents = picked_contents(uow, order) if code else []
    planned = planned_cartons(uow, order, contents) if code else []
    scanned = dict(session.scanned) if session else {}
    parcels = pack_in_hand(
        uow, order, carton_code=code or None, packed=scanned, serials=session.serials if session else None
    )
    if planned:
        _note_choice(uow, order, contents, planned=planned, code=code, told=reason)
    return parcels


def require_at_bench(uow: UnitOfWork, order: OrderInHand) -> None:
    """Stop whoever has an order in their hands that another packer claimed.

    Raises:
        PackTaken: another packer's claim is running.
    """
    session = _session(uow, order)
    if session is not None:
        _require_mine(uow, session)


def _note_choice(
    uow: UnitOfWork, order: OrderInHand, contents: Sequence[shipping.Content], *, planned: Sequence[str], code: str,
    told: str,
) -> None:  # fmt: skip
    """Remember whether the planned carton was taken, and tell it in the order's story if it was not."""
    row = order.row
    why = shipping.note_carton_choice(
        uow, tenant_id=row.tenant_id, site_id=row.site_id, reference=row.id, contents=contents, planned=planned,
        chosen=[code], told=told,
    )  # fmt: skip
    if not why:
        return
    reason, note = shipping.read_overrule(told)
    facts = {"planned": list(planned), "chosen": code} | ({"note": note} if note else {})
    uow.audit("order.carton_overruled", subject=row.id, tenant_id=row.tenant_id, reason=reason, **facts)
    names = {carton.code: carton.name for carton in shipping.cartons(uow, site_id=row.site_id)}
    names[shipping.OWN_CONTAINER] = "item's own container"
    names[shipping.FOREIGN_CONTAINER] = "container of somebody else"
    uow.emit(
        CartonOverruled(
            **order.about, planned=[names.get(each, each) for each in planned], chosen=names.get(code, code),
            reason=reason, words=shipping.OVERRULES[reason], note=note,
        )
    )  # fmt: skip


def _session(uow: UnitOfWork, order: OrderInHand) -> PackSession | None:
    return uow.session.get(PackSession, (order.row.tenant_id, order.row.id), populate_existing=True)


def _claim(uow: UnitOfWork, order: OrderInHand, session: PackSession | None) -> PackSession:
    """Return the order's session, claimed by the acting packer from now on."""
    if session is None:
        session = PackSession(
            tenant_id=order.row.tenant_id, order_id=order.row.id, scanned={}, serials={}, carton_code="",
            opened_at=uow.now, opened_by=uow.actor.id,
        )  # fmt: skip
        track(uow, order, session)
        uow.session.add(session)
    _require_mine(uow, session)
    if session.opened_by != uow.actor.id:
        session.opened_by, session.opened_at, session.scanned = uow.actor.id, uow.now, {}
        session.serials = {line_id: [] for line_id in session.serials}
    session.lease_until = uow.now + PACK_LEASE
    return session


def _require_mine(uow: UnitOfWork, session: PackSession) -> None:
    if _is_others(uow, session):
        raise PackTaken(
            "Another packer has this order in hand.", remedy="Take the next tote, or take this order over.",
            packer=session.opened_by, since=session.opened_at.isoformat(),
        )  # fmt: skip


def _is_others(uow: UnitOfWork, session: PackSession) -> bool:
    running = session.lease_until is not None and session.lease_until > uow.now
    return running and session.opened_by != uow.actor.id
