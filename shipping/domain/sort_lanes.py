"""Which lane takes a parcel, and why a parcel may not stand on any."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_AIM: Final = re.compile(r"^\](C0|C1|e0|d1|d2|Q1|Q3)")
_ROUTE: Final = re.compile(r"^([A-Z]{2})(?:[ -]([A-Z0-9]{1,10}))?$")
_SSCC_DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class LaneRule:
    """What one lane takes of a carrier; an empty field means any."""

    lane_id: str
    carrier: str
    service: str = ""
    country: str = ""
    postal_prefix: str = ""

    def takes(self, carrier: str, service: str, country: str, postal_code: str) -> bool:
        """Say whether a parcel falls under the rule."""
        return (
            self.carrier == carrier
            and self.service in ("", service)
            and self.country in ("", country.upper())
            and plain_postcode(postal_code).startswith(self.postal_prefix)
        )

    @property
    def weight(self) -> tuple[int, int, int]:
        """How specific the rule is: a longer postcode before a country, a country before a service."""
        return (len(self.postal_prefix), int(bool(self.country)), int(bool(self.service)))


def lane_for(rules: Iterable[LaneRule], *, carrier: str, service: str, country: str, postal_code: str) -> str | None:
    """Return the id of the lane whose rule fits a parcel most specifically, None when none does."""
    fitting = [rule for rule in rules if rule.takes(carrier, service, country, postal_code)]
    return max(fitting, key=lambda rule: rule.weight).lane_id if fitting else None


def read_route(text: str) -> tuple[str, str] | None:
    """Return country and postcode prefix of a route such as DE or DE-04, None when it is none."""
    found = _ROUTE.match(" ".join(text.upper().split()))
    return (found[1], found[2] or "") if found else None


def plain_postcode(text: str) -> str:
    """Return a postcode in capitals without its blanks and hyphens."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def plain_code(scanned: str) -> str:
    """Return what a scanner sent as it stands in the books: without its symbology and SSCC identifiers, in capitals."""
    text = _AIM.sub("", scanned.strip()).removeprefix("(00)")
    if len(text) == len("00") + _SSCC_DIGITS and text.startswith("00") and text.isdigit():
        return text.removeprefix("00")
    return text.upper()


STOPPED_BY_WEIGHT: Final = (
    "weight_differs",
    "It weighs otherwise than its label says.",
    "Take it to the hold shelf; the floor office opens it.",
)
"""Why a parcel that a second weighing stopped may not stand on a lane, as in `STOPS`."""
STOPS: Final = {
    "packed": ("not_weighed", "It was not weighed yet.", "Take it to the scale."),
    "held": ("held", "The scale holds it.", "Take it to the hold shelf; the floor office opens it."),
    "cleared": ("label_pending", "Its label is not bought yet.", "Take it back to the packing bench for its label."),
    "voided": ("voided", "It was cancelled or opened again.", "Take it to the packing bench to be unpacked."),
    "handed_over": ("handed_over", "By the books its carrier has it.", "Take it to the floor office."),
}
"""Why a parcel in a state may not stand on a lane: the reason's code, the reason, and where to take it."""
