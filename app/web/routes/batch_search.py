"""How far the walks are improved that nobody has claimed, and what a cart takes: parts of the list of walks."""

from typing import Final

from app.web.pages import Field, Form
from app.web.routes.answers import Done, Submitted
from app.web.routes.visits import Desk, Visit, at_desk
from fulfillment import api as fulfillment
from kernel.db.transactions import UnitOfWork
from kernel.quantity import counted

_STATES: Final = {
    "improving": "A worker goes on until somebody claims them.",
    "settled": "They stay so until orders come or go.",
    "stopped": "The search is stopped.",
}
_METHODS: Final = {"annealing": "annealing", "column_generation": "column generation"}
_NOT_PASSED = "Walks that are passed from zone to zone do not."
_LARGEST: Final = {"totes": 100, "liters": 2_000, "kilograms": 2_000, "items": 1_000_000}
_CUBIC_MM = 1_000_000
_GRAMS = 1_000
_MM_IN_METER = 1_000
_MOST_DETOUR_M = 1_000


def search_words(desk: Desk) -> str:
    """Say how much shorter the waiting walks have become."""
    found = fulfillment.batch_search(desk.uow, site_id=desk.site_id)
    if found.state == "idle":
        return ""
    if not found.planned_mm:
        return _STATES[found.state]
    seconds = f"{found.seconds:g}\N{NO-BREAK SPACE}s"
    walks = f"The walks that nobody has claimed are {_meters(found.now_mm)} long"
    if found.saved_percent > 0:
        walks += f": improved {found.saved_percent} % from {_meters(found.planned_mm)} in {seconds}"
        walks += f" by {' and '.join(_METHODS[each] for each in found.methods)}" if found.methods else ""
    elif found.rounds:
        walks += f": no shorter ones found in {seconds}"
    return f"{walks}. {_STATES[found.state]}"


def search_forms(desk: Desk) -> tuple[Form, ...]:
    """Return what a lead can do about the search."""
    state = fulfillment.batch_search(desk.uow, site_id=desk.site_id).state
    verbs = {"improving": ("stop", "anew"), "settled": ("anew",), "stopped": ("anew",)}.get(state, ())
    words = {"stop": "Stop improving", "anew": "Search anew"}
    return tuple(
        Form(
            "/batches/search", words[verb], (desk.site_field(), Field("verb", "", "hidden", verb)), tone="plain",
            csrf_token=desk.visit.csrf_token,
        )
        for verb in verbs
    )  # fmt: skip


