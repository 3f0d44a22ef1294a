from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from kernel.access.queries import merchant_by_code
from kernel.actors import ALL_TENANTS, Actor
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import NotFound
from kernel.web.acting import Answer, act
from shipping.freight_risks import freight_terms, set_freight_terms
from shipping.routes.callers import Planner, Reader, dump

router = APIRouter(prefix="/v1/freight/terms", tags=["rates"])


class TermsIn(BaseModel):
    """What a contract makes of late and lost parcels."""

    model_config = ConfigDict(extra="forbid", strict=True)
    late_penalty_minor: int = Field(examples=[500], description="For a parcel after its promise, in minor units")
    value_share_bp: int = Field(examples=[10_000], description="Of a lost parcel's value, 10000: all of it")


class TermsOut(BaseModel):
    """A merchant's terms, in minor units of `currency`."""

    model_config = ConfigDict(from_attributes=True)
    currency: str
    late_penalty_minor: int
    value_share_bp: int


@router.get("", operation_id="getFreightTerms", summary="What late and lost parcels cost")
def get_terms(
    actor: Reader, merchant: Annotated[str, Query(max_length=60, description="Its code; left out: the key's own")] = ""
) -> TermsOut:
    """Return a merchant's terms. Without any, the cheapest service that keeps the promise is taken; with them, the one
    whose expected cost is least.
    """
    with transaction(actor) as uow:
        found = freight_terms(uow, _named(uow, actor, merchant))
    if found is None:
        raise NotFound("The merchant has no terms.", remedy="Its services are chosen by price alone.")
    return TermsOut.model_validate(found)


@router.put(
    "/{merchant}", operation_id="setFreightTerms", summary="Say what late and lost parcels cost",
    responses={200: {"model": TermsOut}},
)  # fmt: skip
def put_terms(
    request: Request, actor: Planner, merchant: Annotated[str, Path(max_length=60)], body: TermsIn
) -> Response:  # fmt: skip
    """Set a merchant's terms; labels that are bought from now on are chosen by them."""

    def work(uow: UnitOfWork) -> Answer:
        found = set_freight_terms(
            uow, tenant_id=_named(uow, actor, merchant), late_penalty_minor=body.late_penalty_minor,
            value_share_bp=body.value_share_bp,
        )  # fmt: skip
        return Answer(dump(TermsOut, found))

    return act(request, actor, [merchant, body.model_dump()], work)


def _named(uow: UnitOfWork, actor: Actor, code: str) -> str:
    if not code and actor.tenant not in ("", ALL_TENANTS):
        return actor.tenant
    found = merchant_by_code(uow, code)
    if found is None:
        raise NotFound("There is no such merchant.", pointer="/merchant")
    return found.id
