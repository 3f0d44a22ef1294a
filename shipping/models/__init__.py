"""All tables of the context: whoever imports this package has them all in the metadata."""

from shipping.models import (
    carton_stock,
    consolidation,
    freight,
    overrules,
    packing,
    parcels,
    site,
    sorting,
    tracking,
    weights,
)

__all__ = [
    "carton_stock",
    "consolidation",
    "freight",
    "overrules",
    "packing",
    "parcels",
    "site",
    "sorting",
    "tracking",
    "weights",
]
