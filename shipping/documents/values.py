from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """An address as it is printed; empty parts are left out. `country` is ISO 3166 alpha-2."""

    name: str
    lines: tuple[str, ...]
    city: str
    postal_code: str
    country: str
    company: str = ""
    region: str = ""

    @property
    def printed_lines(self) -> tuple[str, ...]:
        """Lines from the name to the country, without empty ones."""
        place = " ".join(part for part in (self.postal_code, self.city, self.region) if part)
        parts = (self.name, self.company, *self.lines, place, self.country)
        return tuple(part for part in parts if part.strip())


@dataclass(frozen=True, slots=True)
class LabelData:
    """Everything on a shipping label. Weight in g; `sscc` is 18 digits; `parcel_index` counts from one."""

    carrier_name: str
    service_name: str
    tracking_number: str
    sscc: str
    ship_from: PostalAddress
    ship_to: PostalAddress
    weight_g: int
    ship_on: date
    reference: str
    parcel_index: int = 1
    parcel_count: int = 1
    handling_marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SlipLine:
    """A line of a packing slip: what, how many in this parcel, and how many of the order follow separately."""

    sku: str
    description: str
    quantity: int
    following: int = 0


@dataclass(frozen=True, slots=True)
class PackingSlipData:
    """A packing slip. It carries no prices, so that it can go into a gift."""

    merchant_name: str
    order_reference: str
    ship_to: PostalAddress
    ship_on: date
    lines: tuple[SlipLine, ...]
    parcel_index: int = 1
    parcel_count: int = 1
    gift_message: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ManifestParcel:
    """A row of a manifest; weight in g. A pulled parcel was on the closed list, but does not go with the driver."""

    tracking_number: str
    reference: str
    service_name: str
    postal_code: str
    country: str
    weight_g: int
    is_pulled: bool = False


@dataclass(frozen=True, slots=True)
class ManifestData:
    """A closed manifest: one carrier account, one origin, one ship date, its parcels in the order of handover."""

    number: str
    carrier_name: str
    account: str
    origin: PostalAddress
    ship_on: date
    parcels: tuple[ManifestParcel, ...]

    @property
    def loaded(self) -> tuple[ManifestParcel, ...]:
        """What the driver takes."""
        return tuple(parcel for parcel in self.parcels if not parcel.is_pulled)
