"""Fictitious people who order from the sample shops."""

import random
from dataclasses import dataclass

_SHOPPERS = 2_000
_FIRST = (
    "Anna", "Ben", "Carla", "David", "Emma", "Felix", "Greta", "Hanna", "Ivo", "Jana", "Karim", "Lena", "Mats", "Nora",
    "Oskar", "Paula", "Ravi", "Sofia", "Tomas", "Uma", "Vera", "Willem", "Yara", "Zoe",
)  # fmt: skip
_LAST = (
    "Almeida", "Berger", "Conti", "Dahl", "Eriksen", "Fischer", "Girard", "Hofer", "Ivanova", "Jansen", "Keller",
    "Lindner", "Moreau", "Novak", "Okafor", "Petersen", "Quast", "Rossi", "Schmidt", "Tanaka", "Ullrich", "Vogel",
    "Weber", "Zimmermann",
)  # fmt: skip
_STREETS = ("Lindenallee", "Bahnhofstrasse", "Gartenweg", "Am Hafen", "Ringstrasse", "Kirchplatz", "Seeufer", "Feldweg")
# City, postal code, region (for Germany, whose zones depend on it), country, language; big cities are more often drawn.
_TOWNS = (
    ("Berlin", "10115", "BE", "DE", "de"), ("Berlin", "12047", "BE", "DE", "de"),
    ("Hamburg", "20095", "HH", "DE", "de"), ("Munich", "80331", "BY", "DE", "de"),
    ("Cologne", "50667", "NW", "DE", "de"), ("Leipzig", "04109", "SN", "DE", "de"),
    ("Dresden", "01067", "SN", "DE", "de"), ("Stuttgart", "70173", "BW", "DE", "de"),
    ("Frankfurt", "60311", "HE", "DE", "de"), ("Bremen", "28195", "HB", "DE", "de"),
    ("Hanover", "30159", "NI", "DE", "de"), ("Rostock", "18055", "MV", "DE", "de"),
    ("Freiburg", "79098", "BW", "DE", "de"), ("Vienna", "1010", "", "AT", "de"), ("Graz", "8010", "", "AT", "de"),
    ("Amsterdam", "1012 AB", "", "NL", "en"), ("Paris", "75011", "", "FR", "en"), ("Milan", "20121", "", "IT", "en"),
    ("Copenhagen", "1050", "", "DK", "en"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shopper:
    """A person with an address; the same number is always the same person."""

    number: int
    name: str
    email: str
    phone: str
    locale: str
    street: str
    city: str
    postal_code: str
    region: str
    country: str


def shopper(dice: random.Random) -> Shopper:
    """Draw one of two thousand people, so that some of them order again."""
    number = dice.randrange(_SHOPPERS)
    own = random.Random(number)  # noqa: S311 - made-up people, the same ones each time
    first, last = own.choice(_FIRST), own.choice(_LAST)
    city, postal_code, region, country, locale = own.choice(_TOWNS)
    return Shopper(
        number=10_000 + number,
        name=f"{first} {last}",
        email=f"{first}.{last}{number}@example.net".lower(),
        phone=f"+49 30 5550{number:04d}",
        locale=locale,
        street=f"{own.choice(_STREETS)} {own.randint(1, 120)}",
        city=city,
        postal_code=postal_code,
        region=region,
        country=country,
    )
