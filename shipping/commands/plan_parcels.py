from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal
from shipping.domain.carton_plans import CartonType, PackedCarton, PackItem, PackPlan
from shipping.domain.carton_splits import cheaper_split
from shipping.domain.cartons import choose_carton
from shipping.domain.overruling import mix_of
from shipping.domain.pack_pieces import fitting_no_carton
from shipping.domain.plan_costs import DUNNAGE_MINOR_PER_L, Tariff, carton_price
from shipping.packing_proofs import ask_for_proof, recall_verdicts
from shipping.packing_views import PackPlanView, PlannedCarton
from shipping.plan_prices import Journey, freight_of, shop_for
from shipping.repository import item_weights
from shipping.site_terms import Carton, SiteTerms, terms_of
from shipping.views import Content

OWN_CONTAINER = "own"
"""The carton code of a unit that travels without a carton of ours."""


_MOST_QUESTIONS = 32
"""Of one plan; a mailer that many thin pieces might go into asks one for each height."""


class SizeUnknown(Refusal):
    """Nobody has told the sides of an item, so that no carton can be proposed for it."""

    code = "size_unknown"
    title = "No carton can be proposed"


class CartonsUsedUp(SizeUnknown):
    """The cartons that would hold an item are used up, by the books of a site that counts them."""

    code = "cartons_used_up"


def plan_parcels(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, contents: Sequence[Content], journey: Journey | None = None
) -> PackPlanView:
    """Choose the cheapest of the site's cartons that holds everything, or the fewest when one is not enough; on a
    `journey` several smaller ones where they cost less together.

    Every placement is validated apart from the search. Where the search could not decide whether a cheaper carton would
    do, workers prove it, and the next order of the same pieces gets the proven answer. With a `journey`, cartons are
    ranked by what a parcel is expected to cost on it, filling included, as `rank_pack_plans` does; without one, by
    their own cost. `tenant_id` is whose goods they are: what packers overruled too often for the same items of theirs
    is not planned, unless nothing else holds them.

    Raises:
        Invalid: no contents, or the site stocks no cartons.
        SizeUnknown: an item's sides are not known; whoever packs it chooses the carton.
        CartonsUsedUp: only cartons that are used up hold a piece; whoever packs it may have one in hand.
    """
    if not contents:
        raise Invalid("There is nothing to pack.", pointer="/contents")
    _require_sizes(contents)
    cartons = {carton.code: carton for carton in terms_of(uow, site_id).cartons}
    if not cartons:
        raise Invalid("The site stocks no cartons.", remedy="Set up its cartons first.")
    items = [pack_item(content) for content in with_learned_weights(uow, tenant_id, contents)]
    types = planned_types(terms_of(uow, site_id), tenant_id, contents)
    tariff = _tariff(uow, terms_of(uow, site_id), tenant_id, journey, contents) if journey else None
    plan = _proven_plan(uow, items, types, tariff)
    while left := _enough_of(plan, cartons, types):
        if fitting_no_carton(items, left):
            break
        types, plan = left, _proven_plan(uow, items, left, tariff)
    by_line = {content.line_id: content for content in contents}
    planned = tuple(planned_carton(parcel, cartons, by_line) for parcel in plan.parcels)
    return PackPlanView(planned, tuple(_named(each, contents) for each in plan.statements), plan.proof == "proven")


def _named(statement: str, contents: Sequence[Content]) -> str:
    """Call items by their SKU, which packers know."""
    for content in contents:
        statement = statement.replace(f"Item {content.line_id} ", f"Item {content.sku or content.name} ")
    return statement


def with_learned_weights(uow: UnitOfWork, tenant_id: str, contents: Sequence[Content]) -> list[Content]:
    """Return contents with what weighing taught of those items that the catalog has no weight of."""
    unknown = {content.item_id for content in contents if content.item_id and not content.weight_g}
    learned = item_weights(uow, tenant_id, unknown) if unknown else {}
    means = {item_id: round(weight.mean_g) for item_id, weight in learned.items() if weight.parcels}
    return [
        content if content.weight_g else replace(content, weight_g=max(0, means.get(content.item_id, 0)))
        for content in contents
    ]


def planned_types(terms: SiteTerms, tenant_id: str, contents: Sequence[Content]) -> list[CartonType]:
    """Return the cartons to plan with: those on hand or not counted, and without those that packers overruled too
    often for the same items, as long as the others hold each piece.

    Raises:
        CartonsUsedUp: only cartons that are used up hold a piece.
    """
    items = [pack_item(content) for content in contents]
    mix = mix_of((content.item_id, content.quantity) for content in contents)
    here = [carton.carton_type() for carton in terms.cartons if carton.on_hand != 0]
    left = [carton.carton_type() for carton in terms.cartons_for(tenant_id, mix) if carton.on_hand != 0]
    if len(left) < len(here) and fitting_no_carton(items, left):
        left = here
    if len(here) < len(terms.cartons):
        _require_on_hand(terms, contents, items, left)
    return left