def cart_form(desk: Desk) -> Form:
    """Return the form for what a cart takes."""
    cart = fulfillment.cart_settings(desk.uow, site_id=desk.site_id)
    given = {
        "totes": ("Totes on a cart", cart.totes, ""),
        "liters": ("Liters in a tote", cart.tote_volume_mm3 // _CUBIC_MM, ""),
        "kilograms": ("Kilograms on a cart", cart.weight_g // _GRAMS, ""),
        "items": ("Items on a cart", cart.items, "1000000 if it takes as many as fit."),
    }
    fields = tuple(
        Field(name, label, "number", str(value), hint, required=True, maximum=_LARGEST[name])
        for name, (label, value, hint) in given.items()
    )
    words = "Walks that nobody has claimed are put on such carts."
    return Form(
        "/batches/cart",
        "Save",
        (desk.site_field(), *fields),
        "Change the cart",
        words,
        csrf_token=desk.visit.csrf_token,
    )


def loading_form(desk: Desk) -> Form:
    """Return the form for what goes into the totes first."""
    now = fulfillment.loading_of(desk.uow, desk.site_id)
    heavy = "" if now.heavy_first_g is None else str(now.heavy_first_g)
    fields = (
        desk.site_field(),
        Field("heavy", "Grams from which a unit is heavy", "number", heavy, "Heavy ones first. Empty: no matter.",
              maximum=2_000_000),
        Field("fragile", "Fragile ones last", "checkbox", "on", checked=now.fragile_last),
    )  # fmt: skip
    words = "Walks follow it from their claim on; the meters that it costs are shown beside each."
    return Form(
        "/batches/loading",
        "Save",
        fields,
        "Order of loading",
        f"{words} {_NOT_PASSED}",
        csrf_token=desk.visit.csrf_token,
    )


def detour_form(desk: Desk) -> Form:
    """Return the form for how far walks keep out of the way of others."""
    now = fulfillment.most_detour_mm(desk.uow, desk.site_id)
    fields = (
        desk.site_field(),
        Field("most_mm", "Meters that it may cost a walk", "number", "" if now is None else str(now // _MM_IN_METER),
              "Empty: everybody walks the shortest way.", maximum=_MOST_DETOUR_M),
    )  # fmt: skip
    words = "From its claim on, a walk begins where nobody else picks; what that costs is shown beside each."
    return Form(
        "/batches/detour",
        "Save",
        fields,
        "Out of each other's way",
        f"{words} {_NOT_PASSED}",
        csrf_token=desk.visit.csrf_token,
    )


def change_detour(uow: UnitOfWork, visit: Visit, form: Submitted) -> Done:
    """Change how far walks keep out of the way of others, as a form says."""
    meters = form.whole_or_none("most_mm", most=_MOST_DETOUR_M)
    most = None if meters is None else meters * _MM_IN_METER
    fulfillment.set_most_detour(uow, site_id=at_desk(uow, visit).require_site(form["site"]), most_mm=most)
    return Done("/batches", "Saved. Walks follow it from their claim on.")


def change_loading(uow: UnitOfWork, visit: Visit, form: Submitted) -> Done:
    """Change what goes into the totes first, as a form says."""
    heavy = form.whole("heavy", least=1, most=2_000_000) if form["heavy"].strip() else None
    loading = fulfillment.Loading(heavy, fragile_last=form["fragile"] == "on")
    fulfillment.set_loading(uow, site_id=at_desk(uow, visit).require_site(form["site"]), loading=loading)
    return Done("/batches", "Saved. Walks follow it from their claim on.")


def passing_form(desk: Desk) -> Form | None:
    """Return the form for passing walks from zone to zone, None on a floor with less than two zones."""
    if len(fulfillment.zones_of_site(desk.uow, desk.site_id)) <= 1:
        return None
    now = fulfillment.passes_zones(desk.uow, desk.site_id)
    box = Field("on", "Each zone picks its part, then hands the totes over", "checkbox", "on", checked=now)
    words = "Walks follow it that are planned from now on. Pickers choose their zone on the handheld, or you say it."
    return Form(
        "/batches/passing", "Save", (desk.site_field(), box), "Pick and pass", words, csrf_token=desk.visit.csrf_token
    )


def change_passing(uow: UnitOfWork, visit: Visit, form: Submitted) -> Done:
    """Change whether walks are passed from zone to zone, as a form says."""
    on = form["on"] == "on"
    fulfillment.set_pick_and_pass(uow, site_id=at_desk(uow, visit).require_site(form["site"]), on=on)
    return Done("/batches", "Walks are passed from zone to zone." if on else "Each walk stays with one picker.")


def steer_search(uow: UnitOfWork, visit: Visit, form: Submitted) -> Done:
    """Stop the search, or have it start anew, as a form says."""
    site_id = at_desk(uow, visit).require_site(form["site"])
    if form["verb"] == "stop":
        fulfillment.stop_batch_search(uow, site_id=site_id)
        return Done("/batches", "The walks stay as they are.")
    fulfillment.plan_anew(uow, site_id=site_id)
    return Done("/batches", "A worker searches anew. This page shows how far.")


def change_cart(uow: UnitOfWork, visit: Visit, form: Submitted) -> Done:
    """Change what a cart takes, as a form says."""
    totes, liters, kilograms, items = (form.whole(name, least=1, most=largest) for name, largest in _LARGEST.items())
    cart = fulfillment.CartSettings(totes, liters * _CUBIC_MM, kilograms * _GRAMS, items)
    fulfillment.set_cart(uow, site_id=at_desk(uow, visit).require_site(form["site"]), cart=cart)
    return Done("/batches", f"A cart takes {counted(totes, 'tote')} from now on.")


def _meters(mm: int) -> str:
    return f"{mm / 1_000:,.0f}\N{NO-BREAK SPACE}m"
