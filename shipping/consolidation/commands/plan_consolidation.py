from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec
from sqlalchemy import select

from kernel import runs
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound, Refusal
from kernel.ids import new_id
from shipping.consolidation.views import LooseParcel
from shipping.domain.dangerous_goods import KINDS
from shipping.models.consolidation import ConsolidationPlanRow, InjectionHubRow
from shipping.site_terms import terms_of

MOST_PARCELS: Final = 20_000
_LONGEST_SIDE_MM, _HEAVIEST_G, _LONGEST = 10_000, 2_000_000, 40
_LEVELS: Final = ("economy", "standard", "express")


class ConsolidationUnderWay(Refusal):
    """A plan of the site is being worked out already."""

    code = "consolidation_under_way"
    title = "A plan is being worked out"


class ConsolidationOver(Refusal):
    """There is nothing left to cancel."""

    code = "consolidation_over"
    title = "It is done already"


def ask_for_consolidation(
    uow: UnitOfWork, *, site_id: str, ship_on: date, currency: str, parcels: Sequence[LooseParcel] | None = None
) -> str:
    """Have a worker plan which parcels should ride to which hub; return the plan's id. It changes no parcel.

    Without `parcels` the site's own are meant: weighed or labelled, of that currency, and on no manifest yet.

    Raises:
        NotFound: there is no such site.
        Invalid: no hub, no prices in this currency, or a parcel that cannot be.
        ConsolidationUnderWay: a plan is being worked out already.
    """
    terms = terms_of(uow, site_id)
    hubs = select(InjectionHubRow.code).where(InjectionHubRow.site_id == site_id, InjectionHubRow.currency == currency)
    if uow.session.scalars(hubs.limit(1)).first() is None:
        raise Invalid(f"No hub has prices in {currency}.", remedy="Describe a hub first.", pointer="/currency")
    if currency not in {known for known, _ in terms.cards}:
        raise Invalid(f"The site has no rate card in {currency}.", remedy="Choose another.", pointer="/currency")
    if parcels is not None:
        _check(parcels)
    stored = runs.ask(
        uow, ConsolidationPlanRow, id=new_id("csl"), site_id=site_id, source="site" if parcels is None else "file",
        ship_on=ship_on, currency=currency, asked=msgspec.to_builtins(list(parcels or ())),
    )  # fmt: skip
    if stored is None:
        raise ConsolidationUnderWay("A plan is being worked out.", remedy="Wait for it, or cancel it.")
    uow.audit("consolidation.asked", subject=stored, site_id=site_id, ship_on=ship_on, parcels=len(parcels or ()))
    return stored


def cancel_consolidation(uow: UnitOfWork, plan_id: str, *, site_id: str) -> None:
    """Have the worker stop.

    Raises:
        NotFound: the site has no such plan.
        ConsolidationOver: it is done, or was cancelled.
    """
    runs.cancel(
        uow, ConsolidationPlanRow, plan_id, site_id=site_id,
        unknown=NotFound("There is no such plan.", remedy="Look at the list of plans."),
        over=ConsolidationOver("The worker is done with it.", remedy="Look at the plan."),
    )  # fmt: skip
    uow.audit("consolidation.cancelled", subject=plan_id, site_id=site_id)


def _check(parcels: Sequence[LooseParcel]) -> None:
    if not 1 <= len(parcels) <= MOST_PARCELS:
        raise Invalid(f"Plan 1 to {MOST_PARCELS:,} parcels.", remedy="Leave some out.", pointer="/parcels")
    for number, each in enumerate(parcels):
        wrong = _wrong(each)
        if wrong:
            raise Invalid(f"Parcel {number + 1}: {wrong}", remedy="Correct it.", pointer=f"/parcels/{number}")


def _wrong(each: LooseParcel) -> str:
    if not all(1 <= side <= _LONGEST_SIDE_MM for side in (each.length_mm, each.width_mm, each.height_mm)):
        return f"sides are 1 to {_LONGEST_SIDE_MM:,} mm."
    if not 1 <= each.weight_g <= _HEAVIEST_G:
        return f"the weight is 1 to {_HEAVIEST_G:,} g."
    if not (len(each.country) == len("DE") and each.country.isascii() and each.country.isupper()):
        return "the country is two capital letters."
    if not each.postal_code.strip() or max(len(each.postal_code), len(each.reference)) > _LONGEST:
        return f"the postal code is missing, or something has more than {_LONGEST} letters."
    if not set(each.dangerous_goods) <= set(KINDS):
        return f"dangerous goods are {', '.join(KINDS)}."
    return "" if each.service_level in _LEVELS else f"the service level is one of {', '.join(_LEVELS)}."
