from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select

from kernel.access.queries import SiteView, get_merchant
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound, Refusal
from kernel.quantity import counted
from shipping.account_labels import carrier_label_of
from shipping.documents.labels import return_label, shipping_label
from shipping.documents.manifests import manifest_pdf as draw_manifest
from shipping.documents.pages import Page
from shipping.documents.pdf_pages import page_pdf
from shipping.documents.plates import PlateLabel, plate_label_pdf
from shipping.documents.slips import packing_slip_pdf as draw_slip
from shipping.documents.transport_marks import TransportMarks, full_mark_pages, mark_pages
from shipping.documents.values import (
    LabelData,
    ManifestData,
    ManifestParcel,
    PackingSlipData,
    PostalAddress,
    SlipLine,
)
from shipping.documents.zpl_pages import page_zpl
from shipping.lanes import get_container
from shipping.models.parcels import ManifestParcelRow, ParcelRow
from shipping.queries import get_manifest, get_parcel, parcel_by_id, parcels_of
from shipping.site_terms import terms_of
from shipping.views import ParcelView, ShipTo

NO_MARKS: Final = TransportMarks()


class NoMarks(Refusal):
    """The parcel carries no mark of dangerous goods."""

    code = "no_transport_marks"
    title = "This parcel carries no mark"


class NoLabelYet(Refusal):
    """The parcel has no label to print."""

    code = "no_label"
    title = "The parcel has no label yet"


class CarrierLabelUnlike(Refusal):
    """The carrier draws this label itself, and not in the wanted form."""

    code = "carrier_label_unlike"
    title = "The carrier's label is not in this form"


def label_pdf(
    uow: UnitOfWork, *, tenant_id: str, parcel_id: str, printed_reference: str = "",
    marks: TransportMarks = NO_MARKS,
) -> bytes:  # fmt: skip
    """Return the 4 x 6 inch label of a parcel: the carrier's own where it was bought through an account, else ours with
    a page for each of its `marks`. `printed_reference` is what people call the order (or the return), in place of its
    id. Behind a carrier's own label nothing is added: `marks_pdf` has the marks.

    Raises:
        NotFound: this caller has no such parcel.
        NoLabelYet: its label was not bought, or was voided.
        CarrierLabelUnlike: the carrier gave no PDF.
    """
    theirs = _carriers_label(uow, tenant_id, parcel_id, "application/pdf")
    return theirs or page_pdf(*_label(uow, tenant_id, parcel_id, printed_reference, marks))


def label_zpl(
    uow: UnitOfWork, *, tenant_id: str, parcel_id: str, printed_reference: str = "",
    marks: TransportMarks = NO_MARKS,
) -> bytes:  # fmt: skip
    """Return the same label and marks in ZPL II, for thermal printers of 203 dpi that are sent to directly.

    Raises:
        NotFound: this caller has no such parcel.
        NoLabelYet: its label was not bought, or was voided.
        NoFontForLabel: this machine has no font for the address.
        CarrierLabelUnlike: the carrier gave no ZPL.
    """
    theirs = _carriers_label(uow, tenant_id, parcel_id, "application/zpl")
    return theirs or page_zpl(*_label(uow, tenant_id, parcel_id, printed_reference, marks))


def marks_pdf(uow: UnitOfWork, *, parcel_id: str, marks: TransportMarks) -> bytes:
    """Return a parcel's marks in their full size on A4.

    Raises:
        NotFound: this caller has no such parcel.
        NoMarks: the parcel carries none.
    """
    parcel = parcel_by_id(uow, parcel_id=parcel_id)
    if not marks.are_any:
        raise NoMarks("Nothing in it asks for one.", remedy="Send it without.")
    return page_pdf(*full_mark_pages(marks, caption=parcel.tracking_number or parcel.sscc))


def packing_slip_pdf(
    uow: UnitOfWork, *, tenant_id: str, parcel_id: str, printed_reference: str = "", gift_message: str = "",
    note: str = "",
) -> bytes:  # fmt: skip
    """Return a parcel's packing slip, with a note below its lines. It carries no price.

    Raises:
        NotFound: this caller has no such parcel.
    """
    parcel = get_parcel(uow, tenant_id=tenant_id, parcel_id=parcel_id)
    index, count = _place_in_order(uow, parcel)
    slip = PackingSlipData(
        merchant_name=get_merchant(uow, tenant_id).name, order_reference=printed_reference or parcel.reference,
        ship_to=address_of(parcel.ship_to), ship_on=parcel.ship_date or parcel.packed_at.date(),
        lines=tuple(SlipLine(c.sku, c.name, c.quantity) for c in parcel.contents), parcel_index=index,
        parcel_count=count, gift_message=gift_message, note=note,
    )  # fmt: skip
    return draw_slip(slip)


def manifest_pdf(
    uow: UnitOfWork, *, manifest_id: str, printed_number: str = "", printed_references: Mapping[str, str] | None = None
) -> bytes:
    """Return the list that the driver signs. `printed_number` is what people call the manifest, `printed_references`
    what they call the orders, by reference, in place of their ids.

    Raises:
        NotFound: there is no such manifest for this caller.
    """
    manifest = get_manifest(uow, manifest_id=manifest_id)
    terms = terms_of(uow, manifest.site_id)
    site = terms.site
    name = next((s.carrier_name for s in terms.services if s.carrier == manifest.carrier), manifest.carrier)
    parcels = _members(uow, manifest_id, {(s.carrier, s.service): s.service_name for s in terms.services})
    known = printed_references or {}
    told = tuple(replace(parcel, reference=known.get(parcel.reference, parcel.reference)) for parcel in parcels)
    data = ManifestData(printed_number or manifest.id, name, site.code, origin_of(site), manifest.ship_date, told)
    return draw_manifest(data)


