from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from kernel.access.queries import require_site
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork, transaction
from kernel.quantity import MAX_QUANTITY
from kernel.web.access import requires
from kernel.web.acting import Answer, act
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT
from returns.commands import decide, inspect, request, send
from returns.domain.policy import Disposition, Grade
from returns.queries import find_returns, get_return, inspections

router = APIRouter(prefix="/v1/returns", tags=["returns"])
Reader = Annotated[Actor, Depends(requires("returns:read"))]
Writer = Annotated[Actor, Depends(requires("returns:write"))]
Units = Annotated[int, Field(strict=True, ge=1, le=MAX_QUANTITY)]
SiteId = Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9_]*$")]
Note = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$")]


class ReturnLineIn(BaseModel):
    """What comes back of one order line."""

    model_config = ConfigDict(extra="forbid")
    line_id: str = Field(max_length=40, examples=["lin_01jd3v6qk0f0a8m3q2n6x5w7yz"])
    quantity: Units = Field(examples=[1])
    reason: str = Field(max_length=40, examples=["too_small"])


class ReturnIn(BaseModel):
    """A return that a customer, or somebody for the customer, asks for."""

    model_config = ConfigDict(extra="forbid")
    order_id: str = Field(max_length=40, examples=["ord_01jd3v6qk0f0a8m3q2n6x5w7yz"])
    lines: list[ReturnLineIn] = Field(min_length=1, max_length=500)
    note: Note = ""


class DecisionIn(BaseModel):
    """A person's decision on a return."""

    model_config = ConfigDict(extra="forbid")
    why: str = Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$", examples=["Loyal customer, one day late"])


class ReceiptIn(BaseModel):
    """What arrived, in base units by order line."""

    model_config = ConfigDict(extra="forbid")
    quantities: dict[str, Units] = Field(min_length=1, max_length=500)


class GradeIn(BaseModel):
    """How received units look, and where they go."""

    model_config = ConfigDict(extra="forbid")
    line_id: str = Field(max_length=40)
    quantity: Units
    grade: Grade = Field(examples=["A"])
    disposition: Disposition | None = None
    note: Note = ""
    serials: list[Annotated[str, Field(max_length=20, examples=["SN-20417"])]] = Field(
        default_factory=list, max_length=500, description="One for each unit, where units have serial numbers"
    )
    accept_swap: bool = Field(default=False, description="Go on although the order got other units, and note that")


class ReturnLineOut(BaseModel):
    """Units of one order line in a return."""

    line_id: str
    item_id: str
    sku: str
    name: str
    reason: str
    announced: int
    received: int
    graded: int


class ReturnOut(BaseModel):
    """A return; amounts in minor units."""

    id: str
    tenant_id: str
    order_id: str
    customer_id: str
    site_id: str
    state: str = Field(examples=["authorized"])
    decision: str
    note: str
    refund_minor: int
    currency: str
    parcel_id: str
    tracking_number: str
    requested_at: datetime
    received_at: datetime | None
    closed_at: datetime | None
    expires_at: datetime
    version: int
    lines: list[ReturnLineOut]


class InspectionOut(BaseModel):
    """Units of a line that were graded at once; the refund in minor units of the return's currency."""

    line_id: str
    quantity: int
    grade: str = Field(examples=["A"])
    disposition: str
    refund_minor: int
    note: str
    serials: list[str]
    is_swap: bool
    inspected_at: datetime


class ReturnPage(BaseModel):
    """Returns, newest first."""

    items: list[ReturnOut]
    next: str | None


_OK: dict[int | str, dict[str, Any]] = {200: {"model": ReturnOut}}


@router.get("", operation_id="listReturns", summary="List returns", response_model=ReturnPage)
def list_returns(
    actor: Reader,
    state: Annotated[list[str] | None, Query(max_length=10)] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    site_id: SiteId = "",
) -> object:
    """Return returns newest first, of certain states and of one site if given."""
    with transaction(actor) as uow:
        site = require_site(uow, actor, site_id) if site_id else ""
        page = find_returns(uow, states=tuple(state or ()), site_id=site, limit=limit, cursor=cursor)
    return msgspec.to_builtins(page)


