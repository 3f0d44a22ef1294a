"""The customs borders that simulated carriers know: told here once more, so that the house's table is checked."""

from typing import Final

_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK MC GP GF MQ YT RE MF"
_UNION: Final = frozenset(_MEMBERS.split())
_APART: Final = (("DE", "27498"), ("DE", "78266"), ("ES", "51"), ("ES", "52"), ("IT", "23041"))


def areas_of(country: str, postal_code: str) -> set[str]:
    """Return the customs areas of a place: Northern Ireland is in two."""
    if country == "GB" and postal_code.startswith("BT"):
        return {"GB", "EU"}
    apart = next((each for each in _APART if each[0] == country and postal_code.startswith(each[1])), None)
    if apart:
        return {f"{country}-{apart[1]}"}
    return {"EU" if country in _UNION else {"LI": "CH", "PR": "US"}.get(country, country)}
