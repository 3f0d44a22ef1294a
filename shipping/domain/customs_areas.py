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
_OUTSIDE: Final = {"DE": ("27498", "78266"), "ES": ("51", "52")}
"""Beginnings of postal codes of places that the Union's customs territory leaves out, by the same article: Heligoland
and Büsingen, Ceuta and Melilla.
"""


def leaves_customs_area(here: tuple[str, str], there: tuple[str, str]) -> bool:
    """Say whether goods sent from one place to another cross a customs border. Places are a country (ISO 3166-1
    alpha-2) and a postal code.
    """
    return _area(*here) != _area(*there)


def _area(country: str, postal_code: str) -> str:
    if postal_code.strip().startswith(_OUTSIDE.get(country, ())):
        return f"{country} {postal_code.strip()[:2]}"
    return _AREAS.get(country, country)