@router.get("/{return_id}", operation_id="getReturn", summary="One return", response_model=ReturnOut)
def read_return(return_id: str, actor: Reader) -> object:
    """Return one return with its lines."""
    with transaction(actor) as uow:
        return msgspec.to_builtins(get_return(uow, return_id))


@router.post(
    "", operation_id="requestReturn", summary="Ask for a return", status_code=201, responses={201: {"model": ReturnOut}}
)
def post_return(http: Request, asked: ReturnIn, actor: Writer) -> Response:
    """Open a return; the policy authorizes or denies it at once, or leaves it to a person."""

    def work(uow: UnitOfWork) -> Answer:
        lines = [request.ReturnLineDraft(line.line_id, line.quantity, line.reason) for line in asked.lines]
        return Answer(request.request_return(uow, order_id=asked.order_id, lines=lines, note=asked.note), 201)

    return act(http, actor, asked.model_dump(), work)


@router.post("/{return_id}/authorize", operation_id="authorizeReturn", summary="Authorize a return", responses=_OK)
def post_authorize(http: Request, return_id: str, decision: DecisionIn, actor: Writer) -> Response:
    """Let a return come back that waits for a person."""
    return act(
        http, actor, decision.model_dump(),
        lambda uow: Answer(decide.authorize_return(uow, return_id=return_id, why=decision.why)),
    )  # fmt: skip


@router.post("/{return_id}/deny", operation_id="denyReturn", summary="Deny a return", responses=_OK)
def post_deny(http: Request, return_id: str, decision: DecisionIn, actor: Writer) -> Response:
    """Refuse a return that waits for a person."""
    return act(
        http, actor, decision.model_dump(),
        lambda uow: Answer(decide.deny_return(uow, return_id=return_id, why=decision.why)),
    )  # fmt: skip


@router.post("/{return_id}/cancel", operation_id="cancelReturn", summary="Cancel a return", responses=_OK)
def post_cancel(http: Request, return_id: str, actor: Writer) -> Response:
    """The customer keeps the goods."""
    return act(http, actor, None, lambda uow: Answer(decide.cancel_return(uow, return_id=return_id)))


@router.post("/{return_id}/label", operation_id="issueReturnLabel", summary="Make the return label", responses=_OK)
def post_label(http: Request, return_id: str, actor: Writer) -> Response:
    """Make the label of an authorized return; fetch its PDF from the parcel."""
    return act(http, actor, None, lambda uow: Answer(send.issue_return_label(uow, return_id=return_id)))


@router.post("/{return_id}/receive", operation_id="receiveReturn", summary="Book what arrived", responses=_OK)
def post_receive(http: Request, return_id: str, receipt: ReceiptIn, actor: Writer) -> Response:
    """Book the units that arrived at the returns bench."""
    return act(
        http, actor, receipt.model_dump(),
        lambda uow: Answer(inspect.receive_return(uow, return_id=return_id, quantities=receipt.quantities)),
    )  # fmt: skip


@router.post("/{return_id}/grade", operation_id="gradeReturn", summary="Grade received units", responses=_OK)
def post_grade(http: Request, return_id: str, graded: GradeIn, actor: Writer) -> Response:
    """Grade units and send them on; the last one closes the return and instructs the refund."""
    return act(
        http, actor, graded.model_dump(mode="json"),
        lambda uow: Answer(
            inspect.grade_units(
                uow, return_id=return_id, line_id=graded.line_id, quantity=graded.quantity, grade=graded.grade,
                disposition=graded.disposition, note=graded.note, serials=graded.serials,
                accept_swap=graded.accept_swap,
            )
        ),
    )  # fmt: skip


@router.get(
    "/{return_id}/inspections", operation_id="listInspections", summary="What was found in a return",
    response_model=list[InspectionOut],
)  # fmt: skip
def list_inspections(return_id: str, actor: Reader) -> object:
    """Return how each unit was graded and where it went; a swap is another unit than the order got."""
    with transaction(actor) as uow:
        get_return(uow, return_id)
        return msgspec.to_builtins(inspections(uow, return_id))


@router.post("/{return_id}/close", operation_id="closeReturn", summary="Close an incomplete return", responses=_OK)
def post_close(http: Request, return_id: str, actor: Writer) -> Response:
    """Close a return of which not everything came back."""
    return act(http, actor, None, lambda uow: Answer(inspect.close_return(uow, return_id=return_id)))
