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
_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}, "description": "The document"}}

_ZPL: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zpl": {}}, "description": "The document"}}


@router.get(
    "/parcels/{parcel_id}/label.pdf", operation_id="getLabel", summary="Print a label", tags=["parcels"],
    responses=_PDF, response_class=Response,
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
    tags=["parcels"], responses=_PDF, response_class=Response,
)  # fmt: skip
def print_slip(actor: Packer, parcel_id: Id) -> Response:
    """Return the packing slip; it carries no price."""
    return packing_slip(actor, parcel_id).response()


@router.get(
    "/manifests/{manifest_id}/manifest.pdf", operation_id="printManifest", summary="Print a manifest",
    tags=["manifests"], responses=_PDF, response_class=Response,
)  # fmt: skip
def print_manifest(actor: Planner, manifest_id: Id) -> Response:
    """Return the list that the driver signs."""
    return manifest_document(actor, manifest_id).response()


@router.get(
    "/plates/{plate_id}/label.pdf", operation_id="getPlateLabel", summary="Print a license plate", tags=["plates"],
    responses=_PDF, response_class=Response,
)  # fmt: skip
def print_plate(actor: Picker, plate_id: Id) -> Response:
    """Return the 4 x 6 inch label with the plate's SSCC."""
    return plate_label(actor, plate_id).response()
