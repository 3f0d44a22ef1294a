from dataclasses import dataclass
from typing import ClassVar

from fulfillment.events.sentences import items
from kernel.events import Audience, Event
from kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSubstituted(Event):
    """Units that were not there are cancelled, and as many of another item are on a line of their own, `new_line_id`.
    What the customer is paid back for the difference, in minor units, is told by `DifferenceRefunded`.
    """

    TYPE: ClassVar[str] = "fulfillment.line_substituted.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    line_id: str
    item_id: str
    new_line_id: str
    substitute_id: str
    name: str
    quantity: int

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"{items(self.quantity).capitalize()} that were not there are replaced by {self.name}."


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceRefunded(Event):
    """The merchant owes the customer what a substitute costs less, in minor units; never the reverse."""

    TYPE: ClassVar[str] = "fulfillment.difference_refund_instructed.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    line_id: str
    new_line_id: str
    amount_minor: int
    currency: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"The replacement costs less: {Money(self.amount_minor, self.currency)} are paid back."


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerAsked(Event):
    """The customer is asked what becomes of missing units, until `due_at`; `on_silence` is done without an answer."""

    TYPE: ClassVar[str] = "fulfillment.customer_asked.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    question_id: str
    line_id: str
    item_id: str
    substitute_id: str
    name: str
    quantity: int
    due_at: str
    on_silence: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        told = f"{items(self.quantity).capitalize()} could not be found."
        return f"{told} You can choose: wait, take {self.name}, or go without."


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnswered(Event):
    """It was chosen what becomes of missing units. `by` is customer, agent, silence, or `stock`: they came."""

    TYPE: ClassVar[str] = "fulfillment.question_answered.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    question_id: str
    line_id: str
    choice: str
    by: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        if self.by == "stock":
            return "Nothing is missing any more, so that there is nothing to choose."
        chosen = {
            "wait": "the order waits for what is missing",
            "substitute": "another item is sent instead",
            "leave_out": "what is missing is left out",
            "cancel": "the order is cancelled",
        }[self.choice]
        return f"Chosen: {chosen}." if self.by != "silence" else f"Without an answer, {chosen}."


@dataclass(frozen=True, slots=True, kw_only=True)
class BinInDoubt(Event):
    """A bin that units of this order lie aside in was short for another order; `outcome` is waits or other_bin."""

    TYPE: ClassVar[str] = "fulfillment.bin_in_doubt.v1"

    line_id: str
    item_id: str
    location_code: str
    quantity: int
    outcome: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        what = {
            "other_bin": "they are taken from another bin",
            "waits": "they wait until the bin is counted",
        }[self.outcome]
        return f"{items(self.quantity).capitalize()} lie in {self.location_code}, where units were missing: {what}."
