"""Bins that are to be counted, what came of it, and how right the book is."""

from inventory.counts.accuracy import count_accuracy
from inventory.counts.commands.bins import count_bin
from inventory.counts.commands.counting import submit_count, withdraw_count
from inventory.counts.commands.decisions import approve_count, cancel_count, return_count
from inventory.counts.commands.planning import plan_counts
from inventory.counts.commands.reliance import spread_reliance
from inventory.counts.commands.requests import ask_counts, item_to_count, report_zero_check
from inventory.counts.commands.short_picks import report_short
from inventory.counts.domain import ABC_LOOKBACK, LIVE_COUNTS, TO_COUNT, AbcClass, CountCause, CountRules
from inventory.counts.errors import CountEnded, CountOutdated, NothingToCount, SameCounter, ScanMismatch, UnknownCount
from inventory.counts.events import BinCounted, CountCancelled, CountDoubted, CountWanted
from inventory.counts.queries import (
    count_effects,
    find_counts,
    get_count,
    next_to_count,
    own_counts,
    sees_figures,
    waiting_counts,
)
from inventory.counts.views import (
    Accuracy,
    AccuracyReport,
    CountEffect,
    CountEntryView,
    CountHead,
    CountView,
    OwnCount,
    ShortedPromise,
)
from inventory.domain.values import Reliance

__all__ = [
    "ABC_LOOKBACK",
    "LIVE_COUNTS",
    "TO_COUNT",
    "AbcClass",
    "Accuracy",
    "AccuracyReport",
    "BinCounted",
    "CountCancelled",
    "CountCause",
    "CountDoubted",
    "CountEffect",
    "CountEnded",
    "CountEntryView",
    "CountHead",
    "CountOutdated",
    "CountRules",
    "CountView",
    "CountWanted",
    "NothingToCount",
    "OwnCount",
    "Reliance",
    "SameCounter",
    "ScanMismatch",
    "ShortedPromise",
    "UnknownCount",
    "approve_count",
    "ask_counts",
    "cancel_count",
    "count_accuracy",
    "count_bin",
    "count_effects",
    "find_counts",
    "get_count",
    "item_to_count",
    "next_to_count",
    "own_counts",
    "plan_counts",
    "report_short",
    "report_zero_check",
    "return_count",
    "sees_figures",
    "spread_reliance",
    "submit_count",
    "waiting_counts",
    "withdraw_count",
]
