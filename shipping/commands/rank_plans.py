from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from kernel.db.transactions import UnitOfWork
from kernel.errors import FieldError, Invalid, Refusal
from shipping.commands.plan_parcels import pack_item, planned_carton, planned_types, with_learned_weights
from shipping.domain.pack_pieces import fitting_no_carton
from shipping.domain.piece_sizes import find_slip
from shipping.domain.plan_costs import Cost, Tariff
from shipping.domain.plan_ranking import PassedOver, RankedPlan, rank_plans
from shipping.domain.rates import Parcel
from shipping.packing_proofs import recall_verdicts
from shipping.packing_views import PlannedCarton
from shipping.plan_prices import Journey, cheapest_offer, freight_of, shop_for
from shipping.rate_shop import NoServiceFits, Shop
from shipping.site_terms import Carton, terms_of
from shipping.views import Content

MOST_PLANNED_UNITS: Final = 100
"""More units are not planned at once: the caller waits for the answer."""


class TooManyUnits(Refusal):
    """More units than are planned at once."""

    code = "too_many_units"
    status = 422
    title = "Too many units for one plan"


class LargerThanEveryCarton(Refusal):
    """A piece goes into no carton of the site."""

    code = "larger_than_every_carton"
    status = 422
    title = "No carton of the site holds this item"


@dataclass(frozen=True, slots=True)
class PricedCarton:
    """A parcel of a plan with what it costs, and the service that its freight is the price of, "" where none is."""

    planned: PlannedCarton
    void_mm3: int
    cost: Cost
    service: str


@dataclass(frozen=True, slots=True)
class PricedPlan:
    """A way to pack, what it costs in minor units, and which constraint kept it from being cheaper."""

    cartons: tuple[PricedCarton, ...]
    total_minor: int
    is_proven: bool
    constraint: str
    passed_over: tuple[PassedOver, ...]
    statements: tuple[str, ...]


def rank_pack_plans(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, contents: Sequence[Content], journey: Journey | None = None,
    dunnage_minor_per_l: int = 0, takes_own_container: bool = False,
) -> list[PricedPlan]:  # fmt: skip
    """Return ways to pack goods in a site's cartons, cheapest first. It records nothing and asks for no proof.
    Items that the catalog has no weight of weigh what weighing taught of them.

    Raises:
        NotFound: there is no such site.
        Invalid: nothing to pack, no cartons, or sizes and weights that cannot be right; names each.
        TooManyUnits: more than `MOST_PLANNED_UNITS`.
        CartonsUsedUp: only cartons that are used up hold a piece.
        LargerThanEveryCarton: a piece fits no carton, unless it may travel in its own container.
        NoServiceFits: no service takes the parcels of any plan.
    """
    contents = with_learned_weights(uow, tenant_id, contents)
    _require_sound(contents)
    terms = terms_of(uow, site_id)
    cartons = {carton.code: carton for carton in terms.cartons}
    if not cartons:
        raise Invalid("The site stocks no cartons.", remedy="Set up its cartons first.", pointer="/site_id")
    types = planned_types(terms, tenant_id, contents)
    items = [pack_item(content) for content in contents]
    outsized = [] if takes_own_container else fitting_no_carton(items, types)
    if outsized:
        raise _too_large(contents, {item.ref for item in outsized})
    ask = shop_for(uow, terms, tenant_id, journey, contents) if journey else None
    tariff = Tariff(freight_of(ask, journey.service) if ask and journey else None, dunnage_minor_per_l)
    ranked = rank_plans(items, types, tariff, recall=partial(recall_verdicts, uow))
    if not ranked:
        raise NoServiceFits(
            "No service of this site takes these goods to their destination, whatever the cartons.",
            remedy="Change the destination or the service.", currency=journey.currency if journey else "",
        )  # fmt: skip
    by_line = {content.line_id: content for content in contents}
    return [_priced(each, cartons, by_line, ask, journey) for each in ranked]


def _require_sound(contents: Sequence[Content]) -> None:
    if not contents:
        raise Invalid("There is nothing to pack.", pointer="/items")
    units = sum(content.quantity for content in contents)
    if units > MOST_PLANNED_UNITS:
        raise TooManyUnits(
            f"{units:,} units are more than the {MOST_PLANNED_UNITS} that are planned at once.",
            remedy="Ask for parts of them.", pointer="/items", units=units, most=MOST_PLANNED_UNITS,
        )  # fmt: skip
    slips = [(i, find_slip(c.length_mm, c.width_mm, c.height_mm, c.weight_g), c) for i, c in enumerate(contents)]
    errors = tuple(
        FieldError(f"/items/{i}", "unlikely_size", f"{c.sku or c.name}: {slip}") for i, slip, c in slips if slip
    )
    if errors:
        raise Invalid(errors[0].message, remedy="Correct the size or the weight.", errors=errors)


def _too_large(contents: Sequence[Content], refs: set[str]) -> LargerThanEveryCarton:
    at = [(i, content) for i, content in enumerate(contents) if content.line_id in refs]
    names = ", ".join(content.sku or content.name for _, content in at[:5])
    return LargerThanEveryCarton(
        f"No carton of the site holds {names}: it is too large or too heavy.",
        remedy="Check its sides and weight, or let it travel in its own container.",
        pointer=f"/items/{at[0][0]}",
        items=[i for i, _ in at],
    )


def _priced(
    ranked: RankedPlan, cartons: dict[str, Carton], by_line: dict[str, Content], ask: Callable[[Parcel], Shop] | None,
    journey: Journey | None,
) -> PricedPlan:  # fmt: skip
    found = []
    for parcel, cost in zip(ranked.plan.parcels, ranked.costs, strict=True):
        offer = (
            cheapest_offer(ask, journey.service, parcel.outer_mm, parcel.gross_weight_g) if ask and journey else None
        )
        planned = planned_carton(parcel, cartons, by_line)
        found.append(PricedCarton(planned, parcel.void_mm3, cost, offer[1] if offer else ""))
    is_proven = ranked.plan.proof == "proven"
    return PricedPlan(
        tuple(found), ranked.total_minor, is_proven, ranked.constraint, ranked.passed_over, ranked.plan.statements
    )
