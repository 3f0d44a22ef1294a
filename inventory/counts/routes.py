from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from inventory.counts import queries as counts
from inventory.counts.accuracy import count_accuracy
from inventory.counts.commands.bins import count_bin
from inventory.counts.commands.counting import submit_count, withdraw_count
from inventory.counts.commands.decisions import approve_count, cancel_count, return_count
from inventory.counts.commands.requests import ask_counts, item_to_count, report_zero_check
from inventory.counts.domain import ABC_LOOKBACK, COUNT_STATES, LIVE_COUNTS, AbcClass, CountCause
from inventory.counts.schemas import (
    CountApprovalIn,
    CountEntryIn,
    CountIn,
    CountReasonIn,
    CountRequestIn,
    Difference,
    ZeroCheckIn,
)
from inventory.counts.views import AccuracyReport, CountEffect, CountHead, CountView
from inventory.web.answers import act_and_read, json_response
from inventory.web.parameters import Cursor, Id, Lead, Limit, Reader, Word, Worker, Writer
from inventory.web.schemas import Body
from inventory.web.scope import floor_of, item_of, list_site, place_of, tenant_of
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid
from kernel.web.acting import Answer, act
from kernel.web.paging import DEFAULT_LIMIT, Page

router = APIRouter(prefix="/v1")

State = Annotated[
    str, Query(pattern=f"^({'|'.join(COUNT_STATES.transitions)})?$", description="All open ones if empty")
]
Cause = Annotated[str, Query(pattern=f"^({'|'.join(CountCause)})?$")]
Abc = Annotated[str, Query(pattern=f"^({'|'.join(AbcClass)})?$", description="Class of the item")]
Day = Annotated[date | None, Query(examples=["2026-11-01"])]
_EARLIEST, _LATEST = date(2000, 1, 1), date(2999, 12, 31)


@router.get(
    "/counts", operation_id="listCounts", summary="List counts", tags=["counts"],
    responses={200: {"model": Page[CountHead]}},
)  # fmt: skip
def list_counts(
    actor: Reader, state: State = "", cause: Cause = "", abc: Abc = "", search: Word = "", site: Word = "",
    cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT,
) -> Response:  # fmt: skip
    """Return counts that are not finished in walking order, or those of one state, finished ones latest first.
    `search` is a SKU or the beginning of a location's code.
    """
    with transaction(actor) as uow:
        found = counts.find_counts(
            uow, site_id=list_site(uow, actor, site),
            states=(state,) if state else LIVE_COUNTS, cause=cause, abc=abc, search=search.strip(), cursor=cursor,
            limit=limit,
        )  # fmt: skip
        return json_response(found)


@router.get(
    "/counts/accuracy", operation_id="getCountAccuracy", summary="How right the book is", tags=["counts"],
    responses={200: {"model": AccuracyReport}},
)  # fmt: skip
def get_accuracy(actor: Reader, since: Day = None, until: Day = None, cause: Cause = "", site: Word = "") -> Response:
    """Return the share of counts that were exactly right and of units booked right, by site and class of the item, for
    the days (UTC) from `since` to `until`; the last 90 if left out.
    """
    with transaction(actor) as uow:
        last = until or uow.now.date()
        _require_period(since or last, last)
        first = since or last - ABC_LOOKBACK
        report = count_accuracy(
            uow, since=_midnight(first), until=_midnight(last + timedelta(days=1)), cause=cause,
            site_id=list_site(uow, actor, site),
        )  # fmt: skip
        return json_response(report)


@router.get(
    "/counts/{count_id}", operation_id="getCount", summary="Read a count", tags=["counts"],
    responses={200: {"model": CountView}},
)  # fmt: skip
def get_count(actor: Reader, count_id: Id) -> Response:
    """Return a count with its entries. As long as somebody may still have to count, nobody is told the figures; who
    only counts never is.
    """
    with transaction(actor) as uow:
        return json_response(counts.get_count(uow, count_id))


@router.get(
    "/counts/{count_id}/effects", operation_id="getCountEffects", summary="What a decision would do", tags=["counts"],
    responses={200: {"model": list[CountEffect]}},
)  # fmt: skip
def get_effects(actor: Lead, count_id: Id) -> Response:
    """Return for each entry of a count that waits for a decision what booking it would do: which promises lose units,
    and who would be told.
    """
    with transaction(actor) as uow:
        return json_response(counts.count_effects(uow, count_id))


