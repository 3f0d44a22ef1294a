from dataclasses import dataclass
from typing import Final

from sqlalchemy.dialects.postgresql import insert

from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from shipping.commands.create_parcel import FOREIGN_CONTAINER
from shipping.commands.plan_parcels import OWN_CONTAINER
from shipping.domain.carton_space import Dims
from shipping.models.site import CartonRow
from shipping.site_terms import CARTON, MAILER, forget_terms

LONGEST_MM: Final = 10_000
HEAVIEST_G: Final = 10_000_000
_RESERVED: Final = (OWN_CONTAINER, FOREIGN_CONTAINER)
_MOST_CODE, _MOST_NAME = 40, 80
# What is usual where nobody says: walls of a carton; one end seam, two side seams and two films of a mailer.
_AROUND: Final = {CARTON: (6, 6, 6), MAILER: (6, 12, 1)}
_SPREAD_OF_TARE: Final = 0.03


@dataclass(frozen=True, slots=True)
class CartonDraft:
    """A carton or a mailer: sides in mm, weights in g, `max_weight_g` gross, cost in minor units.

    The third inner side of a mailer is how far the flat bag may bulge. Without `outer_mm` walls or seams are as usual.
    """

    name: str
    inner_mm: Dims
    tare_g: int
    max_weight_g: int
    cost_minor: int = 0
    kind: str = CARTON
    outer_mm: Dims | None = None


def set_carton(uow: UnitOfWork, *, site_id: str, carton_code: str, draft: CartonDraft) -> None:
    """Add a carton or a mailer to those of a site, or say anew what it is like. Parcels keep the sides that they have.

    Raises:
        NotFound: there is no such site.
        Invalid: a value cannot be right.
    """
    site = get_site(uow, site_id)
    _check(carton_code, draft)
    inner, around = draft.inner_mm, _AROUND[draft.kind]
    outer = draft.outer_mm or (inner[0] + around[0], inner[1] + around[1], inner[2] + around[2])
    values = {
        "kind": draft.kind, "name": draft.name.strip(), "tare_g": draft.tare_g, "max_weight_g": draft.max_weight_g,
        "cost_minor": draft.cost_minor, "tare_sd_g": round(draft.tare_g * _SPREAD_OF_TARE, 1),
        "inner_length_mm": inner[0], "inner_width_mm": inner[1], "inner_height_mm": inner[2],
        "outer_length_mm": outer[0], "outer_width_mm": outer[1], "outer_height_mm": outer[2],
    }  # fmt: skip
    added = insert(CartonRow).values(site_id=site.id, code=carton_code, **values)
    uow.session.execute(added.on_conflict_do_update(index_elements=["site_id", "code"], set_=values))
    uow.audit("carton.described", subject=site.id, carton_code=carton_code, kind=draft.kind)
    forget_terms(uow)


def _check(code: str, draft: CartonDraft) -> None:
    if not 1 <= len(code) <= _MOST_CODE or not code.isprintable() or code != code.strip() or code in _RESERVED:
        raise Invalid(f"A code has 1 to {_MOST_CODE} characters.", remedy="Such as PM-M.", pointer="/carton_code")
    if not 1 <= len(draft.name.strip()) <= _MOST_NAME:
        raise Invalid(f"A name has 1 to {_MOST_NAME} characters.", pointer="/name")
    if draft.kind not in _AROUND:
        raise Invalid("It is a carton or a mailer.", pointer="/kind")
    if not all(1 <= side <= LONGEST_MM for side in draft.inner_mm):
        raise Invalid(f"Measure 1 to {LONGEST_MM:,} mm inside.", pointer="/inner_mm")
    length, width, bulge = draft.inner_mm
    if draft.kind == MAILER and bulge * 2 > min(length, width):
        raise Invalid(
            "A bag does not bulge more than half its shorter side.",
            remedy="Tell the flat bag's length and width, then how thick it may get.", pointer="/inner_mm",
        )  # fmt: skip
    if draft.outer_mm and any(out < into for out, into in zip(draft.outer_mm, draft.inner_mm, strict=True)):
        raise Invalid("Outside it is not smaller than inside.", pointer="/outer_mm")
    if not 0 <= draft.tare_g < draft.max_weight_g <= HEAVIEST_G:
        raise Invalid("It bears more than it weighs itself.", pointer="/max_weight_g")
    if not 0 <= draft.cost_minor <= HEAVIEST_G:
        raise Invalid("The cost is not negative.", pointer="/cost_minor")
