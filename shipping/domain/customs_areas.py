from typing import Final

_UNION_COUNTRIES = (
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK AX MC GP GF MQ YT RE MF"
)
_UNION: Final = frozenset(_UNION_COUNTRIES.split())
"""Customs territory of the European Union: its member states, Åland, Monaco and the outermost regions of France
(Regulation (EU) No 952/2013, Article 4).
"""
_AREAS: Final = {**dict.fromkeys(_UNION, "EU"), "LI": "CH", "PR": "US"}
"""Customs areas of more than one country: the Union, Switzerland with Liechtenstein (treaty of 1923), the United States
with Puerto Rico (19 CFR 101.1). Every other country is an area of its own.
"""
_OUTSIDE: Final = {"DE": ("27498", "78266"), "ES": ("51", "52"), "IT": ("23041",)}
"""Beginnings of postal codes of places that the Union's customs territory leaves out, by the same article: Heligoland
and Büsingen, Ceuta and Melilla, Livigno.
"""
_NORTHERN_IRELAND: Final = ("GB", "BT")
"""Country and postal area of the place that belongs to two areas: to the United Kingdom's, and for goods to the Union's
(Windsor Framework, Article 5(4) of its Protocol).
"""


def leaves_customs_area(here: tuple[str, str], there: tuple[str, str]) -> bool:
    """Say whether goods sent from one place to another cross a customs border. Places are a country (ISO 3166-1
    alpha-2) and a postal code.
    """
    return not areas_of(*here) & areas_of(*there)


def areas_of(country: str, postal_code: str) -> frozenset[str]:
    """Return the customs areas of a place: "EU", a country, or a part of one that stands alone."""
    code = postal_code.strip().upper()
    if (country, code[:2]) == _NORTHERN_IRELAND:
        return frozenset({"GB", "EU"})
    if code.startswith(_OUTSIDE.get(country, ())):
        return frozenset({f"{country} {code[:2]}"})
    return frozenset({_AREAS.get(country, country)})
