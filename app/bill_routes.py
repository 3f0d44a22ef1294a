from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from app.web.documents import bill_of_lading
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.access import requires
from kernel.web.acting import Answer, act
from shipping import api as shipping

router = APIRouter(prefix="/v1")
Planner = Annotated[Actor, Depends(requires("work:plan"))]
Id = Annotated[str, Path(max_length=64)]


class BillOfLadingIn(BaseModel):
    """What the carrier told about its collection; what is left out stays a blank line on the bill."""

    model_config = ConfigDict(extra="forbid", str_max_length=200)
    scac: str = Field(default="", description="two to four letters; left out: that of the carrier's last bill here")
    pro_number: str = Field(default="", description="the carrier's number of the freight, at most 30 characters")
    trailer: str = Field(default="", description="at most 30 characters")
    seal: str = Field(default="", description="at most 30 characters")


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class LadingLineOut(_Out):
    """Goods in one kind of packaging; gross weight in g."""

    kind: str = Field(examples=["Pallet"])
    units: int = Field(description="handling units: containers, or packages that stand in none")
    packages: int
    weight_g: int
    is_dangerous: bool
    commodity: str


class LadingParcelOut(_Out):
    """A package on the bill; gross weight in g. `container` is the SSCC it stands in, empty for a loose one."""

    tracking_number: str
    reference: str
    country: str
    postal_code: str
    weight_g: int
    container: str
    is_dangerous: bool


class BillOfLadingOut(_Out):
    """A bill of lading. `number` is a GSIN (GS1 application identifier 402): 17 digits, the last a check digit."""

    number: str = Field(examples=["40123450000000016"])
    manifest_number: str
    carrier_name: str
    scac: str
    pro_number: str
    trailer: str
    seal: str
    ship_on: date
    units: int
    packages: int
    weight_g: int
    lines: list[LadingLineOut]
    parcels: list[LadingParcelOut]


@router.post(
    "/manifests/{manifest_id}/bill-of-lading", operation_id="issueBillOfLading", summary="Issue a bill of lading",
    tags=["manifests"], responses={200: {"model": BillOfLadingOut}},
)  # fmt: skip
def issue(request: Request, actor: Planner, manifest_id: Id, body: BillOfLadingIn) -> Response:
    """Give a closed manifest its bill of lading. The number is given once: sent again, the bill keeps it and takes on
    what is told now.
    """

    def work(uow: UnitOfWork) -> Answer:
        shipping.issue_bill_of_lading(uow, manifest_id=manifest_id, **body.model_dump())
        bill = BillOfLadingOut.model_validate(bill_of_lading(uow, manifest_id))
        return Answer(bill.model_dump(mode="json"))

    return act(request, actor, body.model_dump(), work)


@router.get(
    "/manifests/{manifest_id}/bill-of-lading", operation_id="getBillOfLading", summary="Get a bill of lading",
    tags=["manifests"],
)  # fmt: skip
def read(actor: Planner, manifest_id: Id) -> BillOfLadingOut:
    """Return what the driver takes, by packaging. 409 `no_bill_of_lading` before one was issued."""
    with transaction(actor) as uow:
        bill = bill_of_lading(uow, manifest_id)
    return BillOfLadingOut.model_validate(bill)
