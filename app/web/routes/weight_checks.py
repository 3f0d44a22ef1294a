from collections.abc import Iterator
from datetime import date
from decimal import Decimal, DecimalException
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.faces.shell import Empty, Field, Form, Link, Option
from app.web.faces.weight_checks import WeightCheckCard, WeightChecksPage
from app.web.labels import carrier_words, parcel_label
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.holds import reopen_form
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from fulfillment import api as fulfillment
from kernel.access.queries import require_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.ids import new_id
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Reader = Annotated[Visit, Depends(visitor("audit:release", "work:pack", "orders:read", of_the_house=True))]
Packer = Annotated[Visit, Depends(visitor("work:pack", of_the_house=True))]
Judge = Annotated[Visit, Depends(visitor("audit:release", of_the_house=True))]
Clerk = Annotated[Visit, Depends(visitor("orders:write", of_the_house=True))]
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
_HOME: Final = "/weight-checks"
_EMPTY: Final = Empty(
    "Every parcel weighs what its label says.",
    "One that weighs otherwise at the sorter, the dock or its carrier is listed here until somebody looked into it.",
)
_NEXT: Final = {
    "labelled": "Open it on the hold shelf: release it, or pack it anew.",
    "manifested": "Open it on the hold shelf: release it, or pull it off its manifest.",
}
_GONE: Final = "It is gone: look at its weighings, and settle what to tell the customer and the carrier."


@router.get("/weight-checks")
def list_open(visit: Reader) -> Response:
    """Show the parcels that weigh otherwise than their labels say."""
    return staff_page(visit, _page(visit))


@router.post("/weight-checks")
def check(request: Request, visit: Packer, form: Sent) -> Response:
    """Weigh a labelled parcel again, with a reading that is typed or comes from the scale's keyboard wedge."""
    reading_id = new_id("rdg")

    def work(uow: UnitOfWork) -> Done:
        site, reading = at_desk(uow, visit).require_site(form["site"]), shipping.grams_of(form["reading_g"])
        found = shipping.check_weight(
            uow, site_id=site, parcel=form["parcel"], reading_g=reading, scale_code=form["scale_code"],
            reading_id=reading_id, typed=_typed(form),
        )  # fmt: skip
        label = parcel_label(found.sscc)
        if found.outcome == "stopped":
            off = f"{abs(found.difference_g):,} g {_side(found)} than its label says"
            return Done(_HOME, f"Stop: {label} weighs {off}.", "stop")
        if found.outcome == "found":
            return Done(_HOME, f"{label} is gone, and weighs otherwise than its label says.", "warn")
        return Done(_HOME, f"{label} weighs what its label says.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/weight-checks/{check_id}/release")
def release(request: Request, visit: Judge, check_id: str, form: Sent) -> Response:
    """Let a stopped parcel go, on the person's word."""

    def work(uow: UnitOfWork) -> Done:
        require_site(uow, visit.actor, shipping.get_weight_check(uow, check_id=check_id).site_id)
        found = shipping.release_weight_check(uow, check_id=check_id, reason=form["reason"], evidence=form["evidence"])
        return Done(_HOME, f"Parcel {parcel_label(found.sscc)} is released: take it back to its lane.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/weight-checks/{check_id}/settle")
def settle(request: Request, visit: Clerk, check_id: str, form: Sent) -> Response:
    """Say what came of a difference that was found when the parcel was gone."""

    def work(uow: UnitOfWork) -> Done:
        found = shipping.settle_weight_check(uow, check_id=check_id, note=form["note"])
        return Done(_HOME, f"The difference of parcel {parcel_label(found.sscc)} is settled.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/weight-checks/scales")
def set_scale(request: Request, visit: Lead, form: Sent) -> Response:
    """Add a scale, or note its new calibration."""

    def work(uow: UnitOfWork) -> Done:
        scale = shipping.set_scale(
            uow, site_id=at_desk(uow, visit).require_site(form["site"]), code=form["code"], name=form["name"],
            sd_g=_number(form, "sd_g"), interval_g=form.whole("interval_g"), max_g=form.whole("max_g"),
            calibrated_until=_day(form["calibrated_until"]), in_motion=bool(form["in_motion"]),
        )  # fmt: skip
        return Done(_HOME, f"Scale {scale.code} may be used until {scale.calibrated_until}.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/weight-checks/tolerances")
