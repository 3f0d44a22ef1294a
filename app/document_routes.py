from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from app.web.documents import label_document, manifest_document, packing_slip, plate_label
from kernel.actors import Actor
from kernel.web.access import requires

router = APIRouter(prefix="/v1")
Packer = Annotated[Actor, Depends(requires("work:pack"))]
Picker = Annotated[Actor, Depends(requires("work:pick"))]
Planner = Annotated[Actor, Depends(requires("work:plan"))]
Id = Annotated[str, Path(max_length=64)]
Answers = dict[int | str, dict[str, Any]]
PDF: Answers = {200: {"content": {"application/pdf": {}}, "description": "The document"}}
_ZPL: Answers = {200: {"content": {"application/zpl": {}}, "description": "The document"}}
_X12: Answers = {200: {"content": {"application/edi-x12": {}}, "description": "The document"}}
_EPCIS: Answers = {200: {"content": {"application/ld+json": {}}, "description": "The document"}}


@router.get(
    "/parcels/{parcel_id}/label.pdf", operation_id="getLabel", summary="Print a label", tags=["parcels"],
    responses=PDF, response_class=Response,
)  # fmt: skip
def print_label(actor: Packer, parcel_id: Id) -> Response:
    """Return the 4 x 6 inch label."""
    return label_document(actor, parcel_id).response()


@router.get(
    "/parcels/{parcel_id}/label.zpl", operation_id="getLabelZpl", summary="Print a label on a thermal printer",
    tags=["parcels"], responses=_ZPL, response_class=Response,
)  # fmt: skip
def print_label_zpl(actor: Packer, parcel_id: Id) -> Response:
    """Return the same label in ZPL II for printers of 203 dpi. 409 `no_font` where an address has a script that no
    font of this machine draws: the PDF has it.
    """
    return label_document(actor, parcel_id, "zpl").response()


@router.get(
    "/parcels/{parcel_id}/packing-slip.pdf", operation_id="getPackingSlip", summary="Print a packing slip",
    tags=["parcels"], responses=PDF, response_class=Response,
)  # fmt: skip
def print_slip(actor: Packer, parcel_id: Id) -> Response:
    """Return the packing slip; it carries no price."""
    return packing_slip(actor, parcel_id).response()


@router.get(
    "/manifests/{manifest_id}/manifest.pdf", operation_id="printManifest", summary="Print a manifest",
    tags=["manifests"], responses=PDF, response_class=Response,
)  # fmt: skip
def print_manifest(actor: Planner, manifest_id: Id) -> Response:
    """Return the list that the driver signs."""
    return manifest_document(actor, manifest_id).response()


@router.get(
    "/manifests/{manifest_id}/manifest.x12", operation_id="getManifestX12", summary="Fetch a ship notice (X12 856)",
    tags=["manifests"], responses=_X12, response_class=Response,
)  # fmt: skip
def fetch_ship_notice(actor: Planner, manifest_id: Id) -> Response:
    """Return the manifest as X12 856 (004010): HL shipment, order, packaging, item, each parcel with its SSCC."""
    return manifest_document(actor, manifest_id, "x12").response()


@router.get(
    "/manifests/{manifest_id}/manifest.jsonld", operation_id="getManifestEpcis", summary="Fetch EPCIS events",
    tags=["manifests"], responses=_EPCIS, response_class=Response,
)  # fmt: skip
def fetch_epcis(actor: Planner, manifest_id: Id) -> Response:
    """Return the manifest as EPCIS 2.0 document: the aggregation of each parcel, and the shipping of all."""
    return manifest_document(actor, manifest_id, "jsonld").response()


@router.get(
    "/plates/{plate_id}/label.pdf", operation_id="getPlateLabel", summary="Print a license plate", tags=["plates"],
    responses=PDF, response_class=Response,
)  # fmt: skip
def print_plate(actor: Picker, plate_id: Id) -> Response:
    """Return the 4 x 6 inch label with the plate's SSCC."""
    return plate_label(actor, plate_id).response()
