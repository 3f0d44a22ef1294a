"""What a text about an exception is made of: the exceptions, the stages, the parts, and the sentences they share."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Stage = Literal["with_us", "with_carrier", "arrived", "over"]


class TrackerException(StrEnum):
    """What can go wrong, as a customer thinks of it."""

    DELAY_WAREHOUSE = "delay_warehouse"
    DELAY_CARRIER = "delay_carrier"
    DELAY_WEATHER = "delay_weather"
    DELAY_CUSTOMS = "delay_customs"
    SHORT_ITEM = "short_item"
    WEIGHT_CHECK = "weight_check"
    ADDRESS_PROBLEM = "address_problem"
    ATTEMPT_FAILED = "attempt_failed"
    DAMAGED_IN_TRANSIT = "damaged_in_transit"
    LOST_SUSPECTED = "lost_suspected"
    LOST = "lost"
    WRONG_PARCEL = "wrong_parcel"
    PARTIAL_DELIVERY = "partial_delivery"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ExceptionText:
    """Four parts; `when` stands if no new date is known."""

    title: str
    tone: Literal["warn", "stop"]
    what: str
    we: str
    you: str
    when: str


TODAY = "We write to you again by the end of today."
TOMORROW = "We write to you again by tomorrow evening."
TWO_DAYS = "We write to you again within two working days."
WAIT_OR_CANCEL = "You need do nothing. If that is too late, you can cancel."
NOTHING = "You need do nothing."
TELL_US = "If anything is wrong with what you received, choose “Report a problem”."
