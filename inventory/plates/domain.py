"""Serial shipping container codes (GS1 General Specifications, section 3.2): what a plate is known by."""

from inventory.domain.barcodes import has_check_digit, sscc_in, with_check_digit
from kernel.errors import Invalid

SSCC_DIGITS = 18
OWN_EXTENSION = "9"
"""The extension digit of our own plates: parcels of the same company prefix count up from 0."""


def require_sscc(scan: str, *, pointer: str = "/sscc") -> str:
    """Return the SSCC that a scan carries, plain or with application identifier 00.

    Raises:
        Invalid: it carries none, or its check digit is wrong.
    """
    found = sscc_in(scan.strip())
    if found:
        return found
    digits = "".join(char for char in scan if char.isdigit())[-SSCC_DIGITS:]
    if len(digits) == SSCC_DIGITS and not has_check_digit(digits):
        raise Invalid(
            f"The check digit of {digits} is wrong.", remedy="Scan the label again, or compare it digit by digit.",
            pointer=pointer,
        )  # fmt: skip
    raise Invalid(
        f"{scan.strip()[:40] or 'Nothing'} is no SSCC.", remedy="Scan the plate's label: 18 digits.", pointer=pointer
    )


def own_sscc(company_prefix: str, serial: int) -> str:
    """Return the SSCC of one of our plates.

    Raises:
        Invalid: the company prefix has no room for so large a number.
    """
    room = SSCC_DIGITS - 2 - len(company_prefix)
    if len(str(serial)) > room:
        raise Invalid("The site's company prefix has no SSCC left for plates.", remedy="Tell an administrator.")
    return with_check_digit(f"{OWN_EXTENSION}{company_prefix}{serial:0{room}d}")
