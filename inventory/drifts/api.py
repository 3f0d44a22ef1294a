"""Counters that differ from the ledger."""

from inventory.drifts.commands import find_drift
from inventory.drifts.events import StockDriftFound
from inventory.drifts.queries import find_drifts
from inventory.drifts.views import DriftView

__all__ = [
    "DriftView",
    "StockDriftFound",
    "find_drift",
    "find_drifts",
]
