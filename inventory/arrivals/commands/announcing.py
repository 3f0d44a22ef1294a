from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from inventory.arrivals.domain import ARRIVAL_STATES, ArrivalDraft, check_arrival, outcome_of, units_by_sku
from inventory.arrivals.errors import ArrivalChanged, DuplicateArrival
from inventory.arrivals.events import ArrivalAnnounced, ArrivalCancelled, ArrivalClosed
from inventory.arrivals.models import Arrival, ArrivalLine, ArrivalPlate
from inventory.arrivals.queries import get_arrival
from inventory.arrivals.repository import lock_arrival
from inventory.arrivals.views import ArrivalView
from inventory.errors import UnknownItem
from inventory.queries import items_by_sku
from inventory.views import ItemView
from kernel.db.transactions import UnitOfWork
from kernel.errors import FieldError
from kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class Announcement:
    """An announced arrival, and whether it was not known before."""

    arrival: ArrivalView
    is_new: bool


def announce_arrival(uow: UnitOfWork, *, tenant_id: str, site_id: str, draft: ArrivalDraft) -> Announcement:
    """Note what a merchant will send to a site. The same announcement again is the same arrival.

    Emits:
        ArrivalAnnounced, unless the arrival was known.

    Raises:
        Invalid, UnknownItem: names every field that cannot be right; nothing was changed.
        DuplicateArrival: the merchant announced something else under this number before.
    """
    check_arrival(draft, uow.now.date())
    items = _items(uow, tenant_id, draft)
    row = {
        "tenant_id": tenant_id, "id": new_id("arr"), "site_id": site_id, "external_id": draft.external_id,
        "supplier": draft.supplier, "expected_on": draft.expected_on, "state": "announced", "note": draft.note,
        "created_at": uow.now, "closed_by": "",
    }  # fmt: skip
    # Two requests with one number wait for each other here, and the second finds what the first announced.
    created = uow.session.scalar(
        insert(Arrival)
        .values(row)
        .on_conflict_do_nothing(index_elements=["tenant_id", "external_id"])
        .returning(Arrival.id)
    )
    if created is None:
        return Announcement(_known(uow, tenant_id, site_id, draft), is_new=False)
    uow.session.add_all(
        ArrivalLine(
            tenant_id=tenant_id, arrival_id=created, number=number, item_id=items[sku].id, expected=units, received=0,
            damaged=0, reason="", outcome="",
        )
        for number, (sku, units) in enumerate(units_by_sku(draft).items(), start=1)
    )  # fmt: skip
    uow.session.add_all(
        ArrivalPlate(
            tenant_id=tenant_id, arrival_id=created, sscc=line.sscc, number=number, item_id=items[line.sku].id,
            quantity=line.quantity, lot=line.lot, expires_on=line.expires_on,
        )
        for number, line in enumerate(draft.lines, start=1)
        if line.sscc
    )  # fmt: skip
    uow.emit(ArrivalAnnounced(
        tenant_id=tenant_id, arrival_id=created, external_id=draft.external_id, site_id=site_id,
        expected_on=draft.expected_on.isoformat(),
        lines=[{"item_id": items[sku].id, "quantity": units} for sku, units in units_by_sku(draft).items()],
    ))  # fmt: skip
    return Announcement(get_arrival(uow, created), is_new=True)


