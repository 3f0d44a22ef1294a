"""Sizes and weights that no goods have: a slip of units, found before anything is computed with it."""

from typing import Final

LONGEST_MM: Final = 5_000
HEAVIEST_G: Final = 1_000_000
# Osmium, the densest metal, has 22.6 g in a cubic centimeter, air 0.0012 g; the limits leave room for rounding.
_DENSEST_MG_PER_CM3: Final = 23_000
_LIGHTEST_MG_PER_CM3: Final = 1
# A lighter piece may seem denser than it is, because its weight is rounded to whole grams.
_TELLING_G: Final = 24


def find_slip(length_mm: int, width_mm: int, height_mm: int, weight_g: int) -> str:
    """Say in a sentence what cannot be right about a piece of these sides in mm and this weight in g, "" if it may be.

    A slip of units shows as goods denser than any metal, or lighter than air.
    """
    if min(length_mm, width_mm, height_mm) < 1:
        return "A side is 0 or less: nothing has no size."
    if weight_g < 1:
        return "The weight is 0 or less: nothing weighs nothing."
    return find_known_slip(length_mm, width_mm, height_mm, weight_g)


def find_known_slip(length_mm: int, width_mm: int, height_mm: int, weight_g: int) -> str:
    """Do the same where 0 stands for what is not known, which is not judged."""
    longest, volume = max(length_mm, width_mm, height_mm), length_mm * width_mm * height_mm
    mass = weight_g * 1_000_000
    is_measured = bool(volume and mass)
    faults = (
        (longest > LONGEST_MM, f"A side of {longest:,} mm is longer than {LONGEST_MM:,} mm: sides are in millimeters."),
        (weight_g > HEAVIEST_G, f"{weight_g:,} g is heavier than {HEAVIEST_G:,} g: weights are in grams."),
        (
            is_measured and weight_g >= _TELLING_G and mass > volume * _DENSEST_MG_PER_CM3,
            "It would be denser than any metal: are the sides in centimeters, or the weight in milligrams?",
        ),
        (
            is_measured and mass < volume * _LIGHTEST_MG_PER_CM3,
            "It would be lighter than air: is the weight in kilograms, or are the sides in micrometers?",
        ),
    )
    return next((sentence for is_wrong, sentence in faults if is_wrong), "")
