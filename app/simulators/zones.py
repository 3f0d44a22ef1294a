from collections.abc import Mapping

_BY_COUNTRY: Mapping[str, str] = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CH": "Europe/Zurich",
    "DE": "Europe/Berlin",
    "ES": "Europe/Madrid",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "IE": "Europe/Dublin",
    "IT": "Europe/Rome",
    "JP": "Asia/Tokyo",
    "MX": "America/Mexico_City",
    "NL": "Europe/Amsterdam",
    "PT": "Europe/Lisbon",
    "US": "America/New_York",
}
# Regions whose clocks differ from most of their country.
_BY_REGION: Mapping[tuple[str, str], str] = {
    ("BR", "AC"): "America/Rio_Branco",
    ("BR", "AM"): "America/Manaus",
    ("BR", "MS"): "America/Campo_Grande",
    ("BR", "MT"): "America/Cuiaba",
    ("BR", "RO"): "America/Porto_Velho",
    ("BR", "RR"): "America/Boa_Vista",
    ("US", "AZ"): "America/Phoenix",
    ("US", "CA"): "America/Los_Angeles",
    ("US", "CO"): "America/Denver",
    ("US", "IL"): "America/Chicago",
    ("US", "NV"): "America/Los_Angeles",
    ("US", "OR"): "America/Los_Angeles",
    ("US", "TX"): "America/Chicago",
    ("US", "WA"): "America/Los_Angeles",
}


def zone_of(country: str, region: str) -> str:
    """Return the IANA zone in which a simulated carrier stamps its scans there; UTC where it has no branch."""
    return _BY_REGION.get((country, region)) or _BY_COUNTRY.get(country, "UTC")
