from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from inventory.moves import queries as moves
from inventory.moves.commands.forward_picks import FaceRule, remove_forward_pick, set_forward_picks
from inventory.moves.commands.moving import cancel_move, claim_move, do_move, release_move, undo_move
from inventory.moves.commands.putting_away import suggest_place
from inventory.moves.domain.places import Suggestion
from inventory.moves.domain.tasks import LIVE_MOVES, MOVE_STATES, MoveCause
from inventory.moves.schemas import FaceIn, FaceRulesIn, MoveDoneIn, MoveReasonIn, PlaceQuestionIn, UndoIn
from inventory.moves.views import ForwardPickView, MoveHead, MoveView
from inventory.web.answers import act_and_read, json_response
from inventory.web.parameters import Id, Lead, Limit, Reader, Word, Worker
from inventory.web.schemas import Body
from inventory.web.scope import floor_of, ids_of, item_of, list_site, place_of, tenant_of
from kernel.access.queries import site_for
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act
from kernel.web.paging import DEFAULT_LIMIT, Page

router = APIRouter(prefix="/v1")

State = Annotated[
    str, Query(pattern=f"^({'|'.join(MOVE_STATES.transitions)})?$", description="All unfinished ones if empty")
]
Cause = Annotated[str, Query(pattern=f"^({'|'.join(MoveCause)})?$")]
Cursor = Annotated[str, Query(max_length=800)]


@router.get(
    "/move-tasks", operation_id="listMoveTasks", summary="List what is to be carried", tags=["moves"],
    responses={200: {"model": Page[MoveHead]}},
)  # fmt: skip
def list_moves(
    actor: Reader, state: State = "", cause: Cause = "", search: Word = "", site: Word = "", cursor: Cursor = "",
    limit: Limit = DEFAULT_LIMIT,
) -> Response:  # fmt: skip
    """Return moves that are not finished, urgent ones first and then in walking order, or those of one state, finished
    ones latest first. `search` is a SKU or the beginning of a location's code.
    """
    with transaction(actor) as uow:
        found = moves.find_moves(
            uow, site_id=list_site(uow, actor, site),
            states=(state,) if state else LIVE_MOVES, cause=cause, search=search.strip(), cursor=cursor, limit=limit,
        )  # fmt: skip
        return json_response(found)


@router.get(
    "/move-tasks/{move_id}", operation_id="getMoveTask", summary="Read a move", tags=["moves"],
    responses={200: {"model": MoveView}},
)  # fmt: skip
def get_move(actor: Reader, move_id: Id) -> Response:
    """Return a move, why its units go where they go, and what was carried of it."""
    with transaction(actor) as uow:
        return json_response(moves.get_move(uow, move_id))


