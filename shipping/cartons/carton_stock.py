"""How many of each carton a site has by the books, and what changed it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from kernel.db.transactions import UnitOfWork
from shipping.models.carton_stock import CartonMovementRow, CartonStockRow
from shipping.site_terms import MAILER, terms_of

_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class CartonStock:
    """A carton of a site: inner sides in mm, and how many there are by the books, None where it is not counted.

    Of a mailer the third side is how far the bag may bulge. Tare and greatest gross weight are in g, the cost in minor
    units. At `reorder_point` or below it runs low; `tell` names who orders new ones.
    """

    carton_code: str
    carton_name: str
    inner_mm: tuple[int, int, int]
    on_hand: int | None
    reorder_point: int
    tell: str
    kind: str
    tare_g: int
    max_weight_g: int
    cost_minor: int

    @property
    def is_mailer(self) -> bool:
        """Whether it is a bag."""
        return self.kind == MAILER

    @property
    def is_low(self) -> bool:
        """Whether new ones are to be ordered."""
        return self.on_hand is not None and self.on_hand <= self.reorder_point


@dataclass(frozen=True, slots=True)
class CartonMovement:
    """One change of a carton's count: so many more or less, by whom (a user's id), and what was there after it."""

    carton_code: str
    kind: str
    quantity: int
    on_hand: int
    parcel_id: str
    note: str
    moved_by: str
    moved_at: datetime


def carton_stock(uow: UnitOfWork, *, site_id: str) -> list[CartonStock]:
    """Return a site's cartons with their counts, the smallest first.

    Raises:
        NotFound: there is no such site.
    """
    rows = uow.session.scalars(select(CartonStockRow).where(CartonStockRow.site_id == site_id))
    counted = {row.carton_code: row for row in rows}
    found = []
    for carton in terms_of(uow, site_id).cartons:
        row = counted.get(carton.code)
        inner = (carton.inner_length_mm, carton.inner_width_mm, carton.inner_height_mm)
        on_hand, reorder_point, tell = (row.on_hand, row.reorder_point, row.tell) if row else (None, 0, "")
        found.append(
            CartonStock(
                carton.code, carton.name, inner, on_hand, reorder_point, tell, carton.kind, carton.tare_g,
                carton.max_weight_g, carton.cost_minor,
            )
        )  # fmt: skip
    return sorted(found, key=lambda each: (each.inner_mm[0] * each.inner_mm[1] * each.inner_mm[2], each.carton_code))


def carton_movements(uow: UnitOfWork, *, site_id: str, limit: int = _SHOWN) -> list[CartonMovement]:
    """Return what changed the counts of a site's cartons, the last first."""
    statement = select(CartonMovementRow).where(CartonMovementRow.site_id == site_id)
    newest = statement.order_by(CartonMovementRow.moved_at.desc(), CartonMovementRow.id.desc()).limit(limit)
    return [
        CartonMovement(
            row.carton_code, row.kind, row.quantity, row.on_hand, row.parcel_id, row.note, row.moved_by, row.moved_at
        )
        for row in uow.session.scalars(newest)
    ]
