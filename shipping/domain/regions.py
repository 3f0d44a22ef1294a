from typing import Final

# Postal codes follow the mail's own districts, not borders. Where a district lies in several regions all are named.
# Sources: the postal operators' lists of districts; regions by ISO 3166-2 without the country.
_PREFIXES: Final[dict[str, dict[str, str]]] = {
    "AU": {
        "NSW": "1 2", "ACT": "02 26 29", "VIC": "3 8", "QLD": "4 9", "SA": "5", "WA": "6", "TAS": "7", "NT": "08 09",
    },
    "BR": {
        "SP": "0 1", "RJ": "20 21 22 23 24 25 26 27 28", "ES": "29", "MG": "3", "BA": "40 41 42 43 44 45 46 47 48",
        "SE": "49", "PE": "50 51 52 53 54 55 56", "AL": "57", "PB": "58", "RN": "59", "CE": "60 61 62 63", "PI": "64",
        "MA": "65", "PA": "66 67 680 681 682 683 684 685 686 687 688", "AP": "689",
        "AM": "690 691 692 694 695 696 697 698", "RR": "693", "AC": "699", "DF": "70 71 72 73", "GO": "72 73 74 75 76",
        "RO": "768 769", "TO": "77", "MT": "78", "MS": "79", "PR": "80 81 82 83 84 85 86 87", "SC": "88 89", "RS": "9",
    },
    "CA": {
        "NL": "A", "NS": "B", "PE": "C", "NB": "E", "QC": "G H J", "ON": "K L M N P", "MB": "R", "SK": "S", "AB": "T",
        "BC": "V", "NT": "X", "NU": "X", "YT": "Y",
    },
    "DE": {
        "SN": "01 02 03 04 07 08 09", "BB": "02 03 04 12 14 15 16 17 19", "ST": "04 06 07 29 38 39",
        "TH": "04 06 07 08 36 37 98 99", "BE": "10 12 13 14", "MV": "17 18 19 23", "HH": "20 21 22 27",
        "NI": "19 21 26 27 28 29 30 31 34 37 38 48 49", "SH": "21 22 23 24 25", "HB": "27 28",
        "NW": "32 33 34 37 40 41 42 43 44 45 46 47 48 49 50 51 52 53 57 58 59",
        "HE": "34 35 36 37 55 60 61 63 64 65 68 69", "RP": "51 53 54 55 56 57 65 66 67 76", "SL": "66",
        "BW": "63 64 68 69 70 71 72 73 74 75 76 77 78 79 88 89 97", "BY": "63 80 81 82 83 84 85 86 87 88 89 9",
    },
    "ES": {
        "AN": "04 11 14 18 21 23 29 41", "AR": "22 44 50", "AS": "33", "CB": "39", "CE": "51",
        "CL": "05 09 24 34 37 40 42 47 49", "CM": "02 13 16 19 45", "CN": "35 38", "CT": "08 17 25 43",
        "EX": "06 10", "GA": "15 27 32 36", "IB": "07", "MC": "30", "MD": "28", "ML": "52", "NC": "31",
        "PV": "01 20 48", "RI": "26", "VC": "03 12 46",
    },
    "FR": {"57": "57", "6AE": "67 68"},
    "GB": {
        "NIR": "BT", "SCT": "AB DD DG EH FK G HS IV KA KW KY ML PA PH TD ZE",
        "WLS": "CF LD LL NP SA SY",
    },
}  # fmt: skip
_NOT_THERE: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "DE": {"BY": ("98", "99")},
    "GB": {"SCT": ("GL", "GU", "GY")},
}
"""Districts that begin like those of a region, and do not lie in it."""
_ELSEWHERE: Final[dict[str, tuple[str, ...]]] = {"GB": ("ENG",)}
"""The region of all districts that are not listed."""


def regions_of(country: str, postal_code: str) -> tuple[str, ...]:
    """Return the regions of a country in which a postal code may lie, by ISO 3166-2; none where that is not known."""
    code = "".join(c for c in postal_code.upper() if c.isalnum())
    if not code:
        return ()
    excluded = _NOT_THERE.get(country.upper(), {})
    held = {
        region
        for region, prefixes in _PREFIXES.get(country.upper(), {}).items()
        if code.startswith(tuple(prefixes.split())) and not code.startswith(excluded.get(region, ()))
    }
    return tuple(sorted(held)) or _ELSEWHERE.get(country.upper(), ())
