"""Labels, packing slips and manifests with the names that people use: of orders, returns and manifests, no ids."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from starlette.responses import Response

from app.web.dangerous_papers import manifest_declaration, marks_of, parcel_declaration
from app.web.export_papers import customs_declaration
from app.web.labels import manifest_label, return_label
from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.access.queries import get_merchant, get_site
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork, transaction
from returns import api as returns
from shipping import api as shipping

LabelFormat = Literal["pdf", "zpl"]
ManifestFormat = Literal["pdf", "x12", "jsonld"]
MEDIA_TYPES: Mapping[str, str] = {
    "pdf": "application/pdf", "zpl": "application/zpl", "x12": "application/edi-x12", "jsonld": "application/ld+json",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """What is printed, the name of its file, and its format."""

    name: str
    content: bytes
    format: LabelFormat | ManifestFormat = "pdf"

    def response(self) -> Response:
        """Return it so that a PDF opens in the browser, and a file for printers is saved; its name holds only letters
        that every file system takes.
        """
        safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in self.name)
        place = "inline" if self.format == "pdf" else "attachment"
        disposition = f'{place}; filename="{safe}.{self.format}"'
        headers = {"content-disposition": disposition, "cache-control": "private, no-store"}
        return Response(self.content, media_type=MEDIA_TYPES[self.format], headers=headers)


def label_document(actor: Actor, parcel_id: str, wanted: LabelFormat = "pdf") -> Document:
    """Return a parcel's label, and behind it a page for each mark of dangerous goods in it. If it is paid for but not
    here yet, it is asked for now: somebody stands waiting.

    Raises:
        NotFound: the actor sees no such parcel.
        NoLabelYet: it may not have one yet.
        NoFontForLabel: ZPL is wanted, and no font here has the letters of its address.
    """
    draw = shipping.label_zpl if wanted == "zpl" else shipping.label_pdf
    with transaction(actor) as uow:
        parcel = shipping.parcel_by_id(uow, parcel_id=parcel_id)
    if parcel.state == "cleared":
        shipping.purchase_label(tenant_id=parcel.tenant_id, parcel_id=parcel_id)
    with transaction(actor) as uow:
        number = _printed(uow, parcel)
        drawn = draw(
            uow, tenant_id=parcel.tenant_id, parcel_id=parcel_id, printed_reference=number, marks=marks_of(uow, parcel)
        )
    return Document(f"label-{parcel.tracking_number or parcel.sscc}", drawn, wanted)


def plate_label(actor: Actor, plate_id: str) -> Document:
    """Return the label of a license plate.

    Raises:
        UnknownPlate: the actor sees no such plate.
    """
    with transaction(actor) as uow:
        plate = inventory.get_plate(uow, plate_id)
        lines = tuple(
            f"{each.quantity:,} \N{MULTIPLICATION SIGN} {each.sku}{f', lot {each.lot}' if each.lot else ''}"
            for each in plate.contents
        )
        label = shipping.PlateLabel(
            plate.head.sscc, get_site(uow, plate.head.site_id).name, get_merchant(uow, plate.head.tenant_id).name,
            lines, uow.now.date(),
        )  # fmt: skip
    return Document(f"plate-{plate.head.sscc}", shipping.plate_label_pdf(label))


def packing_slip(actor: Actor, parcel_id: str) -> Document:
    """Return what lies in a parcel, without prices.

    Raises:
        NotFound: the actor sees no such parcel.
    """
    with transaction(actor) as uow:
        parcel = shipping.parcel_by_id(uow, parcel_id=parcel_id)
        known = fulfillment.order_heads(uow, [parcel.reference])
        order = fulfillment.get_order(uow, parcel.reference) if known else None
        number = order.external_id if order else ""
        drawn = shipping.packing_slip_pdf(
            uow, tenant_id=parcel.tenant_id, parcel_id=parcel_id, printed_reference=number,
            gift_message=order.note if order and order.gift else "", note=_services(order, parcel_id) if order else "",
        )  # fmt: skip
    return Document(f"packing-slip-{number or parcel.sscc}", drawn)


def _services(order: fulfillment.OrderView, parcel_id: str) -> str:
    """Return what was done to the goods of a parcel, with what is written on it."""
    done = [
        f"{each.name}: {each.text}" if each.text else each.name
        for each in order.services
        if any(step.parcel_id == parcel_id and step.state == "performed" for step in each.steps)
    ]
    return "\n".join(done)


def commercial_invoice(actor: Actor, parcel_id: str) -> Document:
    """Return the invoice that travels with a parcel that leaves its customs area.

    Raises:
        NotFound: the actor sees no such parcel.
        NoCustomsBorder: it stays inside its customs area.
        CustomsFactsMissing: HS code or origin of its goods are not known.
    """
    with transaction(actor) as uow:
        declaration = customs_declaration(uow, parcel_id)
    return Document(f"invoice-{declaration.number}", shipping.commercial_invoice_pdf(declaration))


def full_marks(actor: Actor, parcel_id: str) -> Document:
    """Return a parcel's marks of dangerous goods in their full size.

    Raises:
        NotFound: the actor sees no such parcel.
        NoMarks: it carries none.
    """
    with transaction(actor) as uow:
        parcel = shipping.parcel_by_id(uow, parcel_id=parcel_id)
        drawn = shipping.marks_pdf(uow, parcel_id=parcel_id, marks=marks_of(uow, parcel))
    return Document(f"marks-{parcel.tracking_number or parcel.sscc}", drawn)


def dangerous_goods(actor: Actor, parcel_id: str) -> Document:
    """Return the transport document of the dangerous goods in a parcel.

    Raises:
        NotFound: the actor sees no such parcel.
        NoDangerousGoods: nothing in it is hazardous.
        DangerousFactsMissing: something that the document says is not known.
    """
    with transaction(actor) as uow:
        told = parcel_declaration(uow, parcel_id)
    return Document(f"dangerous-goods-{told.number}", shipping.dangerous_goods_pdf(told))


def manifest_dangerous_goods(actor: Actor, manifest_id: str) -> Document:
    """Return the transport document of the dangerous goods on a manifest.

    Raises:
        NotFound: the actor sees no such manifest.
        NoDangerousGoods: nothing on it is hazardous.
        DangerousFactsMissing: something that the document says is not known.
    """
    with transaction(actor) as uow:
        told = manifest_declaration(uow, manifest_id)
    return Document(f"dangerous-goods-{told.number}", shipping.dangerous_goods_pdf(told))


def manifest_document(actor: Actor, manifest_id: str, wanted: ManifestFormat = "pdf") -> Document:
    """Return the list that the driver signs, or the same manifest as X12 856 ship notice or EPCIS 2.0 document.

    Raises:
        NotFound: the actor sees no such manifest.
    """
    write = {"pdf": shipping.manifest_pdf, "x12": shipping.manifest_x12, "jsonld": shipping.manifest_epcis}[wanted]
    label = manifest_label(manifest_id)
    with transaction(actor) as uow:
        parcels = shipping.manifest_parcels(uow, manifest_id=manifest_id)
        heads = fulfillment.order_heads(uow, [parcel.reference for parcel in parcels])
        numbers = {order_id: head.external_id for order_id, head in heads.items()}
        drawn = write(uow, manifest_id=manifest_id, printed_number=label, printed_references=numbers)
    return Document(f"manifest-{label}", drawn, wanted)


def bill_of_lading_document(actor: Actor, manifest_id: str) -> Document:
    """Return a manifest's bill of lading.

    Raises:
        NotFound: the actor sees no such manifest.
        NoBillYet: none was issued.
    """
    with transaction(actor) as uow:
        bill = bill_of_lading(uow, manifest_id)
    return Document(f"bill-of-lading-{bill.number}", shipping.bill_of_lading_pdf(bill))


def bill_of_lading(uow: UnitOfWork, manifest_id: str) -> shipping.BillOfLading:
    """Return a manifest's bill of lading under the names that people use.

    Raises:
        NotFound: the actor sees no such manifest.
        NoBillYet: none was issued.
    """
    parcels = shipping.manifest_parcels(uow, manifest_id=manifest_id)
    heads = fulfillment.order_heads(uow, [parcel.reference for parcel in parcels])
    known = inventory.items_by_id(uow, {each.item_id for parcel in parcels for each in parcel.contents})
    marked = {key for key, item in known.items() if item.hazmat}
    return shipping.bill_of_lading(
        uow, manifest_id=manifest_id, printed_number=manifest_label(manifest_id),
        printed_references={order_id: head.external_id for order_id, head in heads.items()},
        dangerous={parcel.id for parcel in parcels if any(each.item_id in marked for each in parcel.contents)},
    )  # fmt: skip


def _printed(uow: UnitOfWork, parcel: shipping.ParcelView) -> str:
    """Return what people call the order, or for a return label the return; "" for a parcel of neither."""
    if parcel.kind == "return":
        found = [each for each in returns.returns_of_order(uow, parcel.reference) if each.parcel_id == parcel.id]
        return return_label(found[0].id) if found else ""
    head = fulfillment.order_heads(uow, [parcel.reference]).get(parcel.reference)
    return head.external_id if head else ""
