"""The door of the crm context: the customer's timeline and the notes on it."""

from crm.commands import add_note
from crm.events import NoteAdded
from crm.invariants import INVARIANTS
from crm.queries import Entry, Lag, customer_timeline, order_timeline, public_timeline, timeline_lag
from crm.subscriptions import SUBSCRIPTIONS

__all__ = [
    "INVARIANTS",
    "SUBSCRIPTIONS",
    "Entry",
    "Lag",
    "NoteAdded",
    "add_note",
    "customer_timeline",
    "order_timeline",
    "public_timeline",
    "timeline_lag",
]
