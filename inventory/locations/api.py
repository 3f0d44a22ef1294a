"""Locations: what they can bear, and what lies in them."""

from inventory.locations.queries import BinOfLot, units_in_bins

__all__ = ["BinOfLot", "units_in_bins"]
