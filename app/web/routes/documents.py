"""Labels, packing slips and manifests as PDF, labels also as ZPL, for whoever may see the parcel."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.web.documents import (
    commercial_invoice,
    dangerous_goods,
    full_marks,
    label_document,
    manifest_dangerous_goods,
    manifest_document,
    packing_slip,
    plate_label,
)
from app.web.routes.answers import PageRoute
from app.web.routes.visits import Visit, visitor

router = APIRouter(route_class=PageRoute)
Packer = Annotated[Visit, Depends(visitor("work:pack", "orders:read", "returns:read"))]


@router.get("/parcels/{parcel_id}/label.pdf")
def label(visit: Packer, parcel_id: str) -> Response:
    """Return a parcel's label."""
    return label_document(visit.actor, parcel_id).response()


@router.get("/parcels/{parcel_id}/label.zpl")
def label_zpl(visit: Packer, parcel_id: str) -> Response:
    """Return a parcel's label for a thermal printer."""
    return label_document(visit.actor, parcel_id, "zpl").response()


@router.get("/parcels/{parcel_id}/packing-slip.pdf")
def slip(visit: Packer, parcel_id: str) -> Response:
    """Return what lies in a parcel, without prices."""
    return packing_slip(visit.actor, parcel_id).response()


@router.get("/parcels/{parcel_id}/commercial-invoice.pdf")
def invoice(visit: Packer, parcel_id: str) -> Response:
    """Return the invoice of a parcel that leaves its customs area."""
    return commercial_invoice(visit.actor, parcel_id).response()


@router.get("/parcels/{parcel_id}/dangerous-goods.pdf")
def dangerous(visit: Packer, parcel_id: str) -> Response:
    """Return the transport document of the dangerous goods in a parcel."""
    return dangerous_goods(visit.actor, parcel_id).response()


@router.get("/parcels/{parcel_id}/marks.pdf")
def marks(visit: Packer, parcel_id: str) -> Response:
    """Return a parcel's marks of dangerous goods in their full size."""
    return full_marks(visit.actor, parcel_id).response()


@router.get("/manifests/{manifest_id}/dangerous-goods.pdf")
def dangerous_of_manifest(
    visit: Annotated[Visit, Depends(visitor("work:plan", "work:pack", of_the_house=True))], manifest_id: str
) -> Response:
    """Return the transport document of the dangerous goods on a manifest."""
    return manifest_dangerous_goods(visit.actor, manifest_id).response()


@router.get("/manifests/{manifest_id}.pdf")
def manifest(
    visit: Annotated[Visit, Depends(visitor("work:plan", "work:pack", of_the_house=True))], manifest_id: str
) -> Response:
    """Return the list that the driver signs."""
    return manifest_document(visit.actor, manifest_id).response()


@router.get("/plates/{plate_id}/label.pdf")
def print_plate(
    visit: Annotated[Visit, Depends(visitor("work:pick", "work:plan", of_the_house=True))], plate_id: str
) -> Response:
    """Return the label of a license plate."""
    return plate_label(visit.actor, plate_id).response()
