from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.web.faces.desk import LaneFill, PackerAtScale
from app.web.labels import person_words
from app.web.pages import BatchProgress, BoardPage, CutOff, FeedLag, StageCount, Tone
from app.web.routes.answers import PageRoute, staff_page
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from app.web.wording_staff import status_words
from crm import api as crm
from fulfillment import api as fulfillment
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
_TIGHT, _LATE = timedelta(minutes=90), timedelta(minutes=20)
_STAGES = [state.value for state in fulfillment.OrderState]
_HELD_STATES = {"ON_HOLD", "AUDIT_HOLD"}
_STAGE_WORDS = {"bind": "Taking totes", "pick": "Picking", "DRAFT": "Waiting", "ASSIGNED": "Claimed"}


@router.get("/board")
def show_board(visit: Annotated[Visit, Depends(visitor("work:plan", "orders:read", of_the_house=True))]) -> Response:
    """Show what the site has to do, and how long until the vans leave."""
    with desk_of(visit) as desk:
        page = _page(desk)
    return staff_page(visit, page)


def _page(desk: Desk) -> BoardPage:
    floor = fulfillment.board(desk.uow, site_id=desk.site_id)
    lag = crm.timeline_lag(desk.uow)
    return BoardPage(
        frame=desk.frame,
        shell=desk.shell("/board"),
        cut_offs=_cut_offs(desk),
        backlog=_backlog(floor.stages),
        batches=_batches(desk, floor.batches),
        holds=_holds(desk, floor),
        scales=_scales(desk),
        lanes=_lanes(desk),
        imports_href=desk.visit.link("/imports", "stock:write") if desk.visit.works_here else "",
        release_href=desk.visit.link("/release", "work:plan") if desk.visit.works_here else "",
        feed=FeedLag(
            lag.events, int(lag.oldest_seconds), "/messages" if desk.visit.may("customers:read") else "/board"
        ),
    )


def _cut_offs(desk: Desk) -> tuple[CutOff, ...]:
    """Return the next collection of each carrier; what is open for it has a label and is on no manifest yet."""
    found: dict[str, shipping.CutOff] = {}
    for cut_off in shipping.next_cut_offs(desk.uow, site_id=desk.site_id, now=desk.frame.now):
        found.setdefault(cut_off.carrier, cut_off)
    waiting = _labelled_by_carrier(desk)
    return tuple(_cut_off(desk, cut_off, waiting[cut_off.carrier]) for cut_off in found.values())


def _cut_off(desk: Desk, cut_off: shipping.CutOff, waiting: int) -> CutOff:
    tone, risk = _risk(cut_off.at_utc - desk.frame.now, waiting)
    href = desk.visit.link("/manifests", "work:plan", "work:pack")
    return CutOff(cut_off.carrier_name, cut_off.at_utc, waiting, href, tone, risk)


def _lanes(desk: Desk) -> tuple[LaneFill, ...]:
    found = shipping.sort_lanes(desk.uow, site_id=desk.site_id)
    return tuple(LaneFill(lane.code, lane.parcels, lane.weight_g, lane.oldest_at) for lane in found)


def _batches_link(desk: Desk) -> str:
    return desk.visit.link("/batches", "work:pick", "work:plan")


def _risk(left: timedelta, waiting: int) -> tuple[Tone, str]:
    if not waiting:
        return "plain", "Nothing waits"
    if left < _LATE:
        return "stop", "Close it now"
    return ("warn", "Tight") if left < _TIGHT else ("ok", "On track")


def _labelled_by_carrier(desk: Desk) -> Counter[str]:
    counted: Counter[str] = Counter()
    cursor: str | None = None
    while True:
        found = shipping.find_parcels(desk.uow, site_id=desk.site_id, state="labelled", cursor=cursor, limit=200)
        counted.update(parcel.carrier for parcel in found.items if parcel.kind == "outbound")
        cursor = found.next
        if cursor is None:
            return counted


def _backlog(stages: Iterable[fulfillment.StageCount]) -> tuple[StageCount, ...]:
    in_order = sorted(stages, key=lambda stage: _STAGES.index(stage.state))
    return tuple(
        StageCount(status_words(stage.state).words, stage.orders, f"/orders?stage={stage.state}", stage.oldest_since)
        for stage in in_order
    )


def _batches(desk: Desk, batches: Sequence[fulfillment.BatchSummary]) -> tuple[BatchProgress, ...]:
    people, href = desk.people(), _batches_link(desk)
    return tuple(
        BatchProgress(
            fulfillment.batch_label(batch.id), href, person_words(batch.picker, people),
            _STAGE_WORDS.get(batch.state, "Picking"), batch.lines_done, batch.lines, batch.cut_off_at,
        )
        for batch in batches
        if batch.state != "DRAFT"
    )  # fmt: skip


def _scales(desk: Desk) -> tuple[PackerAtScale, ...]:
    people = desk.people()
    return tuple(
        PackerAtScale(
            people.get(each.packer, each.packer), each.weighed, each.held, each.released, each.packed_anew, each.typed
        )
        for each in shipping.override_rates(desk.uow, site_id=desk.site_id)
    )


def _second_weighings(desk: Desk) -> Iterator[StageCount]:
    waiting = shipping.count_open_weight_checks(desk.uow, site_id=desk.site_id)
    if waiting.stopped:
        words = "Parcels stopped by the second weighing"
        yield StageCount(words, waiting.stopped, "/weight-checks", waiting.stopped_since)
    if waiting.found:
        words = "Parcels gone that weigh otherwise than declared"
        yield StageCount(words, waiting.found, "/weight-checks", waiting.found_since)


def _low_cartons(desk: Desk) -> int:
    return sum(each.is_low for each in shipping.carton_stock(desk.uow, site_id=desk.site_id))


def _holds(desk: Desk, floor: fulfillment.Board) -> tuple[StageCount, ...]:
    oldest = {stage.state: stage for stage in floor.stages if stage.state in _HELD_STATES}
    parcels = shipping.board_counts(desk.uow, site_id=desk.site_id)
    rows = []
    if held := oldest.get("ON_HOLD"):
        rows.append(StageCount("Orders on hold", held.orders, "/orders?stage=ON_HOLD", held.oldest_since))
    if parcels.held:
        since = oldest["AUDIT_HOLD"].oldest_since if "AUDIT_HOLD" in oldest else None
        rows.append(StageCount("Parcels held by the scale", parcels.held, "/holds", since))
    rows.extend(_second_weighings(desk))
    found, since = shipping.count_weight_findings(desk.uow, site_id=desk.site_id)
    if found:
        href = desk.visit.link("/weights", "work:plan") if desk.visit.works_here else ""
        rows.append(StageCount("Findings of the scales", found, href, since))
    if low := _low_cartons(desk):
        href = desk.visit.link("/cartons", "work:plan") if desk.visit.works_here else ""
        rows.append(StageCount("Cartons to order", low, href))
    if floor.put_backs_open:
        rows.append(StageCount("Cancelled units to put back", floor.put_backs_open, _batches_link(desk)))
    if floor.limbo:
        rows.append(StageCount("Orders without a next step", floor.limbo, "/orders?stage=open"))
    return tuple(rows)
