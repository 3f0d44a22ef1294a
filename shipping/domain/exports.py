import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from kernel.errors import FieldError

INCOTERMS: Final = ("DAP", "DDP")
"""Who pays duties and taxes (Incoterms 2020): with DAP the recipient, with DDP the sender's account at the carrier."""
EORI_AREAS: Final = frozenset({"EU", "GB"})
"""Customs areas in which nobody exports goods for sale without an EORI number (Regulation (EU) No 952/2013, Article 9;
kept by the United Kingdom in its Taxation (Cross-border Trade) Act 2018).
"""
MAX_SIGNER: Final = 35
MAX_PHONE: Final = 15
_EORI = re.compile(r"[A-Z]{2}[A-Z0-9]{1,15}")
_TAX_NUMBER = re.compile(r"[A-Z0-9]{4,15}")
_PHONE = re.compile(r"\+?[0-9]{5,14}")


@dataclass(frozen=True, slots=True)
class ExportTerms:
    """Who exports a merchant's goods, and on which terms; empty where it is not known.

    `eori` and `vat_number` are without blanks, `phone` is digits after a plus, `signer` is the person who answers for
    the declaration. `incoterm` is DAP or DDP.
    """

    eori: str = ""
    vat_number: str = ""
    signer: str = ""
    phone: str = ""
    incoterm: str = "DAP"


@dataclass(frozen=True, slots=True)
class ExportGoods:
    """What customs asks of one line of a parcel; `unit_value_minor` is what one unit was sold for. Empty texts and None
    where it is not known.
    """

    line_id: str
    item_id: str
    hs_code: str
    country_of_origin: str
    unit_value_minor: int | None


@dataclass(frozen=True, slots=True)
class CustomsItem:
    """Units of one article that cross a border: net weight in g of all units, value in minor units of one."""

    sku: str
    description: str
    hs_code: str
    country_of_origin: str
    quantity: int
    net_weight_g: int
    unit_value_minor: int

    @property
    def value_minor(self) -> int:
        """The value of all units in minor units."""
        return self.quantity * self.unit_value_minor


@dataclass(frozen=True, slots=True)
class OriginalExport:
    """The parcel in which goods left the customs area to which they come back; `waybill` is its tracking number."""

    invoice_number: str
    exported_on: date
    waybill: str

    @property
    def words(self) -> str:
        """What customs finds the export by."""
        return f"invoice {self.invoice_number} of {self.exported_on.isoformat()}, waybill {self.waybill}"


@dataclass(frozen=True, slots=True)
class CustomsFacts:
    """All that a carrier declares for a parcel of goods that were sold, or that come back; `currency` is the order's.

    `originals` are the exports of goods that come back, none for goods that are sold. Of those, `seller` and `terms`
    are the importer's: who exported them.
    """

    items: tuple[CustomsItem, ...]
    currency: str
    invoice_number: str
    invoice_date: date
    seller: str
    terms: ExportTerms
    originals: tuple[OriginalExport, ...] = ()

    @property
    def value_minor(self) -> int:
        """The total of the invoice in minor units."""
        return sum(item.value_minor for item in self.items)


def pro_forma_number(original: str, sscc: str) -> str:
    """Return the number of the pro forma invoice of goods that come back: that of their export's invoice, and the
    returning parcel's last digits.
    """
    return f"{original}-R{sscc[-5:]}"


def export_term_faults(terms: ExportTerms) -> list[FieldError]:
    """Return what cannot be right about export terms."""
    told = (
        ("eori", not terms.eori or _EORI.fullmatch(terms.eori), "Two letters and up to 15 digits, as DE1234567."),
        ("vat_number", not terms.vat_number or _TAX_NUMBER.fullmatch(terms.vat_number), "4 to 15 letters and digits."),
        ("signer", len(terms.signer) <= MAX_SIGNER, f"Write at most {MAX_SIGNER} characters."),
        ("phone", not terms.phone or _PHONE.fullmatch(terms.phone), "A plus and 5 to 14 digits, as +4930123456."),
        ("incoterm", terms.incoterm in INCOTERMS, f"Choose one of {', '.join(INCOTERMS)}."),
    )  # fmt: skip
    return [FieldError(f"/{name}", "invalid", words) for name, is_right, words in told if not is_right]


def untold_terms(terms: ExportTerms, *, needs_eori: bool) -> list[str]:
    """Return the names of what a carrier asks of an exporter and nobody has told."""
    told = (
        ("signer", terms.signer), ("phone", terms.phone), ("EORI number", terms.eori or not needs_eori),
    )  # fmt: skip
    return [name for name, value in told if not value]


def untold_goods(goods: ExportGoods | None) -> list[str]:
    """Return the names of what customs asks of goods and nobody has told."""
    if goods is None:
        return ["HS code", "country of origin", "value"]
    told = (
        ("HS code", goods.hs_code),
        ("country of origin", goods.country_of_origin),
        ("value", goods.unit_value_minor),
    )
    return [name for name, value in told if not value]
