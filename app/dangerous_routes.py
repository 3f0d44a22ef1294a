from datetime import date

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.export_routes import CustomsAddressOut, Id, Packer
from app.web.dangerous_papers import parcel_declaration
from kernel.db.transactions import transaction

router = APIRouter(prefix="/v1")


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class DangerousLineOut(_Out):
    """Dangerous goods of one kind in a package: net quantity of all units, in g or ml as `unit` says."""

    description: str = Field(examples=["UN1263 PAINT, 3, PG II, (D/E)"], description="in the order of ADR 5.4.1.1.1")
    un_number: str
    proper_shipping_name: str
    hazards: str = Field(examples=["8 (6.1)"])
    packing_group: str
    tunnel_code: str
    quantity: int
    net_quantity: int
    unit: str
    is_limited: bool
    has_battery_mark: bool


class DangerousPackageOut(_Out):
    """A package with dangerous goods; gross weight in g."""

    tracking_number: str
    reference: str
    kind: str
    gross_weight_g: int
    consignee: CustomsAddressOut
    lines: list[DangerousLineOut]


class DangerousGoodsOut(_Out):
    """What the transport document of dangerous goods says (ADR 5.4.1)."""

    number: str
    consignor: CustomsAddressOut
    carrier_name: str
    issued_on: date
    gross_weight_g: int
    packages: list[DangerousPackageOut]


@router.get(
    "/parcels/{parcel_id}/dangerous-goods", operation_id="getDangerousGoods",
    summary="Get what is dangerous in a parcel", tags=["parcels"],
)  # fmt: skip
def read_dangerous_goods(actor: Packer, parcel_id: Id) -> DangerousGoodsOut:
    """Return what the transport document of a parcel says. 409 `no_dangerous_goods` where nothing in it is hazardous,
    409 `dangerous_facts_missing` where UN number, class or quantity of its goods are not known.
    """
    with transaction(actor) as uow:
        told = parcel_declaration(uow, parcel_id)
    return DangerousGoodsOut.model_validate(told)