@router.post(
    "/counts", operation_id="countBin", summary="Record a cycle count", tags=["stock"],
    responses={200: {"model": Difference}},
)  # fmt: skip
def post_count(request: Request, body: CountIn, actor: Writer) -> Response:
    """Make the book say what was counted, and open the bin if it was frozen."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id, site_id = place_of(uow, actor, body)
        difference = count_bin(
            uow, tenant_id=tenant_id, site_id=site_id, item_id=item_of(uow, tenant_id, body.sku),
            location_code=body.location_code, counted=body.counted, lot=body.lot,
        )  # fmt: skip
        return Answer({"difference": difference})

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/counts/requests", operation_id="askCounts", summary="Have something counted", tags=["counts"], status_code=201,
    responses={201: {"model": list[CountHead]}},
)  # fmt: skip
def post_request(request: Request, body: CountRequestIn, actor: Lead) -> Response:
    """Have a location, an item or an item in a location counted. The answer has those that waited before, too."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id = tenant_of(uow, actor, body.merchant_id) if body.merchant_id or body.sku else ""
        item_id = item_of(uow, tenant_id, body.sku) if body.sku else ""
        ids = ask_counts(
            uow, site_id=floor_of(uow, actor, body.site), tenant_id=tenant_id, item_id=item_id,
            location_code=body.location_code, reason=body.reason,
        )  # fmt: skip
        return Answer(counts.count_heads(uow, ids), 201)

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/counts/zero-checks", operation_id="reportZeroCheck", summary="Say whether a bin is empty", tags=["counts"],
    responses={200: {"model": list[CountHead]}},
)  # fmt: skip
def post_zero_check(request: Request, body: ZeroCheckIn, actor: Worker) -> Response:
    """Say whether a bin is empty from which the last unit should have gone. When the book says otherwise the bin is to
    be counted: the count is the answer, which is empty when all is well.
    """

    def work(uow: UnitOfWork) -> Answer:
        site_id = floor_of(uow, actor, body.site)
        item = item_to_count(
            uow, site_id=site_id, barcode=body.barcode, location_code=body.location_code, tenant_id=body.merchant_id
        )
        ids = report_zero_check(
            uow, tenant_id=item.tenant_id, site_id=site_id, item_id=item.id, location_code=body.location_code,
            is_empty=body.empty,
        )  # fmt: skip
        return Answer(counts.count_heads(uow, ids))

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/counts/{count_id}/entries", operation_id="submitCount", summary="Count", tags=["counts"],
    responses={200: {"model": CountView}},
)  # fmt: skip
def post_entry(request: Request, body: CountEntryIn, actor: Worker, count_id: Id) -> Response:
    """Say what lies in the bin. A small difference is booked at once; a larger one is counted again by somebody else,
    and a lead decides what they disagree on. `shorted` are the promises that a booking took units from.
    """
    command = partial(
        submit_count, count_id=count_id, location_code=body.location_code, barcode=body.barcode, counted=body.counted
    )
    return act_and_read(request, actor, body, command, partial(counts.get_count, count_id=count_id))


@router.post(
    "/counts/{count_id}/withdraw", operation_id="withdrawCount", summary="Take back your count", tags=["counts"],
    responses={200: {"model": CountView}},
)  # fmt: skip
def post_withdraw(request: Request, body: Body, actor: Worker, count_id: Id) -> Response:
    """Take back your own count while somebody else is to confirm it."""
    command = partial(withdraw_count, count_id=count_id)
    return act_and_read(request, actor, body, command, partial(counts.get_count, count_id=count_id))


@router.post(
    "/counts/{count_id}/approve", operation_id="approveCount", summary="Book a count", tags=["counts"],
    responses={200: {"model": CountView}},
)  # fmt: skip
def post_approve(request: Request, body: CountApprovalIn, actor: Lead, count_id: Id) -> Response:
    """Book one of the entries of a count that waits for a decision; `shorted` are the promises that lost units."""
    command = partial(approve_count, count_id=count_id, number=body.number, reason=body.reason, lot=body.lot)
    return act_and_read(request, actor, body, command, partial(counts.get_count, count_id=count_id))


@router.post(
    "/counts/{count_id}/return", operation_id="returnCount", summary="Have it counted once more", tags=["counts"],
    responses={200: {"model": CountView}},
)  # fmt: skip
def post_return(request: Request, body: CountReasonIn, actor: Lead, count_id: Id) -> Response:
    """Have a count that waits for a decision made once more, by somebody who has not counted the bin yet."""
    command = partial(return_count, count_id=count_id, reason=body.reason)
    return act_and_read(request, actor, body, command, partial(counts.get_count, count_id=count_id))


@router.post(
    "/counts/{count_id}/cancel", operation_id="cancelCount", summary="Do without a count", tags=["counts"],
    responses={200: {"model": CountView}},
)  # fmt: skip
def post_cancel(request: Request, body: CountReasonIn, actor: Lead, count_id: Id) -> Response:
    """Do without a count; the book stays as it is. A bin that a short pick froze opens by its count only."""
    command = partial(cancel_count, count_id=count_id, reason=body.reason)
    return act_and_read(request, actor, body, command, partial(counts.get_count, count_id=count_id))


def _require_period(first: date, last: date) -> None:
    if not _EARLIEST <= first <= last <= _LATEST:
        raise Invalid(
            "The period ends before it begins, or lies outside of the years 2000 to 2999.", remedy="Correct the days.",
            pointer="/until",
        )  # fmt: skip


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
