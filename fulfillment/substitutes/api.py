"""What the room lends: what may go out instead of an item that is missing."""

from fulfillment.substitutes.csv_files import read_substitutes_csv, substitutes_to_csv
from fulfillment.substitutes.registering import (
    SubstituteDraft,
    SubstituteView,
    minor_price,
    set_substitutes,
    substitutes_of,
)

__all__ = [
    "SubstituteDraft",
    "SubstituteView",
    "minor_price",
    "read_substitutes_csv",
    "set_substitutes",
    "substitutes_of",
    "substitutes_to_csv",
]
