from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.web.dangerous_papers import dangerous_manifests
from app.web.labels import manifest_label, parcel_label
from app.web.pages import Empty, Field, Form, Link, ManifestRow, ManifestsPage, Pager, PullRow
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from app.web.wording_orders import midday
from fulfillment import api as fulfillment
from kernel.db.transactions import UnitOfWork
from kernel.quantity import counted
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Planner = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
_LANES, _PALLETS = Link("Lanes and containers", "/lanes"), Link("Pallets to hubs", "/consolidation")
_NAMED = 12
_PULLED = "Found on the dock before it was loaded."
_EMPTY = Empty(
    "Manifests will be listed here, one for each carrier and collection.",
    "One can be closed as soon as a parcel of the carrier has its label.",
)


@router.get("/manifests")
def list_manifests(
    visit: Annotated[Visit, Depends(visitor("work:plan", "work:pack", of_the_house=True))],
    cursor: Annotated[str, Query(max_length=400)] = "",
) -> Response:
    """Show what waits for each carrier, and what they took before."""
    return staff_page(visit, _page(visit, cursor))


@router.post("/manifests/close/{carrier}/{ship_date}")
def close(request: Request, visit: Planner, carrier: str, ship_date: date, form: Sent) -> Response:
    """Close a carrier's list for one collection; it never changes again. What was left of earlier days joins it."""

    def work(uow: UnitOfWork) -> Done:
        desk = at_desk(uow, visit)
        day = max(ship_date, uow.now.astimezone(ZoneInfo(desk.frame.zone)).date())
        closed = shipping.close_manifest(uow, site_id=desk.require_site(form["site"]), carrier=carrier, ship_date=day)
        words = f"{manifest_label(closed.id)} is closed with {counted(closed.parcel_count, 'parcel')}."
        behind = _left_behind(closed)
        return Done("/manifests", f"{words} {behind}".strip(), "warn" if behind else "ok")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/manifests/{manifest_id}/hand-over")
def hand_over(request: Request, visit: Planner, manifest_id: str, form: Sent) -> Response:
    """Record that the driver took it all, but what is confirmed to stay behind."""

    def work(uow: UnitOfWork) -> Done:
        units = shipping.manifest_units(uow, manifest_ids=[manifest_id]).get(manifest_id)
        stay = form["left_behind"].split() if form["stays"] else []
        gone = shipping.hand_over_manifest(uow, manifest_id=manifest_id, driver=form["driver"], left_behind=stay)
        behind = f" {counted(len(stay), 'parcel')} left behind for the next collection." if stay else ""
        count = counted(gone.parcel_count - gone.pulled, "parcel")
        return Done(
            "/manifests", f"{count} of {manifest_label(gone.id)} left with the driver{_units_words(units)}.{behind}"
        )

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/parcels/{parcel_id}/pull")
def pull(request: Request, visit: Planner, parcel_id: str, form: Sent) -> Response:
    """Record that the dock found a cancelled parcel before it was loaded."""

    def work(uow: UnitOfWork) -> Done:
        found = shipping.parcel_by_id(uow, parcel_id=parcel_id)
        told = fulfillment.pull_parcel(uow, tenant_id=found.tenant_id, parcel_id=parcel_id, reason=_PULLED)
        what = told.detail if told else "Its units are packed anew."
        return Done("/manifests", f"Parcel {parcel_label(found.sscc)} stays here. {what}")

    return submit(request, visit, form, work, again=lambda: _page(visit))


def _units_words(units: shipping.ManifestUnits | None) -> str:
    """Return how the parcels stood at the dock, empty where no container was used."""
    if units is None or not units.containers:
        return ""
    return f": {counted(units.containers, 'container')} with {units.inside:,} inside, and {units.loose:,} loose"


def _left_behind(closed: shipping.ManifestView) -> str:
    words = {"not_weighed": "not weighed", "held": "held by the scale", "label_pending": "still without a label"}
    words |= {"not_staged": "not scanned onto its lane", "in_container_only": "in a container that others on it are in"}
    words |= {"weight_differs": "stopped by the second weighing"}
    told = [f"{closed.reconciliation[key]} {said}" for key, said in words.items() if closed.reconciliation.get(key)]
    return f"Not on it: {', '.join(told)}." if told else ""


