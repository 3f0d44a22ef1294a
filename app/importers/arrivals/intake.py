from collections.abc import Iterable
from dataclasses import dataclass

from app.importers.arrivals.notices import Fault, Notice, Placed, read_notices
from inventory.api import (
    Announcement,
    ArrivalDraft,
    ArrivalLineDraft,
    announce_arrival,
    arrival_by_number,
    cancel_arrival,
    resolve_barcode,
)
from kernel.db.transactions import UnitOfWork
from kernel.errors import FieldError, Refusal

LARGEST_BYTES = 2_000_000
MOST = 1_000
"""How many arrivals a file can announce."""


@dataclass(frozen=True, slots=True)
class ImportedArrival:
    """What became of one arrival of the file: announced, known (it was here already), cancelled or refused."""

    line: int
    arrival: str
    outcome: str
    arrival_id: str
    units: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class ArrivalImport:
    """A file's result, arrival by arrival. One with a fault was not announced, not even in part."""

    results: tuple[ImportedArrival, ...]

    def count(self, outcome: str) -> int:
        """Return how many arrivals came to this."""
        return sum(each.outcome == outcome for each in self.results)


def import_arrivals(uow: UnitOfWork, *, tenant_id: str, site_id: str, content: bytes, file: str) -> ArrivalImport:
    """Announce what a file says will come to a site: CSV, or X12 856. A second import of it changes nothing.

    Emits:
        ArrivalAnnounced, ArrivalCancelled.

    Raises:
        Invalid: the file cannot be read at all.
    """
    notices = read_notices(content, file)
    taken = [announce_notice(uow, tenant_id, site_id, each) for each in notices[:MOST]]
    words = f"A file announces {MOST:,} arrivals at most: send the rest in another one."
    rest = [_refused(each, [Fault(each.line, "too_many", words)]) for each in notices[MOST:]]
    return ArrivalImport((*taken, *rest))


def announce_notice(uow: UnitOfWork, tenant_id: str, site_id: str, notice: Notice) -> ImportedArrival:
    """Announce one delivery, or cancel it; what is wrong with it is told, and nothing of it announced."""
    if notice.cancels:
        return _cancel(uow, tenant_id, notice)
    lines = _lines(uow, tenant_id, notice)
    if notice.expected_on is None and not notice.faults:
        notice.faults.append(Fault(notice.line, "no_day", "Nothing says on which day it will come."))
    if notice.faults or notice.expected_on is None:
        return _refused(notice, notice.faults)
    draft = ArrivalDraft(notice.number, notice.expected_on, lines, notice.supplier, notice.note)
    try:
        done = announce_arrival(uow, tenant_id=tenant_id, site_id=site_id, draft=draft)
    except Refusal as refusal:
        return _refused(notice, _faults(notice, refusal))
    return _announced(notice, done)


def _cancel(uow: UnitOfWork, tenant_id: str, notice: Notice) -> ImportedArrival:
    found = arrival_by_number(uow, tenant_id=tenant_id, external_id=notice.number)
    if found is None:
        return _refused(notice, [Fault(notice.line, "unknown_arrival", f"No arrival {notice.number} is announced.")])
    if found.state == "cancelled":
        return ImportedArrival(notice.line, notice.number, "known", found.id, 0, ())
    try:
        cancel_arrival(uow, arrival_id=found.id)
    except Refusal as refusal:
        return _refused(notice, _faults(notice, refusal))
    return ImportedArrival(notice.line, notice.number, "cancelled", found.id, 0, ())


def _lines(uow: UnitOfWork, tenant_id: str, notice: Notice) -> tuple[ArrivalLineDraft, ...]:
    """Return the lines by SKU; what names no item, or several, is a fault."""
    found: dict[tuple[str, Placed], int] = {}
    skus = {names: _sku(uow, tenant_id, notice, names) for names in notice.units}
    for (names, placed), units in notice.placed.items():
        if sku := skus[names]:
            found[sku, placed] = found.get((sku, placed), 0) + units
    return tuple(
        ArrivalLineDraft(sku, units, placed.sscc, placed.lot, placed.expires_on)
        for (sku, placed), units in found.items()
    )


def _sku(uow: UnitOfWork, tenant_id: str, notice: Notice, names: Iterable[str]) -> str:
    tried = list(names)
    for name in tried:
        found = resolve_barcode(uow, tenant_id=tenant_id, code=name)
        if len(found) == 1:
            return found[0].sku
        if found:
            can_be = " or ".join(item.sku for item in found[:5])
            words = f"{name} can be {can_be}: name the SKU."
            notice.faults.append(Fault(notice.line, "ambiguous_barcode", words))
            return ""
    words = f"No item has the SKU or barcode {' or '.join(tried)}: create it first, or correct it."
    notice.faults.append(Fault(notice.line, "unknown_item", words))
    return ""


def _faults(notice: Notice, refusal: Refusal) -> list[Fault]:
    errors: Iterable[FieldError] = getattr(refusal, "errors", ())
    told = [Fault(notice.line, each.code, each.message) for each in errors]
    return told or [Fault(notice.line, refusal.code, f"{refusal.detail} {refusal.remedy}".strip())]


def _refused(notice: Notice, faults: Iterable[Fault]) -> ImportedArrival:
    return ImportedArrival(notice.line, notice.number, "refused", "", sum(notice.units.values()), tuple(faults))


def _announced(notice: Notice, done: Announcement) -> ImportedArrival:
    outcome = "announced" if done.is_new else "known"
    return ImportedArrival(notice.line, notice.number, outcome, done.arrival.id, sum(notice.units.values()), ())
