from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from kernel.access.queries import require_site
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act
from shipping.accounts.queries import carrier_services
from shipping.commands.set_service_goods import set_service_goods
from shipping.domain.dangerous_goods import GoodsTerms
from shipping.routes.callers import Planner, Reader, dump, site_of

router = APIRouter(prefix="/v1/carrier-services")
SiteId = Annotated[str | None, Query(max_length=60)]
Name = Annotated[str, Path(max_length=60)]


class ServiceGoodsIn(BaseModel):
    """Which dangerous goods a service takes, each choice with those before it, and whether it flies."""

    model_config = ConfigDict(extra="forbid", strict=True)
    site_id: str = Field(max_length=60)
    dangerous_goods: Literal["none", "excepted", "limited_quantities", "fully_regulated"] = Field(
        description="excepted: batteries of special provision 188, by air Section II; fully_regulated: all with papers."
        " A service by air takes excepted at most"
    )
    mode: Literal["ground", "air"]


class CarrierServiceOut(BaseModel):
    """A service of a site. While its dangerous goods are `not_stated`, it takes everything, and `mode` is empty."""

    model_config = ConfigDict(from_attributes=True)
    carrier: str = Field(examples=["swift_parcel"])
    service: str = Field(examples=["express"])
    carrier_name: str
    service_name: str
    cut_off: str = Field(examples=["17:30"], description="local time")
    is_baseline: bool
    dangerous_goods: Literal["not_stated", "none", "excepted", "limited_quantities", "fully_regulated"]
    mode: Literal["", "ground", "air"]


class CarrierServiceList(BaseModel):
    """Services by carrier and service."""

    model_config = ConfigDict(from_attributes=True)
    items: list[CarrierServiceOut]


@router.get("", operation_id="listCarrierServices", summary="Which services a site uses", tags=["rates"])
def list_services(actor: Reader, site_id: SiteId = None) -> CarrierServiceList:
    """Return a site's carrier services, with the dangerous goods that each takes."""
    with transaction(actor) as uow:
        found = carrier_services(uow, site_id=site_of(uow, actor, site_id))
    return CarrierServiceList.model_validate({"items": found})


@router.put(
    "/{carrier}/{service}/dangerous-goods", operation_id="setServiceGoods",
    summary="Say which dangerous goods a service takes", tags=["rates"], responses={200: {"model": CarrierServiceOut}},
)  # fmt: skip
def put_goods(request: Request, actor: Planner, carrier: Name, service: Name, body: ServiceGoodsIn) -> Response:
    """State it from the next label on: a parcel with goods that the service does not take goes by another."""

    def work(uow: UnitOfWork) -> Answer:
        stated = set_service_goods(
            uow, site_id=require_site(uow, actor, body.site_id), carrier=carrier, service=service,
            goods=GoodsTerms(body.dangerous_goods, body.mode),
        )  # fmt: skip
        return Answer(dump(CarrierServiceOut, stated))

    return act(request, actor, [carrier, service, body.model_dump()], work)
