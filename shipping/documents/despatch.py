"""What a closed manifest tells other systems: the values that its machine files are written from."""

from dataclasses import dataclass
from datetime import date, datetime

from shipping.documents.values import PostalAddress


@dataclass(frozen=True, slots=True)
class DespatchLine:
    """Units of one article in a parcel."""

    sku: str
    name: str
    quantity: int


@dataclass(frozen=True, slots=True)
class DespatchParcel:
    """A parcel that goes with the driver; weight in g. `order` is what people call its order, `container` the SSCC of
    the pallet, cage or bag that it stands in since `contained_at`, empty for a loose one.
    """

    sscc: str
    tracking_number: str
    order: str
    ship_to: PostalAddress
    weight_g: int
    packed_at: datetime
    lines: tuple[DespatchLine, ...]
    container: str = ""
    contained_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Despatch:
    """A closed manifest without what was pulled off it or left behind. `serial` counts the manifests of its site, from
    one on.

    `left_at` is when the driver took it, else when it was closed; `time_zone` is the site's.
    """

    id: str
    number: str
    serial: int
    carrier: str
    carrier_name: str
    site_code: str
    origin: PostalAddress
    time_zone: str
    ship_on: date
    closed_at: datetime
    left_at: datetime
    parcels: tuple[DespatchParcel, ...]
