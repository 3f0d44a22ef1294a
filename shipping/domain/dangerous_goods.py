"""Which dangerous goods a carrier's service takes, by what a site stated of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

NONE: Final = "none"
EXCEPTED: Final = "excepted"
LIMITED: Final = "limited_quantities"
REGULATED: Final = "fully_regulated"
NOT_STATED: Final = "not_stated"
EXCEPTED_ON_GROUND: Final = "excepted_on_ground"
AIR: Final = "air"
GROUND: Final = "ground"

ACCEPTANCES: Final = (NONE, EXCEPTED, LIMITED, REGULATED)
"""What a service may be stated to take, each with all before it: none, batteries of special provision 188 (by air:
Section II), limited quantities, and fully regulated goods with their papers.
"""
MOST_BY_AIR: Final = EXCEPTED
"""What a service that flies may be stated to take at most: limited quantities and fully regulated goods go by air with
a shipper's declaration (IATA DGR 8), which is not among the papers that are written here.
"""
MODES: Final = (GROUND, AIR)
KINDS: Final = (EXCEPTED, EXCEPTED_ON_GROUND, LIMITED, REGULATED)
"""How dangerous goods travel. Batteries that are packed alone are excepted on the ground only: by air, packing
instructions 965, 968 and 976 of IATA have no Section II, and they are fully regulated.
"""
_NEEDS: Final = {
    EXCEPTED: (EXCEPTED, EXCEPTED),
    EXCEPTED_ON_GROUND: (EXCEPTED, REGULATED),
    LIMITED: (LIMITED, LIMITED),
    REGULATED: (REGULATED, REGULATED),
}
_WORDS: Final = {
    NONE: "no dangerous goods",
    EXCEPTED: "batteries of special provision 188 (Section II)",
    EXCEPTED_ON_GROUND: "batteries packed alone",
    LIMITED: "limited quantities",
    REGULATED: "fully regulated dangerous goods",
}
Goods = Mapping[str, Collection[str]]
"""The kinds of dangerous goods in a parcel, each with the SKUs that are of it, where they are known."""


@dataclass(frozen=True, slots=True)
class GoodsTerms:
    """What a service takes and whether it flies; not stated until somebody decides, and then it takes everything."""

    accepts: str = NOT_STATED
    mode: str = ""

    @property
    def is_stated(self) -> bool:
        """Whether somebody decided it."""
        return self.accepts != NOT_STATED


def refusal_of(goods: Collection[str], terms: GoodsTerms) -> str:
    """Say in a sentence why a service does not take goods of these kinds, "" if it takes them."""
    if not terms.is_stated:
        return ""
    most, by_air = ACCEPTANCES.index(terms.accepts), terms.mode == AIR
    refused = [kind for kind in KINDS if kind in goods and ACCEPTANCES.index(_NEEDS[kind][by_air]) > most]
    if not refused:
        return ""
    limit = _WORDS[NONE] if terms.accepts == NONE else f"{_WORDS[terms.accepts]} at most"
    way = "by air " if by_air else ""
    return f"It takes {way}{limit}; inside: {', '.join(_WORDS[kind] for kind in refused)}."


def named_goods(goods: Goods) -> str:
    """Name the goods of each kind: SKUs as far as they are known."""
    told = (
        f"{', '.join(sorted(goods[kind])[:5])}: {_WORDS[kind]}" if goods[kind] else _WORDS[kind]
        for kind in KINDS
        if kind in goods
    )
    return "; ".join(told)
