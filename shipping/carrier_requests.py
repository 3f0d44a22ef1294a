from kernel.access.queries import SiteView
from kernel.money import Money
from shipping.gateways.carriers import CarrierAddress, LabelRequest
from shipping.models.parcels import LabelRow, ParcelRow


def label_request(label: LabelRow, parcel: ParcelRow, site: SiteView) -> LabelRequest:
    """Return what a carrier is asked for: our label's id is the reference that makes the question repeatable."""
    here, there = site_address(site), _party_address(parcel)
    is_return = parcel.kind == "return"
    return LabelRequest(
        reference=label.id, carrier=label.carrier, service=label.service,
        weight_g=parcel.weight_g or max(parcel.expected_g, 1), length_mm=parcel.length_mm, width_mm=parcel.width_mm,
        height_mm=parcel.height_mm, ship_from=there if is_return else here, ship_to=here if is_return else there,
        quote=Money(label.price_minor, label.currency), serial=label.serial, is_return=is_return,
    )  # fmt: skip


def site_address(site: SiteView) -> CarrierAddress:
    """Return where a site ships from, as a carrier is told."""
    street, city = site.street or site.name, site.city or site.name
    return CarrierAddress(site.name, street, city, site.postal_code or "-", site.country, site.region)


def _party_address(parcel: ParcelRow) -> CarrierAddress:
    to = parcel.ship_to
    street = " ".join(part for part in (to["street"], to["street2"]) if part)
    name = to["name"] or to["company"]
    return CarrierAddress(
        name, street or "-", to["city"] or "-", to["postal_code"] or "-", to["country"], to["region"], to["phone"]
    )