@router.post(
    "/move-tasks/suggestions", operation_id="suggestPlaces", summary="Ask where units would go", tags=["moves"],
    responses={200: {"model": list[Suggestion]}},
)  # fmt: skip
def post_suggestion(request: Request, body: PlaceQuestionIn, actor: Lead) -> Response:
    """Return the places for units of an item, best first, each with how many it takes and why; nothing is changed."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id = tenant_of(uow, actor, body.merchant_id)
        found = suggest_place(
            uow, tenant_id=tenant_id, site_id=floor_of(uow, actor, body.site),
            item_id=item_of(uow, tenant_id, body.sku), quantity=body.quantity, lot=body.lot,
            from_code=body.from_code,
        )  # fmt: skip
        return Answer(found)

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/move-tasks/{move_id}/claim", operation_id="claimMoveTask", summary="Take a move in hand", tags=["moves"],
    responses={200: {"model": MoveView}},
)  # fmt: skip
def post_claim(request: Request, body: Body, actor: Worker, move_id: Id) -> Response:
    """Take a move in hand for half an hour, so that nobody else walks for it."""
    command = partial(claim_move, move_id=move_id)
    return act_and_read(request, actor, body, command, partial(moves.get_move, move_id=move_id))


@router.post(
    "/move-tasks/{move_id}/release", operation_id="releaseMoveTask", summary="Leave a move to others", tags=["moves"],
    responses={200: {"model": MoveView}},
)  # fmt: skip
def post_release(request: Request, body: Body, actor: Worker, move_id: Id) -> Response:
    """Give a move back that you have in hand; what you carried of it stays carried."""
    command = partial(release_move, move_id=move_id)
    return act_and_read(request, actor, body, command, partial(moves.get_move, move_id=move_id))


@router.post(
    "/move-tasks/{move_id}/steps", operation_id="doMoveTask", summary="Carry units", tags=["moves"],
    responses={200: {"model": MoveView}},
)  # fmt: skip
def post_step(request: Request, body: MoveDoneIn, actor: Worker, move_id: Id) -> Response:
    """Say what was carried, all of a move or a part of it. Another place than the suggested one is taken when the units
    can lie there, with a reason.
    """
    command = partial(
        do_move, move_id=move_id, from_code=body.from_code, barcode=body.barcode, to_code=body.to_code,
        quantity=body.quantity, reason=body.reason,
    )  # fmt: skip
    return act_and_read(request, actor, body, command, partial(moves.get_move, move_id=move_id))


@router.post(
    "/move-tasks/{move_id}/undo", operation_id="undoMoveTask", summary="Take a step back", tags=["moves"],
    responses={200: {"model": MoveView}},
)  # fmt: skip
def post_undo(request: Request, body: UndoIn, actor: Worker, move_id: Id) -> Response:
    """Say that the units of one step were carried back; they are to be moved again."""
    command = partial(undo_move, move_id=move_id, number=body.number)
    return act_and_read(request, actor, body, command, partial(moves.get_move, move_id=move_id))


@router.post(
    "/move-tasks/{move_id}/cancel", operation_id="cancelMoveTask", summary="Do without a move", tags=["moves"],
    responses={200: {"model": MoveView}},
)  # fmt: skip
def post_cancel(request: Request, body: MoveReasonIn, actor: Lead, move_id: Id) -> Response:
    """Leave units, or the rest of them, where they are; nobody is asked again for them for a day."""
    command = partial(cancel_move, move_id=move_id, reason=body.reason)
    return act_and_read(request, actor, body, command, partial(moves.get_move, move_id=move_id))


@router.get(
    "/forward-picks", operation_id="listForwardPicks", summary="List rules of pick faces", tags=["moves"],
    responses={200: {"model": Page[ForwardPickView]}},
)  # fmt: skip
def list_forward_picks(
    actor: Reader, search: Word = "", site: Word = "", cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT
) -> Response:
    """Return the rules by location, each with what the face holds now."""
    with transaction(actor) as uow:
        found = moves.find_forward_picks(
            uow, site_id=list_site(uow, actor, site), search=search.strip(),
            cursor=cursor, limit=limit,
        )  # fmt: skip
        return json_response(found)


@router.put(
    "/forward-picks", operation_id="setForwardPicks", summary="Set rules of pick faces", tags=["moves"],
    responses={200: {"model": Page[ForwardPickView]}},
)  # fmt: skip
def put_forward_picks(request: Request, body: FaceRulesIn, actor: Lead) -> Response:
    """Set the minimum and maximum of pick faces, all or none; rules that are not named stay as they are."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id = tenant_of(uow, actor, body.merchant_id)
        items = ids_of(uow, tenant_id, [(f"/rules/{n}/sku", rule.sku) for n, rule in enumerate(body.rules)])
        rules = [FaceRule(items[r.sku], r.location_code, r.min_units, r.max_units) for r in body.rules]
        site_id = site_for(uow, actor, tenant_id, body.site)
        set_forward_picks(uow, tenant_id=tenant_id, site_id=site_id, rules=rules)
        return Answer(moves.find_forward_picks(uow, site_id=site_id, tenant_id=tenant_id))

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/forward-picks/remove", operation_id="removeForwardPick", summary="Remove a rule", tags=["moves"],
    responses={200: {"model": Page[ForwardPickView]}},
)  # fmt: skip
def post_remove(request: Request, body: FaceIn, actor: Lead) -> Response:
    """Have a pick face filled up no more; moves that are wanted already stay."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id, site_id = place_of(uow, actor, body)
        remove_forward_pick(
            uow, tenant_id=tenant_id, site_id=site_id, location_code=body.location_code,
            item_id=item_of(uow, tenant_id, body.sku),
        )  # fmt: skip
        return Answer(moves.find_forward_picks(uow, site_id=site_id, tenant_id=tenant_id))

    return act(request, actor, body.model_dump(mode="json"), work)
