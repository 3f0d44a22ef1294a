from dataclasses import dataclass
from typing import ClassVar

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdded(Event):
    """Somebody wrote a note; its text is read from the note, not from the event."""

    TYPE: ClassVar[str] = "crm.note_added.v1"
    note_id: str

    @property
    def stream(self) -> str:
        """The order it is about, else the customer."""
        return self.order_id or self.customer_id

    def summary(self) -> str:
        """Say that there is a note."""
        return "A note was added"
