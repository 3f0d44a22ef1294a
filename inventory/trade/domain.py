import re
from dataclasses import dataclass
from typing import Final

from kernel.countries import COUNTRIES
from kernel.errors import FieldError

HAZARD_CLASSES: Final = (
    "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "2.1", "2.2", "2.3", "3", "4.1", "4.2", "4.3", "5.1", "5.2", "6.1", "6.2",
    "7", "8", "9",
)  # fmt: skip
"""Classes and divisions of the UN Recommendations on the Transport of Dangerous Goods, chapter 2.0."""
PACKING_GROUPS: Final = ("I", "II", "III")
TUNNEL_CODES: Final = ("B", "B1000C", "B/D", "B/E", "C", "C5000D", "C/D", "C/E", "D", "D/E", "E", "-")
"""Tunnel restriction codes of ADR, chapter 8.6; a dash for goods that pass every tunnel."""
NET_UNITS: Final = ("g", "ml")
BATTERIES: Final = ("UN3090", "UN3091", "UN3480", "UN3481", "UN3551", "UN3552")
"""Lithium and sodium ion cells and batteries, alone and with or in equipment: small ones have a mark of their own."""
MAX_SHIPPING_NAME: Final = 200
MAX_NET_QUANTITY: Final = 10_000_000
_HS_CODE = re.compile(r"[0-9]{6,10}")
_UN_NUMBER = re.compile(r"UN[0-9]{4}")


@dataclass(frozen=True, slots=True)
class TradeFacts:
    """What customs and carriers of dangerous goods have to know of an item; empty where it is not known.

    `hs_code` has 6 to 10 digits, `country_of_origin` is ISO 3166-1 alpha-2, `un_number` is such as UN1950. An empty
    `proper_shipping_name` means the item's own name. `subsidiary_hazards` are further classes, such as "6.1, 8".
    `net_quantity` is how much dangerous goods are in a unit, in g or ml as `net_unit` says, 0 where it is not known.
    With `battery_mark` they are small batteries that travel with the mark of special provision 188 of ADR.
    """

    hs_code: str = ""
    country_of_origin: str = ""
    un_number: str = ""
    proper_shipping_name: str = ""
    hazard_class: str = ""
    packing_group: str = ""
    limited_quantity: bool = False
    subsidiary_hazards: str = ""
    tunnel_code: str = ""
    net_quantity: int = 0
    net_unit: str = "g"
    battery_mark: bool = False


def trade_faults(facts: TradeFacts) -> list[FieldError]:
    """Return what cannot be right about trade facts."""
    told = (
        ("hs_code", not facts.hs_code or _HS_CODE.fullmatch(facts.hs_code), "An HS code has 6 to 10 digits."),
        (
            "country_of_origin", not facts.country_of_origin or facts.country_of_origin in COUNTRIES,
            "Name the country by its two letters, such as DE.",
        ),
        ("un_number", not facts.un_number or _UN_NUMBER.fullmatch(facts.un_number), "Such as UN1950."),
        (
            "hazard_class", not facts.hazard_class or facts.hazard_class in HAZARD_CLASSES,
            f"Choose one of {', '.join(HAZARD_CLASSES)}.",
        ),
        ("packing_group", facts.packing_group in ("", *PACKING_GROUPS), "Choose I, II or III, or leave it empty."),
        (
            "proper_shipping_name", len(facts.proper_shipping_name) <= MAX_SHIPPING_NAME,
            f"Write at most {MAX_SHIPPING_NAME} characters.",
        ),
        (
            "hazard_class", bool(facts.hazard_class) == bool(facts.un_number),
            "A UN number and a hazard class go together: tell both, or neither.",
        ),
        (
            "un_number", facts.un_number or not (facts.packing_group or facts.limited_quantity),
            "A packing group and limited quantities are of dangerous goods: tell their UN number.",
        ),
        *_transport(facts),
    )  # fmt: skip
    return [FieldError(f"/{name}", "invalid", words) for name, is_right, words in told if not is_right]


def _transport(facts: TradeFacts) -> tuple[tuple[str, object, str], ...]:
    """Return what has to hold of what only transport documents and marks say: field, whether it does, and in words."""
    further = [each.strip() for each in facts.subsidiary_hazards.split(",") if each.strip()]
    told = facts.subsidiary_hazards or facts.tunnel_code or facts.net_quantity
    return (
        (
            "subsidiary_hazards", set(further) <= set(HAZARD_CLASSES) - {facts.hazard_class},
            "Name further classes with commas between them, such as 6.1, 8.",
        ),
        (
            "tunnel_code", facts.tunnel_code in ("", *TUNNEL_CODES),
            f"Choose one of {', '.join(TUNNEL_CODES)}, or leave it empty.",
        ),
        (
            "net_quantity", 0 <= facts.net_quantity <= MAX_NET_QUANTITY,
            f"Tell 0 (not known) to {MAX_NET_QUANTITY:,}.",
        ),
        ("net_unit", facts.net_unit in NET_UNITS, "Choose g or ml."),
        ("un_number", facts.un_number or not told, "These are facts of dangerous goods: tell their UN number."),
        (
            "battery_mark", not facts.battery_mark or facts.un_number in BATTERIES,
            f"The mark is of batteries: {', '.join(BATTERIES)}.",
        ),
    )  # fmt: skip
