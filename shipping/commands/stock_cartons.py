from collections.abc import Iterable
from typing import Final

from sqlalchemy import select

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound
from kernel.ids import new_id
from shipping.models.carton_stock import CartonMovementRow, CartonStockRow
from shipping.site_terms import forget_terms, terms_of

MOST_CARTONS: Final = 10_000_000
_LONGEST_WORDS: Final = 200


def count_cartons(
    uow: UnitOfWork, *, site_id: str, carton_code: str, on_hand: int, reorder_point: int, tell: str = "", note: str = ""
) -> None:
    """Say how many of a carton a site has, from which number on it runs low, and who is told then.

    From the first count on each parcel uses one up, and what is used up is planned no more.

    Raises:
        NotFound: the site has no such carton.
        Invalid: a number is negative or absurd, or the words are too long.
    """
    _require_carton(uow, site_id, carton_code)
    _check(on_hand, "/on_hand")
    _check(reorder_point, "/reorder_point")
    _check_words(tell=tell, note=note)
    row = _locked(uow, site_id, carton_code)
    before = row.on_hand if row else 0
    if row is None:
        row = CartonStockRow(site_id=site_id, carton_code=carton_code, on_hand=0)
        uow.session.add(row)
    row.reorder_point, row.tell = reorder_point, tell.strip()
    _move(uow, row, "counted", on_hand - before, note=note.strip())
    uow.audit(
        "carton.counted", subject=site_id, carton_code=carton_code, before=before, on_hand=on_hand,
        reorder_point=reorder_point,
    )  # fmt: skip


def receive_cartons(uow: UnitOfWork, *, site_id: str, carton_code: str, quantity: int, note: str = "") -> None:
    """Add cartons that were delivered.

    Raises:
        NotFound: the site has no such carton, or does not count it.
        Invalid: not at least one, or an absurd number, or the words are too long.
    """
    _require_carton(uow, site_id, carton_code)
    if quantity < 1:
        raise Invalid("At least one carton is received.", pointer="/quantity")
    row = _counted(uow, site_id, carton_code)
    _check(row.on_hand + quantity, "/quantity")
    _check_words(note=note)
    _move(uow, row, "received", quantity, note=note.strip())
    uow.audit("carton.received", subject=site_id, carton_code=carton_code, quantity=quantity)


def stop_counting_cartons(uow: UnitOfWork, *, site_id: str, carton_code: str) -> None:
    """Count a carton no more: it is planned whatever is left of it.

    Raises:
        NotFound: the site has no such carton, or does not count it.
    """
    _require_carton(uow, site_id, carton_code)
    row = _counted(uow, site_id, carton_code)
    uow.audit("carton.counted_no_more", subject=site_id, carton_code=carton_code, on_hand=row.on_hand)
    uow.session.delete(row)
    uow.session.flush()
    forget_terms(uow)


def hold_carton_stock(uow: UnitOfWork, *, site_id: str, carton_codes: Iterable[str]) -> None:
    """Lock the counts of cartons that are about to be used, in the order of their codes: whoever packs into several
    never waits in a circle with another one.
    """
    codes = [code for code in sorted(set(carton_codes)) if _is_counted(uow, site_id, code)]
    if len(codes) > 1:
        rows = select(CartonStockRow.carton_code).where(
            CartonStockRow.site_id == site_id, CartonStockRow.carton_code.in_(codes)
        )
        uow.session.execute(rows.order_by(CartonStockRow.carton_code).with_for_update())


def use_carton(uow: UnitOfWork, *, site_id: str, carton_code: str, parcel_id: str) -> None:
    """Take one carton off the count for a parcel, if the site counts it.

    Whoever packs has it in hand: where there is none by the books, the count is corrected first, and that is audited.
    """
    if not _is_counted(uow, site_id, carton_code):
        return
    row = _locked(uow, site_id, carton_code)
    if row is None:
        return
    if row.on_hand == 0:
        _move(uow, row, "found", 1, parcel_id=parcel_id)
        uow.audit("carton.count_corrected", subject=site_id, carton_code=carton_code, parcel_id=parcel_id)
    _move(uow, row, "used", -1, parcel_id=parcel_id)


def give_back_carton(uow: UnitOfWork, *, site_id: str, carton_code: str, parcel_id: str) -> None:
    """Add the carton of a parcel that was taken apart and can be used again, if the site counts it."""
    if not _is_counted(uow, site_id, carton_code):
        return
    row = _locked(uow, site_id, carton_code)
    if row is not None:
        _move(uow, row, "given_back", 1, parcel_id=parcel_id)


def _is_counted(uow: UnitOfWork, site_id: str, carton_code: str) -> bool:
    carton = terms_of(uow, site_id).carton(carton_code)
    return carton is not None and carton.on_hand is not None


def _require_carton(uow: UnitOfWork, site_id: str, carton_code: str) -> None:
    terms = terms_of(uow, site_id)
    if terms.carton(carton_code) is None:
        known = ", ".join(carton.code for carton in terms.cartons)
        raise NotFound(f"The site has no carton {carton_code}.", remedy=f"It has {known}.", pointer="/carton_code")


def _counted(uow: UnitOfWork, site_id: str, carton_code: str) -> CartonStockRow:
    row = _locked(uow, site_id, carton_code)
    if row is None:
        raise NotFound(f"The site does not count carton {carton_code}.", remedy="Count what is there first.")
    return row


def _locked(uow: UnitOfWork, site_id: str, carton_code: str) -> CartonStockRow | None:
    key = (site_id, carton_code)
    return uow.session.get(CartonStockRow, key, with_for_update=True, populate_existing=True)


def _move(
    uow: UnitOfWork, row: CartonStockRow, kind: str, quantity: int, *, parcel_id: str = "", note: str = ""
) -> None:
    row.on_hand, row.changed_at = row.on_hand + quantity, uow.now
    uow.session.add(
        CartonMovementRow(
            id=new_id("cmv"), site_id=row.site_id, carton_code=row.carton_code, kind=kind, quantity=quantity,
            on_hand=row.on_hand, parcel_id=parcel_id, note=note, moved_by=uow.actor.id, moved_at=uow.now,
        )
    )  # fmt: skip
    uow.session.flush()
    forget_terms(uow)


def _check(number: int, pointer: str) -> None:
    if not 0 <= number <= MOST_CARTONS:
        raise Invalid(f"Count 0 to {MOST_CARTONS:,} cartons.", remedy="Count again.", pointer=pointer)


def _check_words(**words: str) -> None:
    for name, text in words.items():
        if len(text.strip()) > _LONGEST_WORDS:
            raise Invalid(f"Write at most {_LONGEST_WORDS} characters.", remedy="Say it shorter.", pointer=f"/{name}")
