import re
from collections.abc import Iterator
from dataclasses import dataclass

from kernel.countries import COUNTRIES
from kernel.errors import FieldError

# Letters and digits only: blanks and hyphens are set differently by everybody (UPU, postal addressing systems).
_DIGITS = {
    3: "FO IS MG",
    4: "AL AM AT AU BD BE BG CH CY DK GE GL HU LI LU MK NO NZ PH PY SI TN ZA",
    5: "BA CR CU DE DO DZ EE EG ES FI FR GR GT HR ID IT KR LK MA MC ME MX MY PE RS SE SK CZ SN TH TR UA UY",
    6: "BY CN CO EC IN KG KZ NG RO RU SG TJ TM UZ VN",
    7: "CL JP",
}
_FORMATS = {country: rf"\d{{{count}}}" for count, countries in _DIGITS.items() for country in countries.split()} | {
    "AD": r"(AD)?\d{3}",
    "AR": r"[A-Z]?\d{4}([A-Z]{3})?",
    "BR": r"\d{8}",
    "CA": r"[A-Z]\d[A-Z]\d[A-Z]\d",
    "GB": r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}",
    "IE": r"[A-Z]\d[\dW][A-Z\d]{4}",
    "IL": r"\d{5}(\d{2})?",
    "LT": r"(LT)?\d{5}",
    "LV": r"(LV)?\d{4}",
    "MD": r"(MD)?\d{4}",
    "MT": r"[A-Z]{3}\d{4}",
    "NL": r"\d{4}([A-Z]{2})?",
    "PL": r"\d{5}",
    "PT": r"\d{4}(\d{3})?",
    "SA": r"\d{5}(\d{4})?",
    "TW": r"\d{3}(\d{2,3})?",
    "US": r"\d{5}(\d{4})?",
}
_ANY = r"[A-Z0-9]{0,10}"
"""Of a country whose codes we do not know, or that has none."""
_ALLOWED = re.compile(r"[A-Za-z0-9 -]{0,12}")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where goods would go: a country (ISO 3166-1 alpha-2) and a postal code, as far as that country has them."""

    country: str
    postal_code: str


def destination_of(country: str, postal_code: str) -> Destination:
    """Return a destination as everybody writes it: capital letters, without blanks around."""
    return Destination(country.strip().upper(), postal_code.strip().upper())


def destination_faults(destination: Destination) -> Iterator[FieldError]:
    """Yield what cannot be right about a destination, with the names of the fields as pointers."""
    if destination.country not in COUNTRIES:
        yield FieldError("/country", "unknown_country", "A country is two letters of ISO 3166-1, such as DE.")
    elif not _is_postal_code(destination):
        message = f"{destination.country} has no postal code of this form."
        yield FieldError("/postal_code", "format", message)


def _is_postal_code(destination: Destination) -> bool:
    code = destination.postal_code
    compact = code.replace(" ", "").replace("-", "")
    pattern = _FORMATS.get(destination.country, _ANY)
    return bool(_ALLOWED.fullmatch(code) and re.fullmatch(pattern, compact))