def close_arrival(uow: UnitOfWork, *, arrival_id: str, missing: int | None = None) -> ArrivalView:
    """Say that no more of an arrival will come: each line is complete, short, over or damaged from now on.

    `missing` is how many units the person was told are missing: when it is no longer so, nothing is closed.

    Emits:
        ArrivalClosed.

    Raises:
        UnknownArrival, IllegalTransition: there is nothing to close.
        ArrivalChanged: more, or less, is missing than `missing`.
    """
    arrival, lines = lock_arrival(uow, arrival_id)
    state = ARRIVAL_STATES.after(arrival.state, "close")
    lacking = get_arrival(uow, arrival_id).missing
    if missing not in (None, lacking):
        raise ArrivalChanged(
            f"{lacking} units are missing now, not {missing}.", remedy="Look at the lines again, then close it."
        )
    arrival.state, arrival.closed_at, arrival.closed_by = state, uow.now, uow.actor.id
    for line in lines:
        line.outcome = outcome_of(line.expected, line.received, line.damaged)
    closed = get_arrival(uow, arrival_id)
    uow.emit(ArrivalClosed(
        tenant_id=closed.tenant_id, arrival_id=closed.id, external_id=closed.external_id, site_id=closed.site_id,
        lines=[
            {
                "item_id": line.item_id, "expected": line.expected, "received": line.received,
                "damaged": line.damaged, "missing": line.missing, "outcome": line.outcome,
            }
            for line in closed.lines
        ],
    ))  # fmt: skip
    uow.audit("arrival.closed", subject=arrival_id, tenant_id=closed.tenant_id, missing=lacking)
    return closed


def cancel_arrival(uow: UnitOfWork, *, arrival_id: str) -> ArrivalView:
    """Say that an announced delivery will not come; possible until something of it was received.

    Emits:
        ArrivalCancelled.

    Raises:
        UnknownArrival, IllegalTransition: there is nothing to cancel.
    """
    arrival, _ = lock_arrival(uow, arrival_id)
    arrival.state = ARRIVAL_STATES.after(arrival.state, "cancel")
    arrival.closed_at, arrival.closed_by = uow.now, uow.actor.id
    uow.emit(ArrivalCancelled(
        tenant_id=arrival.tenant_id, arrival_id=arrival_id, external_id=arrival.external_id, site_id=arrival.site_id
    ))  # fmt: skip
    uow.audit("arrival.cancelled", subject=arrival_id, tenant_id=arrival.tenant_id)
    return get_arrival(uow, arrival_id)


def _items(uow: UnitOfWork, tenant_id: str, draft: ArrivalDraft) -> dict[str, ItemView]:
    found = items_by_sku(uow, tenant_id=tenant_id, skus=[line.sku for line in draft.lines])
    wrong = [
        FieldError(f"/lines/{n}/sku", "unknown_item", f"There is no active item with SKU {line.sku}.")
        for n, line in enumerate(draft.lines)
        if line.sku not in found or not found[line.sku].active
    ]
    if wrong:
        refusal = UnknownItem(wrong[0].message, remedy="Create it first, or check it.")
        refusal.facts["errors"] = [{"pointer": e.pointer, "code": e.code, "message": e.message} for e in wrong]
        raise refusal
    return found


def _known(uow: UnitOfWork, tenant_id: str, site_id: str, draft: ArrivalDraft) -> ArrivalView:
    """Return the arrival that has the number already, if the announcement says of it what was said before."""
    wanted = select(Arrival.id).where(Arrival.tenant_id == tenant_id, Arrival.external_id == draft.external_id)
    known = get_arrival(uow, uow.session.execute(wanted).scalar_one())
    said = {line.sku: line.expected for line in known.lines if line.expected}
    before = (known.site_id, known.supplier, known.expected_on, known.note, said)
    now = (site_id, draft.supplier, draft.expected_on, draft.note, units_by_sku(draft))
    if before != now or _plates(uow, known) != _plates_of(draft):
        raise DuplicateArrival(
            f"{draft.external_id} was announced before, with other content.",
            remedy="Choose another number, or cancel that one.",
            pointer="/external_id",
            arrival_id=known.id,
        )
    return known


def _plates(uow: UnitOfWork, known: ArrivalView) -> Counter[tuple[str, str, str]]:
    skus = {line.item_id: line.sku for line in known.lines}
    of_arrival = (ArrivalPlate.tenant_id == known.tenant_id) & (ArrivalPlate.arrival_id == known.id)
    rows = uow.session.scalars(select(ArrivalPlate).where(of_arrival))
    return Counter({(row.sscc, skus[row.item_id], row.lot): row.quantity for row in rows})


def _plates_of(draft: ArrivalDraft) -> Counter[tuple[str, str, str]]:
    return Counter({(line.sscc, line.sku, line.lot): line.quantity for line in draft.lines if line.sscc})
