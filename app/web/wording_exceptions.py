"""The text of every exception at every stage of a parcel's way; see `app.web.wording` for how it is chosen."""

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


_TODAY = "We write to you again by the end of today."
_TOMORROW = "We write to you again by tomorrow evening."
_TWO_DAYS = "We write to you again within two working days."
_WAIT_OR_CANCEL = "You need do nothing. If that is too late, you can cancel."
_NOTHING = "You need do nothing."
_TELL_US = "If anything is wrong with what you received, choose “Report a problem”."


def _late(cause: str, working: str) -> dict[Stage, ExceptionText]:
    """Return a delay's texts: the cause is one sentence, and so is what is being done while it is still on its way."""
    return {
        "with_us": ExceptionText("Your order is later than planned", "warn", cause, working, _WAIT_OR_CANCEL, _TODAY),
        "with_carrier": ExceptionText("Your parcel is later than planned", "warn", cause, working, _NOTHING, _TOMORROW),
        "arrived": ExceptionText(
            "Your parcel came later than planned",
            "warn",
            cause,
            "We have noted the delay so that it counts in how we choose carriers and dates.",
            _TELL_US,
            "There is nothing more to wait for.",
        ),
        "over": ExceptionText(
            "This order was delayed",
            "warn",
            cause,
            "The order has ended since, and nothing more will be sent.",
            "If you still need the items, order them again or choose “Report a problem”.",
            "There is nothing more to wait for.",
        ),
    }


