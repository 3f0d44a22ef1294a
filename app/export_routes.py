from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from app.web.export_papers import customs_declaration
from kernel.actors import Actor
from kernel.db.transactions import transaction
from kernel.web.access import requires

router = APIRouter(prefix="/v1")
Packer = Annotated[Actor, Depends(requires("work:pack"))]
Id = Annotated[str, Path(max_length=64)]


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class CustomsAddressOut(_Out):
    """Who sends or receives the parcel, as it is printed."""

    name: str
    company: str
    lines: list[str]
    city: str
    region: str
    postal_code: str
    country: str = Field(description="ISO 3166-1 alpha-2")


class CustomsLineOut(_Out):
    """Units of one article: net weight in g and value in minor units, both of all units."""

    sku: str
    description: str
    hs_code: str = Field(examples=["691200"])
    country_of_origin: str
    quantity: int
    net_weight_g: int
    unit_value_minor: int
    value_minor: int


class CustomsDeclarationOut(_Out):
    """What customs is told of a parcel, with the fields of a CN 23; `number` is that of the commercial invoice."""

    number: str
    seller: str
    sender: CustomsAddressOut
    recipient: CustomsAddressOut
    phone: str
    tracking_number: str
    issued_on: date
    currency: str
    gross_weight_g: int
    quantity: int
    net_weight_g: int
    value_minor: int
    lines: list[CustomsLineOut]
    is_return: bool = Field(description="The goods come back: `seller` is their importer, the invoice is pro forma")
    notes: list[str] = Field(description="What the paper says beside the goods, as with what they were exported")


@router.get(
    "/parcels/{parcel_id}/customs-declaration", operation_id="getCustomsDeclaration",
    summary="Get a parcel's customs declaration", tags=["parcels"],
)  # fmt: skip
def read_declaration(actor: Packer, parcel_id: Id) -> CustomsDeclarationOut:
    """Return what customs is told of a parcel that leaves its customs area. 409 `no_customs_border` for one that does
    not, 409 `customs_facts_missing` where HS code or origin of its goods are not known any more.
    """
    with transaction(actor) as uow:
        declaration = customs_declaration(uow, parcel_id)
    return CustomsDeclarationOut.model_validate(declaration)