def set_tolerance(request: Request, visit: Lead, form: Sent) -> Response:
    """Say by how much a carrier lets parcels differ."""

    def work(uow: UnitOfWork) -> Done:
        share = _number(form, "share") if form["share"] else 0.0
        told = shipping.set_weight_tolerance(
            uow, site_id=at_desk(uow, visit).require_site(form["site"]), carrier=form["carrier"],
            grams=form.whole("grams"), share_bp=round(share * 100),
        )  # fmt: skip
        words = f"{carrier_words(form['carrier'])} lets a parcel differ by {told.grams:,} g"
        more = f" or {told.share_bp / 100:g} %, whichever is more" if told.share_bp else ""
        return Done(_HOME, f"{words}{more}.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


def _side(found: shipping.WeightCheck) -> str:
    return "more" if found.difference_g > 0 else "less"


def _number(form: Submitted, name: str) -> float:
    try:
        found = Decimal(form[name])
    except DecimalException as error:
        raise Invalid("This is no number.", remedy="Enter such as 2.5.", pointer=f"/{name}") from error
    if not found.is_finite():
        raise Invalid("This is no number.", remedy="Enter such as 2.5.", pointer=f"/{name}")
    return float(found)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("This is not a day.", remedy="Write it as 2026-12-24.", pointer="/calibrated_until") from error


def _page(visit: Visit) -> WeightChecksPage:
    with desk_of(visit) as desk:
        found = shipping.open_weight_checks(desk.uow, site_id=desk.site_id)
        orders = fulfillment.order_heads(desk.uow, [each.order_id for each in found])
        people = desk.people()
        cards = tuple(_card(visit, each, orders[each.order_id], people) for each in found)
        entry = _entry_form(desk) if visit.may("work:pack") else None
        settings = tuple(_settings(desk)) if visit.may("work:plan") else ()
        return WeightChecksPage(desk.frame, desk.shell("/holds"), cards, _EMPTY, entry, settings)


def _card(
    visit: Visit, each: shipping.WeightCheck, order: fulfillment.OrderHead, people: dict[str, str]
) -> WeightCheckCard:
    is_stopped = each.outcome == "stopped"
    by = f"Scale {each.device}" if each.source == "scale" else carrier_words(each.device)
    return WeightCheckCard(
        Link(parcel_label(each.sscc, each.tracking_number), f"/parcels/{each.parcel_id}"),
        Link(order.external_id, visit.link(f"/orders/{order.id}", "orders:read")), is_stopped, by, each.reading_g,
        each.declared_g, each.limit_g, each.checked_at, people.get(each.packed_by, ""),
        _NEXT[each.state] if is_stopped else _GONE, tuple(_forms(visit, each, is_stopped=is_stopped)),
    )  # fmt: skip


def _forms(visit: Visit, each: shipping.WeightCheck, *, is_stopped: bool) -> Iterator[Form]:
    token = visit.csrf_token
    if not is_stopped:
        if visit.may("orders:write"):
            note = Field("note", "What came of it", required=True, maximum=1_000)
            yield Form(f"{_HOME}/{each.id}/settle", "Settle", (note,), "Settle it", csrf_token=token)
        return
    if visit.may("audit:release"):
        fields = (
            Field("reason", "Why may it go", required=True, maximum=500),
            Field(
                "evidence", "What did you look at", required=True, maximum=500, hint="Such as: weighed alone, 702 g."
            ),
        )
        yield Form(f"{_HOME}/{each.id}/release", "Release", fields, "Release the parcel", tone="stop", csrf_token=token)
    if each.state == "labelled" and (again := reopen_form(visit, each.parcel_id)):
        yield again
    if each.state == "manifested" and visit.may("work:plan"):
        yield Form(f"/parcels/{each.parcel_id}/pull", "Pull it off its manifest", csrf_token=token)


def _typed(form: Submitted) -> str:
    """Return why a reading was typed, "" for the scale's own."""
    note = form["note"].strip()
    if form["typed"] == shipping.TYPED_OTHER and not note:
        raise Invalid("Say why it was typed.", remedy="A few words will do.", pointer="/note")
    return f"{form['typed']}: {note}" if form["typed"] and note else form["typed"]


def _entry_form(desk: Desk) -> Form | None:
    known = shipping.scales(desk.uow, site_id=desk.site_id)
    if not known:
        return None
    options = tuple(Option(scale.code, scale.code) for scale in known)
    typed = (Option(code, f"Typed: {name.lower()}") for code, name in shipping.TYPED_REASONS.items())
    fields = (
        desk.site_field(),
        Field("parcel", "Parcel", required=True, maximum=120, autocomplete="off", hint="SSCC or tracking number."),
        Field("scale_code", "Scale", "select", options=options, required=True),
        Field("reading_g", "It shows", required=True, maximum=100, autocomplete="off", hint="In g, or its line."),
        Field("typed", "How it came", "select", options=(Option("", "From the scale by itself"), *typed)),
        Field("note", "What, if something else", maximum=200, autocomplete="off"),
    )
    return Form(_HOME, "Compare", fields, "Weigh a parcel again", csrf_token=desk.visit.csrf_token)


def _settings(desk: Desk) -> Iterator[Form]:
    token = desk.visit.csrf_token
    scale = (
        desk.site_field(),
        Field("code", "Code", required=True, maximum=60, hint="Such as DOCK-1. A known one is changed."),
        Field("name", "Where it stands", maximum=200),
        Field("sd_g", "Repeats scatter by, in g", inputmode="decimal", required=True,
              hint="Standard deviation at line speed: about 2.5 at rest, 12 in motion."),
        Field("interval_g", "Its step e, in g", inputmode="numeric", required=True),
        Field("max_g", "Its greatest load, in g", inputmode="numeric", required=True),
        Field("calibrated_until", "Calibrated until", "date", required=True),
        Field("in_motion", "It weighs parcels on their way, not at a bench", "checkbox"),
    )  # fmt: skip
    yield Form(f"{_HOME}/scales", "Keep it", scale, "Add or change a scale", csrf_token=token)
    names: dict[str, str] = {}
    for cut_off in shipping.next_cut_offs(desk.uow, site_id=desk.site_id, now=desk.frame.now):
        names.setdefault(cut_off.carrier, cut_off.carrier_name)
    if not names:
        return
    carriers = tuple(Option(code, f"{name}: {_told(desk, code)}") for code, name in sorted(names.items()))
    tolerance = (
        desk.site_field(),
        Field("carrier", "Carrier", "select", options=carriers, required=True),
        Field("grams", "It tolerates, in g", inputmode="numeric", required=True),
        Field("share", "Or of the declared weight, in %", inputmode="decimal", hint="Whichever is more."),
    )
    yield Form(f"{_HOME}/tolerances", "Keep it", tolerance, "What a carrier tolerates", csrf_token=token)


def _told(desk: Desk, carrier: str) -> str:
    found = shipping.tolerance_of(desk.uow, site_id=desk.site_id, carrier=carrier)
    return f"{found.grams:,} g, {found.share_bp / 100:g} %" if found.grams or found.share_bp else "nothing"