def _page(visit: Visit, cursor: str = "") -> ManifestsPage:
    with desk_of(visit) as desk:
        found = shipping.find_manifests(desk.uow, site_id=desk.site_id, cursor=cursor or None)
        names = _carriers(desk)
        opened = () if cursor else _waiting(desk, names)
        shown = [row.id for row in found.items]
        units = shipping.manifest_units(desk.uow, manifest_ids=shown)
        behind = shipping.unloaded_parcels(desk.uow, manifest_ids=shown)
        dangerous = dangerous_manifests(desk.uow, shown)
        return ManifestsPage(
            frame=desk.frame,
            shell=desk.shell("/manifests"),
            rows=(
                *opened,
                *(
                    _closed(desk, row, names, units.get(row.id), behind.get(row.id, ()), dangerous)
                    for row in found.items
                ),
            ),
            empty=_EMPTY,
            to_pull=() if cursor else tuple(_to_pull(desk)),
            pager=Pager("", "", f"/manifests?cursor={found.next}") if found.next else Pager(),
            links=(_LANES, _PALLETS) if visit.may("work:plan") else (_LANES,),
        )


def _to_pull(desk: Desk) -> Iterator[PullRow]:
    for wanted in fulfillment.parcels_to_pull(desk.uow, site_id=desk.site_id):
        parcel = shipping.parcel_by_id(desk.uow, parcel_id=wanted.parcel_id)
        yield PullRow(
            parcel_label(parcel.sscc), Link(wanted.external_id, f"/orders/{wanted.order_id}"), wanted.tracking_number,
            wanted.reason, wanted.asked_at, _pull_form(desk.visit, wanted.parcel_id),
        )  # fmt: skip


def _pull_form(visit: Visit, parcel_id: str) -> Form | None:
    if not visit.may("work:plan"):
        return None
    return Form(f"/parcels/{parcel_id}/pull", "Pulled", (), csrf_token=visit.csrf_token, tone="plain")


def _carriers(desk: Desk) -> dict[str, shipping.CutOff]:
    found: dict[str, shipping.CutOff] = {}
    for cut_off in shipping.next_cut_offs(desk.uow, site_id=desk.site_id, now=desk.frame.now):
        found.setdefault(cut_off.carrier, cut_off)
    return found


def _waiting(desk: Desk, carriers: dict[str, shipping.CutOff]) -> tuple[ManifestRow, ...]:
    """Return one open row for each collection that labelled parcels wait for: what closing it puts on the list."""
    parcels: Counter[tuple[str, date]] = Counter()
    grams: Counter[tuple[str, date]] = Counter()
    for parcel in _labelled(desk):
        collection = (parcel.carrier, parcel.ship_date or desk.frame.now.date())
        parcels[collection] += 1
        grams[collection] += parcel.weight_g or 0
    return tuple(
        ManifestRow(
            f"{day:%a} {day.day} {day:%b}", _name(carriers, carrier), "OPEN", count, 0,
            _cut_off_at(desk, carriers.get(carrier), day), grams[carrier, day], _close_form(desk, carrier, day),
            _check(desk, carrier, day),
        )
        for (carrier, day), count in sorted(parcels.items(), key=lambda each: (each[0][1], each[0][0]))
    )  # fmt: skip


def _labelled(desk: Desk) -> Iterator[shipping.ParcelView]:
    cursor: str | None = None
    while True:
        found = shipping.find_parcels(desk.uow, site_id=desk.site_id, state="labelled", cursor=cursor, limit=200)
        yield from (parcel for parcel in found.items if parcel.kind == "outbound")
        if (cursor := found.next) is None:
            return


def _cut_off_at(desk: Desk, following: shipping.CutOff | None, day: date) -> datetime:
    """Return the carrier's next cut-off if it is that day's, else the middle of the day."""
    return following.at_utc if following and following.ship_date == day else midday(day, desk.frame.zone)


