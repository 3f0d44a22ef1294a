"""The texts of what comes late or in parts: delays, short items, weight checks."""

from app.web.wording_parts import (
    NOTHING,
    TELL_US,
    TODAY,
    TOMORROW,
    TWO_DAYS,
    WAIT_OR_CANCEL,
    ExceptionText,
    Stage,
    TrackerException,
)


def _late(cause: str, working: str) -> dict[Stage, ExceptionText]:
    """Return a delay's texts: the cause is one sentence, and so is what is being done while it is still on its way."""
    return {
        "with_us": ExceptionText("Your order is later than planned", "warn", cause, working, WAIT_OR_CANCEL, TODAY),
        "with_carrier": ExceptionText("Your parcel is later than planned", "warn", cause, working, NOTHING, TOMORROW),
        "arrived": ExceptionText(
            "Your parcel came later than planned",
            "warn",
            cause,
            "We have noted the delay so that it counts in how we choose carriers and dates.",
            TELL_US,
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


LATENESS_TEXTS: dict[TrackerException, dict[Stage, ExceptionText]] = {
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
            TOMORROW,
        ),
        "with_carrier": ExceptionText(
            "One item follows in a second parcel",
            "warn",
            "One item was not there when we packed, so it is not in this parcel.",
            "We send it as soon as it is in, without extra postage.",
            "You can wait, or cancel the missing item.",
            TOMORROW,
        ),
        "arrived": ExceptionText(
            "One item is still to come",
            "warn",
            "One item was not there when we packed, so it was not in this parcel.",
            "We send it as soon as it is in, without extra postage.",
            "You can wait, or cancel the missing item.",
            TWO_DAYS,
        ),
        "over": ExceptionText(
            "One item was never sent",
            "warn",
            "One item was out of stock and the order has ended since.",
            "You are not charged for it; if you paid, that part goes back the way you paid.",
            "If you still need it, order it again.",
            TWO_DAYS,
        ),
    },
    TrackerException.WEIGHT_CHECK: {
        "with_us": ExceptionText(
            "We are double-checking your parcel",
            "warn",
            "Your parcel's weight is not what its items should weigh.",
            "We open it and count again before it leaves, so that nothing is missing.",
            WAIT_OR_CANCEL,
            TODAY,
        ),
        "with_carrier": ExceptionText(
            "Please check what is inside",
            "warn",
            "The carrier weighed your parcel and got another figure than we did.",
            "We compare both scales and our packing record.",
            "When it arrives, count the items. If one is missing, choose “Report a problem”.",
            TOMORROW,
        ),
        "arrived": ExceptionText(
            "Please check what is inside",
            "warn",
            "Your parcel's weight on the way was not what its items should weigh.",
            "If an item is missing, we send it again without asking for photos.",
            "Count the items. If one is missing, choose “Report a problem”.",
            TWO_DAYS,
        ),
        "over": ExceptionText(
            "We are checking what came back",
            "warn",
            "The parcel's weight is not what its items should weigh.",
            "We open it and count with two people.",
            NOTHING,
            TWO_DAYS,
        ),
    },
    TrackerException.PARTIAL_DELIVERY: {
        "with_us": ExceptionText(
            "Your order comes in parts",
            "warn",
            "Not all items fit into one parcel or one day.",
            "We send every part as soon as it is packed, without extra postage.",
            "You need do nothing. You can cancel what has not left.",
            TODAY,
        ),
        "with_carrier": ExceptionText(
            "Your parcels travel apart",
            "warn",
            "The carrier scanned some of your parcels, but not all of them.",
            "We watch the others and ask the carrier if they do not move by tomorrow.",
            NOTHING,
            TOMORROW,
        ),
        "arrived": ExceptionText(
            "Part of your order has arrived",
            "warn",
            "Some of your parcels were delivered, and others are still on their way.",
            "Each parcel below shows where it is.",
            "If a parcel shown as delivered is missing, choose “Report a problem”.",
            TWO_DAYS,
        ),
        "over": ExceptionText(
            "Only part of this order was delivered",
            "warn",
            "Some parcels were delivered, and the rest did not reach you.",
            "You pay only for what you kept.",
            "If the sum looks wrong, choose “Report a problem”.",
            TWO_DAYS,
        ),
    },
}
