from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.faces.release import CollectionRow, QueueRow, ReleasePage
from app.web.faces.shell import Tone
from app.web.formats import duration
from app.web.pages import Empty, Fact, Field, Form, Link, Option
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.order_page import order_page
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from fulfillment import api as fulfillment
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
_SHOWN = 100
_TIGHT_MINUTES = 30
_MOST = 999_999
_MODES: Final = {
    "stream": "As the floor has room for them",
    "waves": "In waves, at the times below",
    "by_hand": "When somebody releases them",
}
_NUMBERS: Final = {
    "keep_busy": ("Minutes of work to keep the floor with", "Up to so much is released before it is needed."),
    "slack": ("Minutes of slack", "With less to spare before its collection, an order goes at once."),
    "pickers": ("People picking", "Leave it empty to count who picks."),
    "rate": ("Lines an hour of one person", "Leave it empty to measure it."),
}


_REQUIRED: Final = ("keep_busy", "slack")


@router.get("/release")
def show(visit: Lead) -> Response:
    """Show whether the collections are made, and the queue for the floor."""
    return staff_page(visit, _page(visit))


@router.post("/release/settings")
def change_settings(request: Request, visit: Lead, form: Sent) -> Response:
    """Change how orders go to the floor."""

    def work(uow: UnitOfWork) -> Done:
        site_id = at_desk(uow, visit).require_site(form["site"])
        fulfillment.set_release_settings(uow, site_id=site_id, settings=_settings(form))
        return Done("/release", "Saved. Orders go to the floor like this from now on.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/orders/{order_id}/rush")
def rush(request: Request, visit: Lead, order_id: str, form: Sent) -> Response:
    """Put an order before all others."""

    def work(uow: UnitOfWork) -> Done:
        order = fulfillment.get_order(uow, order_id)
        answer = fulfillment.rush_order(uow, tenant_id=order.tenant_id, order_id=order_id, reason=form["reason"])
        return Done(f"/orders/{order_id}", answer.detail, "warn" if answer.state == "waits" else "ok")

    return submit(request, visit, form, work, again=lambda: order_page(visit, order_id))


@router.post("/orders/{order_id}/pull-back")
def pull_back(request: Request, visit: Lead, order_id: str, form: Sent) -> Response:
    """Take an order of which nothing is picked from the floor."""

    def work(uow: UnitOfWork) -> Done:
        order = fulfillment.get_order(uow, order_id)
        units = fulfillment.pull_back_order(uow, tenant_id=order.tenant_id, order_id=order_id, reason=form["reason"])
        return Done(f"/orders/{order_id}", f"{counted(units, 'unit')} pulled back; they stay set aside for the order.")

    return submit(request, visit, form, work, again=lambda: order_page(visit, order_id))


@router.post("/orders/{order_id}/release-now")
def release_now(request: Request, visit: Lead, order_id: str, form: Sent) -> Response:
    """Send one order to the floor now."""

    def work(uow: UnitOfWork) -> Done:
        order = fulfillment.get_order(uow, order_id)
        decided = fulfillment.release_orders(uow, site_id=order.site_id, order_ids=[order_id])
        if not decided:
            return Done(f"/orders/{order_id}", "Nothing of it waits for the floor.", "warn")
        return Done(f"/orders/{order_id}", decided[0].why, "ok" if decided[0].released else "warn")

    return submit(request, visit, form, work, again=lambda: order_page(visit, order_id))


def _settings(form: Submitted) -> fulfillment.ReleaseSettings:
    keep_busy, slack = form.whole_or_none("keep_busy", most=_MOST), form.whole_or_none("slack", most=_MOST)
    if keep_busy is None or slack is None:
        field = "keep_busy" if keep_busy is None else "slack"
        raise Invalid("Enter a number of minutes.", pointer=f"/{field}")
    return fulfillment.ReleaseSettings(
        mode=form["mode"], keep_busy_minutes=keep_busy, slack_minutes=slack,
        wave_times=tuple(form["wave_times"].replace(",", " ").split()),
        pickers=form.whole_or_none("pickers", most=_MOST), lines_per_hour=form.whole_or_none("rate", most=_MOST),
    )  # fmt: skip