def _name(carriers: dict[str, shipping.CutOff], carrier: str) -> str:
    return carriers[carrier].carrier_name if carrier in carriers else carrier


def _close_form(desk: Desk, carrier: str, day: date) -> Form | None:
    if not desk.visit.may("work:plan"):
        return None
    action = f"/manifests/close/{carrier}/{day}"
    return Form(action, "Close", (desk.site_field(),), csrf_token=desk.visit.csrf_token, tone="plain")


def _check(desk: Desk, carrier: str, day: date) -> tuple[Link, ...]:
    """Return where the parcels of a collection are compared before it is closed."""
    address = f"/manifests/reconciliation?carrier={carrier}&ship_date={day}"
    return (Link("Check", address),) if desk.visit.may("work:plan") else ()


def _closed(
    desk: Desk, row: shipping.ManifestView, names: dict[str, shipping.CutOff], units: shipping.ManifestUnits | None,
    behind: Sequence[shipping.UnloadedParcel], dangerous: Collection[str],
) -> ManifestRow:  # fmt: skip
    return ManifestRow(
        manifest_label(row.id), _name(names, row.carrier), row.state.upper(), row.parcel_count - row.pulled,
        row.reconciliation.get("unreconciled", 0),
        _collected_at(desk, row), row.total_weight_g, _hand_over_form(desk.visit, row, units, behind),
        _files(desk.visit, row, is_dangerous=row.id in dangerous), row.closed_at,
    )  # fmt: skip


def _files(visit: Visit, row: shipping.ManifestView, *, is_dangerous: bool) -> tuple[Link, ...]:
    """Return the manifest to print, and for those who send it to others its files for machines."""
    files = [Link("PDF", f"/manifests/{row.id}.pdf")]
    if visit.may("work:plan"):
        address = f"/v1/manifests/{row.id}/manifest"
        files += [Link("X12 856", f"{address}.x12"), Link("EPCIS", f"{address}.jsonld")]
        files.append(Link("Bill of lading", f"/manifests/{row.id}/bill-of-lading"))
    if is_dangerous:
        files.append(Link("Dangerous goods", f"/manifests/{row.id}/dangerous-goods.pdf"))
    return tuple(files)


def _collected_at(desk: Desk, row: shipping.ManifestView) -> datetime:
    return row.handed_over_at or midday(row.ship_date, desk.frame.zone)


def _hand_over_form(
    visit: Visit, row: shipping.ManifestView, units: shipping.ManifestUnits | None,
    behind: Sequence[shipping.UnloadedParcel],
) -> Form | None:  # fmt: skip
    if row.handed_over_at or not visit.may("work:plan"):
        return None
    hint = _units_words(units).removeprefix(": ").capitalize()
    driver = Field("driver", "Driver", maximum=100, hint=hint)
    fields = (driver, *_staying(behind)) if behind else (driver,)
    title = f"Hand over, {len(behind):,} not loaded" if behind else ""
    return Form(f"/manifests/{row.id}/hand-over", "Hand over", fields, title, csrf_token=visit.csrf_token, tone="plain")


def _staying(behind: Sequence[shipping.UnloadedParcel]) -> tuple[Field, ...]:
    """Return what confirms that parcels stay which nobody scanned onto the truck."""
    named = ", ".join(parcel_label(each.sscc) for each in behind[:_NAMED])
    more = f" and {len(behind) - _NAMED:,} more" if len(behind) > _NAMED else ""
    words = f"Leave {counted(len(behind), 'parcel')} behind"
    stopped = sum(each.weight_differs for each in behind)
    why = f" {counted(stopped, 'parcel')} of them stopped by the second weighing." if stopped else ""
    hint = f"Not on the truck: {named}{more}.{why}"
    return (
        Field("stays", words, "checkbox", hint=hint),
        Field("left_behind", "", "hidden", value=" ".join(each.parcel_id for each in behind)),
    )
