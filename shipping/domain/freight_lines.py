"""A carrier's invoice as it was read, before anything is compared."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from shipping.domain.billed_weight import G_PER_KG, G_PER_POUND
from shipping.domain.freight_audit import Charge

WEIGHT_UNITS: Final = {"g": Fraction(1), "kg": G_PER_KG, "lb": G_PER_POUND, "oz": G_PER_POUND / 16}


@dataclass(frozen=True, slots=True)
class BilledLine:
    """One row of a carrier's invoice: its line in the file, what could be read, and what could not, in sentences.

    Money is minor units, `total_minor` 0 where it could not be read; the weight is as it was written, with its unit.
    A row with faults is kept, and compared with nothing.
    """

    line: int
    tracking_number: str = ""
    service: str = ""
    weight: str = ""
    weight_unit: str = ""
    zone: str = ""
    base_minor: int | None = None
    surcharges: tuple[tuple[str, int], ...] = ()
    total_minor: int = 0
    faults: tuple[str, ...] = ()
    raw: dict[str, str] = field(default_factory=dict)

    def charge(self, currency: str) -> Charge:
        """Return the line as it is compared."""
        weight_g = Fraction(Decimal(self.weight)) * WEIGHT_UNITS[self.weight_unit] if self.weight else None
        return Charge(self.total_minor, currency, self.service, weight_g, self.zone, self.surcharges)


@dataclass(frozen=True, slots=True)
class BilledInvoice:
    """One invoice of a file: its number and day, its currency, and its rows; `digest` is the hash of their content."""

    number: str
    invoice_date: date | None
    currency: str
    digest: str
    lines: tuple[BilledLine, ...]


@dataclass(frozen=True, slots=True)
class InvoiceOwner:
    """Whose contract an invoice is under: a merchant's own, or else a site's. One of the two is empty."""

    tenant_id: str = ""
    site_id: str = ""

    @property
    def key(self) -> str:
        """The id of the owner."""
        return self.tenant_id or self.site_id