EXCEPTION_TEXTS: dict[TrackerException, dict[Stage, ExceptionText]] = {
    TrackerException.DELAY_WAREHOUSE: _late(
        "Our warehouse needs longer than we promised.",
        "Your order is at the front of the line now and leaves with the next van.",
    ),
    TrackerException.DELAY_CARRIER: _late(
        "The carrier reported a delay on the way.",
        "We watch its scans and ask the carrier if it does not move by tomorrow.",
    ),
    TrackerException.DELAY_WEATHER: _late(
        "Bad weather is holding up deliveries on the way to you.",
        "The carrier delivers as soon as the roads are safe, and we watch its scans.",
    ),
    TrackerException.DELAY_CUSTOMS: _late(
        "Customs kept the parcel for a check.",
        "We have given customs all papers, and answer their questions the same day.",
    ),
    TrackerException.SHORT_ITEM: {
        "with_us": ExceptionText(
            "One item ships later",
            "warn",
            "We found fewer of one item than our records said.",
            "We send what is here now, and the rest as soon as it is in, without extra postage.",
            "You can wait, or cancel the missing item and keep the rest.",
            _TOMORROW,
        ),
        "with_carrier": ExceptionText(
            "One item follows in a second parcel",
            "warn",
            "One item was not there when we packed, so it is not in this parcel.",
            "We send it as soon as it is in, without extra postage.",
            "You can wait, or cancel the missing item.",
            _TOMORROW,
        ),
        "arrived": ExceptionText(
            "One item is still to come",
            "warn",
            "One item was not there when we packed, so it was not in this parcel.",
            "We send it as soon as it is in, without extra postage.",
            "You can wait, or cancel the missing item.",
            _TWO_DAYS,
        ),
        "over": ExceptionText(
            "One item was never sent",
            "warn",
            "One item was out of stock and the order has ended since.",
            "You are not charged for it; if you paid, that part goes back the way you paid.",
            "If you still need it, order it again.",
            _TWO_DAYS,
        ),
    },
    TrackerException.WEIGHT_CHECK: {
        "with_us": ExceptionText(
            "We are double-checking your parcel",
            "warn",
            "Your parcel's weight is not what its items should weigh.",
            "We open it and count again before it leaves, so that nothing is missing.",
            _WAIT_OR_CANCEL,
            _TODAY,
        ),
        "with_carrier": ExceptionText(
            "Please check what is inside",
            "warn",
            "The carrier weighed your parcel and got another figure than we did.",
            "We compare both scales and our packing record.",
            "When it arrives, count the items. If one is missing, choose “Report a problem”.",
            _TOMORROW,
        ),
        "arrived": ExceptionText(
            "Please check what is inside",
            "warn",
            "Your parcel's weight on the way was not what its items should weigh.",
            "If an item is missing, we send it again without asking for photos.",
            "Count the items. If one is missing, choose “Report a problem”.",
            _TWO_DAYS,
        ),
        "over": ExceptionText(
            "We are checking what came back",
            "warn",
            "The parcel's weight is not what its items should weigh.",
            "We open it and count with two people.",
            _NOTHING,
            _TWO_DAYS,
        ),
    },
    TrackerException.ADDRESS_PROBLEM: {
        "with_us": ExceptionText(
            "We need a better address",
            "stop",
            "The carrier does not know the address as it is written.",
            "We keep your parcel here until we have the right one.",
            "Check the address and correct it under “Report a problem”.",
            "We keep it for seven days, then we cancel and refund.",
        ),
        "with_carrier": ExceptionText(
            "The driver could not find the address",
            "stop",
            "The address on the parcel is not complete.",
            "We have asked the carrier to hold the parcel at the depot.",
            "Tell us the missing part, such as a flat number, under “Report a problem”.",
            "The depot keeps it for five working days, then it comes back to us.",
        ),
        "arrived": ExceptionText(
            "Your parcel went to another address",
            "stop",
            "The carrier changed the address on the way.",
            "We ask the carrier where exactly it was handed over.",
            "If you do not have it, choose “Report a problem”.",
            _TOMORROW,
        ),
        "over": ExceptionText(
            "The address did not work",
            "warn",
            "The carrier could not deliver to the address as it was written.",
            "The order has ended, and nothing more is sent to that address.",
            "If you order again, please check the address first.",
            "There is nothing more to wait for.",
        ),
    },
    TrackerException.ATTEMPT_FAILED: {
        "with_us": ExceptionText(
            "The van could not collect your parcel",
            "warn",
            "The carrier's van came, but did not take your parcel.",
            "It leaves with the next van.",
            _WAIT_OR_CANCEL,
            _TODAY,
        ),
        "with_carrier": ExceptionText(
            "Nobody was there to take the parcel",
            "warn",
            "The driver called and could not hand the parcel over.",
            "The carrier tries again on the next working day.",
            "Make sure that somebody is there, or choose another day or a collection point on the carrier's site.",
            "After the last attempt it waits at the depot for five working days.",
        ),
        "arrived": ExceptionText(
            "The driver called before",
            "warn",
            "The first attempt to deliver failed, and the parcel was left at a collection point or handed over later.",
            "We keep the carrier's record of every attempt.",
            "If you do not have the parcel, collect it or choose “Report a problem”.",
            "A collection point keeps parcels for at least five working days.",
        ),
        "over": ExceptionText(
            "The parcel could not be handed over",
            "warn",
            "The driver called several times without success.",
            "The parcel is on its way back; we refund it when it is here.",
            "If you still want it, order again or choose “Report a problem”.",
            _TWO_DAYS,
        ),
    },
    TrackerException.DAMAGED_IN_TRANSIT: {
        "with_us": ExceptionText(
            "We are packing your order again",
            "warn",
            "Your parcel was damaged before it left us.",
            "We check every item, replace what is broken and pack it anew.",
            _WAIT_OR_CANCEL,
            _TODAY,
        ),
        "with_carrier": ExceptionText(
            "Your parcel was damaged on the way",
            "stop",
            "The carrier reported damage to your parcel.",
            "We send a replacement without waiting for the damaged one.",
            "You need do nothing. If you prefer your money back, choose “Report a problem”.",
            _TOMORROW,
        ),
        "arrived": ExceptionText(
            "Your parcel was damaged on the way",
            "stop",
            "The carrier reported damage to your parcel.",
            "We replace or refund whatever is broken.",
            "Keep the box, and tell us what is broken under “Report a problem”; a photo helps.",
            "We answer on the same working day.",
        ),
        "over": ExceptionText(
            "The parcel was damaged on the way",
            "warn",
            "The carrier reported damage to the parcel.",
            "The damage is our matter with the carrier and does not touch your refund.",
            _NOTHING,
            _TWO_DAYS,
        ),
    },
    TrackerException.LOST_SUSPECTED: {
        "with_us": ExceptionText(
            "We are looking for your parcel",
            "stop",
            "Your parcel is not where it should be in our warehouse.",
            "We search for it now and pack it anew if we do not find it.",
            _WAIT_OR_CANCEL,
            _TODAY,
        ),
        "with_carrier": ExceptionText(
            "We are looking for your parcel",
            "stop",
            "The carrier has not scanned your parcel for several days.",
            "We have asked the carrier to search for it.",
            "You need do nothing. You can ask for a replacement or a refund under “Report a problem”.",
            "If it is not found in three working days, we replace or refund it.",
        ),
        "arrived": ExceptionText(
            "The carrier's scans do not fit",
            "warn",
            "The parcel went without a scan for several days before it was reported as arrived.",
            "We ask the carrier where it was handed over.",
            "If you do not have it, choose “Report a problem”.",
            _TOMORROW,
        ),
        "over": ExceptionText(
            "The parcel was not found",
            "warn",
            "The carrier lost trace of the parcel.",
            "The loss is our matter with the carrier and does not touch your refund.",
            "If the parcel turns up after all, choose “Report a problem” and we arrange its collection.",
            _TWO_DAYS,
        ),
    },
    TrackerException.WRONG_PARCEL: {
        "with_us": ExceptionText(
            "We are packing your order again",
            "warn",
            "A check found an item in your parcel that is not yours.",
            "We take it out and pack what you ordered.",
            _WAIT_OR_CANCEL,
            _TODAY,
        ),
        "with_carrier": ExceptionText(
            "A wrong parcel may be on its way",
            "stop",
            "Two parcels were mixed up, and the one on its way to you may not be yours.",
            "We have asked the carrier to stop it, and send the right one today.",
            "If a wrong parcel arrives, leave it closed; we have it collected.",
            _TOMORROW,
        ),
        "arrived": ExceptionText(
            "You received a wrong parcel",
            "stop",
            "Two parcels were mixed up, and the one that you have is not yours.",
            "We send the right one now and have the wrong one collected without cost to you.",
            "Please leave the wrong parcel closed, and choose a collection day under “Report a problem”.",
            _TOMORROW,
        ),
        "over": ExceptionText(
            "A parcel was mixed up",
            "warn",
            "A parcel of this order was mixed up with another one.",
            "We have both back on our records, and the mistake does not touch your refund.",
            _NOTHING,
            _TWO_DAYS,
        ),
    },
    TrackerException.PARTIAL_DELIVERY: {
        "with_us": ExceptionText(
            "Your order comes in parts",
            "warn",
            "Not all items fit into one parcel or one day.",
            "We send every part as soon as it is packed, without extra postage.",
            "You need do nothing. You can cancel what has not left.",
            _TODAY,
        ),
        "with_carrier": ExceptionText(
            "Your parcels travel apart",
            "warn",
            "The carrier scanned some of your parcels, but not all of them.",
            "We watch the others and ask the carrier if they do not move by tomorrow.",
            _NOTHING,
            _TOMORROW,
        ),
        "arrived": ExceptionText(
            "Part of your order has arrived",
            "warn",
            "Some of your parcels were delivered, and others are still on their way.",
            "Each parcel below shows where it is.",
            "If a parcel shown as delivered is missing, choose “Report a problem”.",
            _TWO_DAYS,
        ),
        "over": ExceptionText(
            "Only part of this order was delivered",
            "warn",
            "Some parcels were delivered, and the rest did not reach you.",
            "You pay only for what you kept.",
            "If the sum looks wrong, choose “Report a problem”.",
            _TWO_DAYS,
        ),
    },
    TrackerException.REFUSED: {
        "with_us": ExceptionText(
            "The carrier did not accept your parcel",
            "warn",
            "The carrier refused the parcel at collection.",
            "We pack it anew or send it with another carrier.",
            _WAIT_OR_CANCEL,
            _TODAY,
        ),
        "with_carrier": ExceptionText(
            "The parcel was refused",
            "warn",
            "Someone at the address did not take the parcel.",
            "The carrier keeps it at the depot before it comes back to us.",
            "If that was a mistake, choose “Report a problem” and we have it delivered again.",
            "The depot keeps it for five working days.",
        ),
        "arrived": ExceptionText(
            "Part of the delivery was refused",
            "warn",
            "Someone at the address did not take all parcels.",
            "The refused parcel comes back to us, and we refund it when it is here.",
            "If that was a mistake, choose “Report a problem”.",
            _TWO_DAYS,
        ),
        "over": ExceptionText(
            "The parcel was refused",
            "warn",
            "Someone at the address did not take the parcel.",
            "It is on its way back, and we refund it when it is here.",
            "If you still want it, order again.",
            _TWO_DAYS,
        ),
    },
}
