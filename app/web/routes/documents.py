"""Labels, packing slips and manifests as PDF, for whoever may see the parcel."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.web.labels import manifest_label, return_label
from app.web.routes.answers import PageRoute
from app.web.routes.visits import Visit, visitor
from fulfillment import api as fulfillment
from kernel.db.transactions import UnitOfWork, transaction
from returns import api as returns
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Packer = Annotated[Visit, Depends(visitor("work:pack", "orders:read", "returns:read"))]


@router.get("/parcels/{parcel_id}/label.pdf")
def label(visit: Packer, parcel_id: str) -> Response:
    """Return a parcel's label. If it is paid for but not here yet, it is asked for now: the packer stands waiting."""
    with transaction(visit.actor) as uow:
        parcel = shipping.parcel_by_id(uow, parcel_id=parcel_id)
    if parcel.state == "cleared":
        shipping.purchase_label(tenant_id=parcel.tenant_id, parcel_id=parcel_id)
    with transaction(visit.actor) as uow:
        number = _printed(uow, parcel)
        document = shipping.label_pdf(uow, tenant_id=parcel.tenant_id, parcel_id=parcel_id, printed_reference=number)
    return pdf(document, f"label-{parcel.tracking_number or parcel.sscc}")


@router.get("/parcels/{parcel_id}/packing-slip.pdf")
def packing_slip(visit: Packer, parcel_id: str) -> Response:
    """Return what lies in a parcel, without prices."""
    with transaction(visit.actor) as uow:
        parcel = shipping.parcel_by_id(uow, parcel_id=parcel_id)
        order = fulfillment.get_order(uow, parcel.reference)
        document = shipping.packing_slip_pdf(
            uow, tenant_id=parcel.tenant_id, parcel_id=parcel_id, printed_reference=order.external_id,
            gift_message=order.note if order.gift else "",
        )  # fmt: skip
    return pdf(document, f"packing-slip-{order.external_id}")


@router.get("/manifests/{manifest_id}.pdf")
def manifest(
    visit: Annotated[Visit, Depends(visitor("work:plan", "work:pack", of_the_house=True))], manifest_id: str
) -> Response:
    """Return the list that the driver signs."""
    with transaction(visit.actor) as uow:
        parcels = shipping.manifest_parcels(uow, manifest_id=manifest_id)
        heads = fulfillment.order_heads(uow, [parcel.reference for parcel in parcels])
        numbers = {order_id: head.external_id for order_id, head in heads.items()}
        document = shipping.manifest_pdf(
            uow, manifest_id=manifest_id, printed_number=manifest_label(manifest_id), printed_references=numbers
        )
    return pdf(document, f"manifest-{manifest_label(manifest_id)}")


def _printed(uow: UnitOfWork, parcel: shipping.ParcelView) -> str:
    """Return what people call the order, or for a return label the return."""
    if parcel.kind == "return":
        found = [each for each in returns.returns_of_order(uow, parcel.reference) if each.parcel_id == parcel.id]
        return return_label(found[0].id) if found else ""
    return fulfillment.get_order(uow, parcel.reference).external_id


def pdf(document: bytes, name: str) -> Response:
    """Return a PDF that opens in the browser; its name holds only letters that every file system takes."""
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)
    headers = {"content-disposition": f'inline; filename="{safe}.pdf"'}
    return Response(document, media_type="application/pdf", headers=headers)
