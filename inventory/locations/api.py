"""Locations: what they can bear, and what lies in them."""

from inventory.domain.checks import KINDS as LOCATION_KINDS
from inventory.errors import LocationExists
from inventory.locations.commands import add_location, store_locations
from inventory.locations.queries import (
    BinOfLot,
    get_location,
    location_kinds,
    location_movements,
    search_locations,
    stocked_locations,
    units_in_bins,
)
from inventory.locations.views import LocationHead, LocationMovement

__all__ = [
    "LOCATION_KINDS",
    "BinOfLot",
    "LocationExists",
    "LocationHead",
    "LocationMovement",
    "add_location",
    "get_location",
    "location_kinds",
    "location_movements",
    "search_locations",
    "stocked_locations",
    "store_locations",
    "units_in_bins",
]