def _require_on_hand(
    terms: SiteTerms, contents: Sequence[Content], items: Sequence[PackItem], left: Sequence[CartonType]
) -> None:
    every = [carton.carton_type() for carton in terms.cartons]
    used_up = {item.ref for item in fitting_no_carton(items, left)} - {
        item.ref for item in fitting_no_carton(items, every)
    }
    if used_up:
        skus = sorted({content.sku or content.name for content in contents if content.line_id in used_up})
        raise CartonsUsedUp(
            f"By the books no carton is left that holds {', '.join(skus[:5])}.",
            remedy="Take one that fits and scan it; count or receive cartons.", skus=skus,
        )  # fmt: skip


def plan_into(uow: UnitOfWork, *, site_id: str, contents: Sequence[Content], carton_code: str) -> PlannedCarton | None:
    """Return how all contents lie in one carton that somebody chose; None when no way is found, or nobody can tell.

    It asks for no proof: whoever packs it sees for themselves.
    """
    carton = terms_of(uow, site_id).carton(carton_code)
    if carton is None or not contents or any(min(c.length_mm, c.width_mm, c.height_mm) < 1 for c in contents):
        return None
    items = [replace(pack_item(content), kept_apart="", own_container=False, pack_with="") for content in contents]
    if carton.is_mailer:
        # Whoever took it has decided that these goods may go without a box.
        items = [replace(each, mailer_ok=True, keep_upright=False, fragile=False, max_load_g=None) for each in items]
    plan = choose_carton(items, [carton.carton_type()], recall=partial(recall_verdicts, uow))
    if len(plan.parcels) != 1 or plan.parcels[0].carton is None:
        return None
    return planned_carton(plan.parcels[0], {carton.code: carton}, {content.line_id: content for content in contents})


def _enough_of(
    plan: PackPlan, cartons: Mapping[str, Carton], types: Sequence[CartonType]
) -> list[CartonType]:  # fmt: skip
    """Return the cartons without those of which the plan takes more than there are; none when there are enough."""
    taken = Counter(parcel.carton.code for parcel in plan.parcels if parcel.carton)
    counts = {code: cartons[code].on_hand for code in taken}
    short = {code for code, on_hand in counts.items() if on_hand is not None and taken[code] > on_hand}
    return [each for each in types if each.code not in short] if short else []


def _tariff(uow: UnitOfWork, terms: SiteTerms, tenant_id: str, journey: Journey, contents: Sequence[Content]) -> Tariff:
    ask = shop_for(uow, terms, tenant_id, journey, contents)
    return Tariff(freight_of(ask, journey.service), DUNNAGE_MINOR_PER_L)


def _proven_plan(
    uow: UnitOfWork, items: Sequence[PackItem], cartons: Sequence[CartonType], tariff: Tariff | None
) -> PackPlan:
    """Choose with what was proven before, and leave what is in doubt to be proven for the next such order."""
    boxed = [item for item in items if not item.own_container]
    price = carton_price(boxed, tariff) if tariff and boxed else None
    choose = partial(choose_carton, items, price=price, recall=partial(recall_verdicts, uow))
    plan = choose(cartons)
    split = cheaper_split(items, cartons, tariff, plan, choose) if tariff and len(boxed) == len(items) else None
    for units, inner in plan.doubts[:_MOST_QUESTIONS]:
        ask_for_proof(uow, units, inner)
    return split or plan


def _require_sizes(contents: Sequence[Content]) -> None:
    unknown = sorted({c.sku for c in contents if min(c.length_mm, c.width_mm, c.height_mm) < 1})
    if unknown:
        raise SizeUnknown(
            f"The size of {', '.join(unknown[:5])} is not known.",
            remedy="Take a carton that fits and scan it; enter the item's sides.", skus=unknown,
        )  # fmt: skip


def pack_item(content: Content) -> PackItem:
    """Return units of a line in the form that the packing domain takes; the line's id is the reference."""
    return PackItem(
        content.line_id, content.length_mm, content.width_mm, content.height_mm, content.weight_g, content.quantity,
        content.keep_upright, content.fragile, content.kept_apart, content.max_load_g, content.own_container,
        content.pack_with, content.mailer_ok,
    )  # fmt: skip


def planned_carton(parcel: PackedCarton, cartons: dict[str, Carton], by_line: dict[str, Content]) -> PlannedCarton:
    """Return a parcel of a plan with its contents by line."""
    code = parcel.carton.code if parcel.carton else OWN_CONTAINER
    name = cartons[code].name if parcel.carton else "Own container"
    placements = tuple((p.ref, p.x_mm, p.y_mm, p.z_mm, p.l_mm, p.w_mm, p.h_mm) for p in parcel.placements)
    contents = tuple(_part(by_line[ref], quantity) for ref, quantity in parcel.contents)
    inner = parcel.carton.inner_mm if parcel.carton else parcel.outer_mm
    flat = parcel.carton.flat_mm if parcel.carton else None
    return PlannedCarton(code, name, inner, parcel.outer_mm, parcel.gross_weight_g, contents, placements, flat)


def _part(content: Content, quantity: int) -> Content:
    return replace(content, quantity=quantity)
