from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from fulfillment import api
from fulfillment.routes.callers import (
    Key,
    MerchantId,
    Planner,
    Reader,
    SiteId,
    Writer,
    json_response,
    site_of,
    tenant_of,
)
from fulfillment.routes.substitute_schemas import AnswerIn, SubstitutesCsvIn, SubstitutesIn
from inventory import api as inventory
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.access import requires
from kernel.web.acting import Answer, act

router = APIRouter(prefix="/v1")
StockReader = Annotated[Actor, Depends(requires("stock:read"))]
StockWriter = Annotated[Actor, Depends(requires("stock:write"))]


@router.get(
    "/items/{item_id}/substitutes", operation_id="getSubstitutes", summary="What may go out instead", tags=["items"],
    responses={200: {"model": list[api.SubstituteView]}},
)  # fmt: skip
def get_substitutes(actor: StockReader, item_id: Key) -> Response:
    """Return which items may go out instead of one that is missing when it is picked, the best first."""
    with transaction(actor) as uow:
        inventory.get_item(uow, item_id)
        found = api.substitutes_of(uow, item_id)
    return json_response(found)


@router.put(
    "/items/{item_id}/substitutes", operation_id="setSubstitutes", summary="Say what may go out instead",
    tags=["items"], responses={200: {"model": list[api.SubstituteView]}},
)  # fmt: skip
def put_substitutes(request: Request, actor: StockWriter, item_id: Key, body: SubstitutesIn) -> Response:
    """Say which items of the same merchant may go out instead of one, the best first; an empty list says none."""
    drafts = [api.SubstituteDraft(each.sku, each.price_rule, each.unit_price_minor) for each in body.substitutes]

    def work(uow: UnitOfWork) -> Answer:
        return Answer(api.set_substitutes(uow, item_id=item_id, drafts=drafts))

    return act(request, actor, [item_id, body.model_dump(mode="json")], work)


@router.get(
    "/substitutes.csv", operation_id="getSubstitutesFile", summary="All substitutes as CSV", tags=["items"],
    responses={200: {"content": {"text/csv": {}}}}, response_class=Response,
)  # fmt: skip
def get_file(actor: StockReader, merchant_id: MerchantId = "") -> Response:
    """Return the substitutes of all items as a file that can be sent back."""
    with transaction(actor) as uow:
        text = api.substitutes_to_csv(uow, tenant_of(uow, actor, merchant_id))
    return Response(
        text, media_type="text/csv", headers={"content-disposition": 'attachment; filename="substitutes.csv"'}
    )


@router.post(
    "/substitutes/file", operation_id="readSubstitutesFile", summary="Take substitutes from CSV", tags=["items"],
    responses={200: {"model": dict[str, int]}},
)  # fmt: skip
def post_file(request: Request, actor: StockWriter, body: SubstitutesCsvIn, merchant_id: MerchantId = "") -> Response:
    """Take the substitutes of the items that a file names, all or none; the other items keep theirs."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id = tenant_of(uow, actor, merchant_id)
        return Answer({"items": api.read_substitutes_csv(uow, tenant_id=tenant_id, text=body.csv)})

    return act(request, actor, [merchant_id, body.model_dump(mode="json")], work)


@router.get(
    "/short-picks", operation_id="getShortPicks", summary="Short picks and whom they touch", tags=["floor"],
    responses={200: {"model": list[api.ShortReportView]}},
)  # fmt: skip
def get_short_picks(actor: Planner, site_id: SiteId = "") -> Response:
    """Return the latest short picks, what became of each, which other orders relied on the bin, and whom to tell."""
    with transaction(actor) as uow:
        found = api.short_reports(uow, site_id=site_of(uow, actor, site_id))
    return json_response(found)


@router.get(
    "/orders/{order_id}/questions", operation_id="getQuestions", summary="What the customer is asked", tags=["orders"],
    responses={200: {"model": list[api.QuestionView]}},
)  # fmt: skip
def get_questions(actor: Reader, order_id: Key) -> Response:
    """Return what the customer was asked about units that were missing when they were picked, oldest first."""
    with transaction(actor) as uow:
        api.get_order(uow, order_id)
        found = api.order_questions(uow, order_id)
    return json_response(found)


@router.post(
    "/orders/{order_id}/questions/{question_id}/answer", operation_id="answerQuestion", tags=["orders"],
    summary="Answer for the customer", responses={200: {"model": api.OrderView}},
)  # fmt: skip
def post_answer(request: Request, actor: Writer, order_id: Key, question_id: Key, body: AnswerIn) -> Response:
    """Carry out what the customer chose: wait, take the substitute, leave it out, or cancel all. The first answer
    counts; a substitute is never dearer, and what it costs less is paid back.
    """

    def work(uow: UnitOfWork) -> Answer:
        order = api.get_order(uow, order_id)
        api.answer_question(
            uow, tenant_id=order.tenant_id, order_id=order_id, question_id=question_id, choice=body.choice
        )
        uow.session.flush()
        return Answer(api.get_order(uow, order_id))

    return act(request, actor, [order_id, question_id, body.model_dump(mode="json")], work)
