from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from kernel.db.transactions import UnitOfWork
from kernel.web.acting import Answer, act
from shipping.commands.weigh_container import state_container, weigh_container
from shipping.repository import tenant_of_parcel
from shipping.routes.callers import Packer, dump
from shipping.routes.reading_schemas import WeighIn
from shipping.routes.schemas import ParcelOut

router = APIRouter(prefix="/v1/parcels", tags=["parcels"])
Side = Annotated[int, Field(gt=0, le=10_000)]


class TareIn(BaseModel):
    """What an empty container weighs, and who says so."""

    model_config = ConfigDict(extra="forbid", strict=True)
    tare_g: int = Field(gt=0, le=500_000, examples=[1_250])
    source: str = Field(min_length=3, max_length=500, examples=["Printed on its lid"])
    sides_mm: list[Side] | None = Field(
        default=None, min_length=3, max_length=3, examples=[[600, 400, 320]], description="Its outer sides"
    )


@router.post(
    "/{parcel_id}/container/weigh", operation_id="weighContainer", summary="Weigh an empty container",
    responses={200: {"model": ParcelOut}},
)  # fmt: skip
def weigh(request: Request, actor: Packer, parcel_id: str, body: WeighIn) -> Response:
    """Weigh the empty container of a parcel that was packed into somebody else's (carton code "foreign")."""

    def work(uow: UnitOfWork) -> Answer:
        tenant = tenant_of_parcel(uow, parcel_id=parcel_id)
        found = weigh_container(
            uow, tenant_id=tenant, parcel_id=parcel_id, reading_g=body.weight(), scale_code=body.scale_code,
            stable=body.stable, typed=body.typed,
        )  # fmt: skip
        return Answer(dump(ParcelOut, found))

    return act(request, actor, [parcel_id, body.model_dump()], work)


@router.put(
    "/{parcel_id}/container", operation_id="stateContainer", summary="State what an empty container weighs",
    responses={200: {"model": ParcelOut}},
)  # fmt: skip
def state(request: Request, actor: Packer, parcel_id: str, body: TareIn) -> Response:
    """State the tare of a container that cannot be weighed empty any more; it counts as true within 5 %."""

    def work(uow: UnitOfWork) -> Answer:
        tenant = tenant_of_parcel(uow, parcel_id=parcel_id)
        return Answer(dump(ParcelOut, state_container(uow, tenant_id=tenant, parcel_id=parcel_id, **body.model_dump())))

    return act(request, actor, [parcel_id, body.model_dump()], work)