def _carriers_label(uow: UnitOfWork, tenant_id: str, parcel_id: str, media_type: str) -> bytes | None:
    """Return the label that a real carrier drew, None when it is ours to draw."""
    parcel = get_parcel(uow, tenant_id=tenant_id, parcel_id=parcel_id)
    row = carrier_label_of(uow, tenant_id, parcel.label_id)
    if row is None or not parcel.tracking_number:
        return None
    if row.media_type == media_type:
        return row.document
    if not row.media_type:
        detail = "The carrier told its number and gave no label to print."
        raise CarrierLabelUnlike(detail, remedy=f"Print {parcel.tracking_number} in the carrier's own tool.")
    other = "ZPL" if row.media_type.endswith("zpl") else "PDF"
    raise CarrierLabelUnlike(f"The carrier gave this label as {other}.", remedy=f"Print it as {other}.")


def _label(
    uow: UnitOfWork, tenant_id: str, parcel_id: str, printed_reference: str, marks: TransportMarks
) -> list[Page]:  # fmt: skip
    parcel = get_parcel(uow, tenant_id=tenant_id, parcel_id=parcel_id)
    if parcel.state not in {"labelled", "manifested", "handed_over"}:
        raise NoLabelYet(f"The parcel is {parcel.state}.", remedy="Buy its label first.")
    terms = terms_of(uow, parcel.site_id)
    service = terms.service(parcel.carrier, parcel.service)
    here, there = origin_of(terms.site), address_of(parcel.ship_to)
    is_return = parcel.kind == "return"
    index, count = _place_in_order(uow, parcel)
    reference = printed_reference or parcel.reference
    label = LabelData(
        carrier_name=service.carrier_name if service else parcel.carrier,
        service_name=service.service_name if service else parcel.service, tracking_number=parcel.tracking_number,
        sscc=parcel.sscc, ship_from=there if is_return else here, ship_to=here if is_return else there,
        weight_g=parcel.weight_g or parcel.expected_g, ship_on=parcel.ship_date or parcel.packed_at.date(),
        reference=reference, parcel_index=index, parcel_count=count,
    )  # fmt: skip
    if is_return:
        return [return_label(label, rma_number=reference)]
    return [shipping_label(label), *mark_pages(marks, caption=parcel.tracking_number, outer_mm=parcel.outer_mm)]


def _members(uow: UnitOfWork, manifest_id: str, names: dict[tuple[str, str], str]) -> tuple[ManifestParcel, ...]:
    member = (ManifestParcelRow.tenant_id == ParcelRow.tenant_id) & (ManifestParcelRow.parcel_id == ParcelRow.id)
    statement = (
        select(
            ManifestParcelRow.tracking_number, ParcelRow.carrier, ParcelRow.service, ParcelRow.reference,
            ParcelRow.ship_to, ParcelRow.manifest_id, ManifestParcelRow.weight_g,
        )
        .join(ParcelRow, member)
        .where(ManifestParcelRow.manifest_id == manifest_id)
        .order_by(ParcelRow.service, ManifestParcelRow.tracking_number)
    )  # fmt: skip
    rows = uow.session.execute(statement).all()
    if not rows:
        raise NotFound("There is no such manifest.")
    return tuple(
        ManifestParcel(
            r.tracking_number, r.reference, names.get((r.carrier, r.service), r.service), r.ship_to["postal_code"],
            r.ship_to["country"], r.weight_g, is_pulled=r.manifest_id != manifest_id,
        )
        for r in rows
    )  # fmt: skip


def _place_in_order(uow: UnitOfWork, parcel: ParcelView) -> tuple[int, int]:
    together = [
        p.id
        for p in parcels_of(uow, tenant_id=parcel.tenant_id, reference=parcel.reference)
        if p.kind == parcel.kind and (p.state != "voided" or p.id == parcel.id)
    ]
    return together.index(parcel.id) + 1, len(together)


def origin_of(site: SiteView) -> PostalAddress:
    """Return a site's address as documents print it."""
    lines = (site.street,) if site.street else ()
    return PostalAddress(site.name, lines, site.city, site.postal_code, site.country, region=site.region)


def consignor_of(site: SiteView, merchant: str) -> PostalAddress:
    """Return who sends: a site, and whose goods they are where all are of one merchant."""
    return replace(origin_of(site), company=merchant)


def address_of(to: ShipTo) -> PostalAddress:
    """Return a recipient's address as documents print it."""
    lines = tuple(line for line in (to.street, to.street2) if line)
    return PostalAddress(to.name, lines, to.city, to.postal_code, to.country, to.company, to.region)


def container_label_pdf(uow: UnitOfWork, *, container_id: str) -> bytes:
    """Return the 4 x 6 inch label of a container at the lanes: its lane, its carrier, its content and its SSCC.

    Raises:
        NotFound: there is no such container for this caller.
    """
    box = get_container(uow, container_id=container_id)
    terms = terms_of(uow, box.site_id)
    name = next((each.carrier_name for each in terms.services if each.carrier == box.carrier), box.carrier)
    weight = f"{box.weight_g / 1000:,.1f} kg"
    lines = (counted(box.parcels, "parcel"), weight) if box.parcels else ()
    day = uow.now.astimezone(ZoneInfo(terms.site.time_zone)).date()
    label = PlateLabel(
        box.sscc, terms.site.name, name, lines, day, title=box.kind.upper(), whose=f"LANE {box.lane_code} FOR"
    )
    return plate_label_pdf(label)
