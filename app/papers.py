"""The papers of the house: where each is fetched, who may read it, and how it is drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from app.web.documents import (
    MEDIA_TYPES,
    Document,
    bill_of_lading_document,
    commercial_invoice,
    dangerous_goods,
    full_marks,
    label_document,
    manifest_dangerous_goods,
    manifest_document,
    packing_slip,
    plate_label,
)
from kernel.actors import Actor
from kernel.web.access import requires

PACK, PICK, PLAN = "work:pack", "work:pick", "work:plan"


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper of a parcel, manifest or plate, whose id stands in the path; `told` says what is on it."""

    path: str
    operation: str
    summary: str
    scope: str
    draw: Callable[[Actor, str], Document]
    told: str


PAPERS: Final = (
    Paper(
        "/parcels/{parcel_id}/label.pdf", "getLabel", "Print a label", PACK, label_document,
        "Return the 4 x 6 inch label.",
    ),
    Paper(
        "/parcels/{parcel_id}/label.zpl", "getLabelZpl", "Print a label on a thermal printer", PACK,
        partial(label_document, wanted="zpl"),
        "Return the same label in ZPL II for printers of 203 dpi. 409 `no_font` where an address has a script that no\n"
        "font of this machine draws: the PDF has it.",
    ),
    Paper(
        "/parcels/{parcel_id}/packing-slip.pdf", "getPackingSlip", "Print a packing slip", PACK, packing_slip,
        "Return the packing slip; it carries no price.",
    ),
    Paper(
        "/manifests/{manifest_id}/manifest.pdf", "printManifest", "Print a manifest", PLAN, manifest_document,
        "Return the list that the driver signs.",
    ),
    Paper(
        "/manifests/{manifest_id}/manifest.x12", "getManifestX12", "Fetch a ship notice (X12 856)", PLAN,
        partial(manifest_document, wanted="x12"),
        "Return the manifest as X12 856 (004010): HL shipment, order, packaging, item, each parcel with its SSCC.",
    ),
    Paper(
        "/manifests/{manifest_id}/manifest.jsonld", "getManifestEpcis", "Fetch EPCIS events", PLAN,
        partial(manifest_document, wanted="jsonld"),
        "Return the manifest as EPCIS 2.0 document: the aggregation of each parcel, and the shipping of all.",
    ),
    Paper(
        "/plates/{plate_id}/label.pdf", "getPlateLabel", "Print a license plate", PICK, plate_label,
        "Return the 4 x 6 inch label with the plate's SSCC.",
    ),
    Paper(
        "/manifests/{manifest_id}/bill-of-lading.pdf", "printBillOfLading", "Print a bill of lading", PLAN,
        bill_of_lading_document,
        "Return the bill to be signed by the shipper and the driver. 409 `no_bill_of_lading` before one was issued.",
    ),
    Paper(
        "/parcels/{parcel_id}/dangerous-goods.pdf", "printDangerousGoods",
        "Print a parcel's dangerous goods declaration", PACK, dangerous_goods,
        "Return the transport document of the dangerous goods in a parcel. 409 as `getDangerousGoods`.",
    ),
    Paper(
        "/parcels/{parcel_id}/marks.pdf", "printTransportMarks", "Print a parcel's marks in full size", PACK,
        full_marks,
        "Return the marks of limited quantities and of batteries on A4; the label has them in its own size. 409\n"
        "`no_transport_marks` where there are none.",
    ),
    Paper(
        "/manifests/{manifest_id}/dangerous-goods.pdf", "printManifestDangerousGoods",
        "Print a manifest's dangerous goods declaration", PLAN, manifest_dangerous_goods,
        "Return the transport document of all dangerous goods on a manifest. 409 as `getDangerousGoods`.",
    ),
    Paper(
        "/parcels/{parcel_id}/commercial-invoice.pdf", "printCommercialInvoice", "Print a commercial invoice", PACK,
        commercial_invoice,
        "Return the invoice that travels with a parcel that leaves its customs area, or the pro forma invoice of one\n"
        "that comes back to it. 409 as `getCustomsDeclaration`.",
    ),
)  # fmt: skip


def _serving(paper: Paper, name: str) -> Callable[..., Response]:
    def serve(
        actor: Annotated[Actor, Depends(requires(paper.scope))],
        subject_id: Annotated[str, Path(alias=name, max_length=64)],
    ) -> Response:
        return paper.draw(actor, subject_id).response()

    return serve


router = APIRouter(prefix="/v1")
for _paper in PAPERS:
    _, _subject, _name, _file = _paper.path.split("/")
    _drawn = {"content": {MEDIA_TYPES[_file.rpartition(".")[2]]: {}}, "description": "The document"}
    router.add_api_route(
        _paper.path, _serving(_paper, _name.strip("{}")), operation_id=_paper.operation, summary=_paper.summary,
        description=_paper.told, tags=[_subject], responses={200: _drawn}, response_class=Response,
    )  # fmt: skip