def _page(visit: Visit) -> ReleasePage:
    with desk_of(visit) as desk:
        outlook = fulfillment.release_outlook(desk.uow, site_id=desk.site_id, shown=_SHOWN)
        more = outlook.queued - len(outlook.queue)
        return ReleasePage(
            frame=desk.frame,
            shell=desk.shell("/batches"),
            figures=_figures(outlook, desk),
            collections=tuple(_collection(each) for each in outlook.collections),
            collections_empty=Empty("No collection is planned.", "Add a collection time to a carrier's service."),
            queue=_queue(visit, outlook.queue),
            queue_empty=Empty("No order waits for the floor.", "Orders are listed here until they are released."),
            more=f"And {counted(more, 'order')} behind them." if more else "",
            release=Form(
                "/batches/release", "Release all and plan now", (desk.site_field(),), csrf_token=visit.csrf_token
            ),
            settings=_settings_form(desk),
        )


def _figures(outlook: fulfillment.ReleaseOutlook, desk: Desk) -> tuple[Fact, ...]:
    pace = outlook.pace
    late = sum(1 for each in outlook.collections if each.lines_left and (each.spare_minutes or 0) < 0)
    return (
        Fact("People picking", str(pace.pickers), tone="warn" if not pace.pickers and outlook.lines_open else "plain"),
        Fact("Lines an hour of one person", str(pace.lines_per_hour)),
        Fact("Lines on the floor", str(outlook.lines_open), desk.visit.link("/batches", "work:plan")),
        Fact("Orders in the queue", str(outlook.queued)),
        Fact("Collections at risk", str(late), tone="stop" if late else "plain"),
    )


def _collection(found: fulfillment.CollectionOutlook) -> CollectionRow:
    words, tone, advice = _verdict(found)
    return CollectionRow(
        ", ".join(found.carriers) or "No longer collected", found.cut_off_at, found.queued, found.picking,
        found.packing, found.ready, found.lines_left, found.picked_at if found.lines_left else None, words, tone,
        advice,
    )  # fmt: skip


def _verdict(found: fulfillment.CollectionOutlook) -> tuple[str, Tone, str]:
    if not found.lines_left:
        return "Nothing to pick", "plain", ""
    if found.spare_minutes is None:
        return "Nobody picks", "stop", _hands(found)
    if found.spare_minutes < 0:
        return f"{duration(-60 * found.spare_minutes)} too late", "stop", _hands(found)
    spare = f"{duration(60 * found.spare_minutes)} to spare"
    return spare, "warn" if found.spare_minutes < _TIGHT_MINUTES else "ok", ""


def _hands(found: fulfillment.CollectionOutlook) -> str:
    if found.pickers_needed is None:
        return "It cannot be made any more: tell the customers"
    return f"{counted(found.pickers_needed, 'picker')} would make it"


def _queue(visit: Visit, found: Sequence[fulfillment.QueuedOrder]) -> tuple[QueueRow, ...]:
    reason = Field("reason", "Why", "hidden", "Put first from the queue.")
    return tuple(
        QueueRow(
            Link(each.order_number, f"/orders/{each.order_id}"), each.lines, each.why, each.starts_at, each.is_rush,
            None if each.is_rush else Form(
                f"/orders/{each.order_id}/rush", "Put first", (reason,), tone="plain", csrf_token=visit.csrf_token
            ),
        )
        for each in found
    )  # fmt: skip


def _settings_form(desk: Desk) -> Form:
    now = fulfillment.release_settings(desk.uow, desk.site_id)
    values = {
        "keep_busy": now.keep_busy_minutes, "slack": now.slack_minutes, "pickers": now.pickers,
        "rate": now.lines_per_hour,
    }  # fmt: skip
    modes = tuple(Option(value, words, selected=value == now.mode) for value, words in _MODES.items())
    numbers = tuple(
        Field(
            name,
            label,
            "number",
            "" if values[name] is None else str(values[name]),
            hint,
            inputmode="numeric",
            required=name in _REQUIRED,
        )
        for name, (label, hint) in _NUMBERS.items()
    )
    waves = Field("wave_times", "Waves", value=" ".join(now.wave_times), hint="Times of day, such as 09:30 13:00.")
    fields = (desk.site_field(), Field("mode", "Orders go to the floor", "select", options=modes), *numbers[:2], waves)
    return Form(
        "/release/settings", "Save", (*fields, *numbers[2:]), "How orders go to the floor",
        csrf_token=desk.visit.csrf_token,
    )  # fmt: skip
