"""All tables of the context: whoever imports this package has them all in the metadata."""

from shipping.models import (
    accounts,
    bills_of_lading,
    carton_stock,
    consolidation,
    exports,
    freight,
    overrules,
    packing,
    parcels,
    site,
    sorting,
    tracking,
    weight_checks,
    weights,
)

__all__ = [
    "accounts",
    "bills_of_lading",
    "carton_stock",
    "consolidation",
    "exports",
    "freight",
    "overrules",
    "packing",
    "parcels",
    "site",
    "sorting",
    "tracking",
    "weight_checks",
    "weights",
]
