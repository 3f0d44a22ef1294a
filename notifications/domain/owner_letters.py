"""What the owner of a webhook endpoint is written when it fails: in time to act, and again when it is off."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from notifications.domain.messages import Letter
from notifications.domain.schedule import DISABLE_AFTER, DisableReason
from notifications.domain.wording import Language

HOUSE = "Pickstream"


class OwnerLetterKind(StrEnum):
    """An occasion to write to whoever looks after an endpoint."""

    ENDPOINT_FAILING = "endpoint_failing"
    ENDPOINT_DISABLED = "endpoint_disabled"


@dataclass(frozen=True, slots=True)
class EndpointFacts:
    """What such a letter speaks of.

    Attributes:
        name: what the owner calls the endpoint, or its address.
        url: where it is.
        merchant: whose events it gets.
        waiting: deliveries that wait for it.
        failing_since: when the unbroken failure began, or None.
        reason: why it was turned off, empty while it is on.
        page_url: where it can be looked at and resumed; http or https.
    """

    name: str
    url: str
    merchant: str
    waiting: int
    failing_since: datetime | None
    reason: str
    page_url: str


def compose_owner_letter(kind: OwnerLetterKind, facts: EndpointFacts) -> Letter:
    """Return the letter for ``kind``, in English: it speaks to people who run a shop's systems."""
    name = _one_line(facts.name)
    if kind is OwnerLetterKind.ENDPOINT_FAILING:
        subject, paragraphs = f"Your webhook endpoint {name} does not answer", _failing(facts)
    else:
        subject, paragraphs = f"Your webhook endpoint {name} was switched off", _disabled(facts)
    return Letter(
        language=Language.ENGLISH, brand=HOUSE, subject=subject, greeting="Hello,", paragraphs=paragraphs,
        action_label="Look at the endpoint", action_url=facts.page_url, closing=HOUSE,
    )  # fmt: skip


def _failing(facts: EndpointFacts) -> tuple[str, ...]:
    since = facts.failing_since
    told = f" since {_moment(since)}" if since else ""
    off = f" If nothing is delivered until {_moment(since + DISABLE_AFTER)}, we switch it off." if since else ""
    return (
        f"Nothing could be delivered to {facts.url} of {_one_line(facts.merchant)}{told}. {_waiting(facts.waiting)}",
        f"We go on trying.{off} Nothing is lost: what waits is delivered in order as soon as the endpoint answers.",
    )


def _disabled(facts: EndpointFacts) -> tuple[str, ...]:
    why = {
        DisableReason.GONE: "It answered that it is gone for good (410).",
        DisableReason.FAILING_FOR_FIVE_DAYS: "Nothing could be delivered to it for five days.",
    }.get(DisableReason(facts.reason)) if facts.reason else "It could not be reached."  # fmt: skip
    resume = (
        "Resume it on its page when it works again: everything that happened meanwhile is delivered then, in order."
    )
    return (
        f"We have stopped sending events of {_one_line(facts.merchant)} to {facts.url}. {why}",
        f"{_waiting(facts.waiting)} {resume}",
    )


def _waiting(count: int) -> str:
    if not count:
        return "No delivery waits for it."
    return "1 delivery waits for it." if count == 1 else f"{count} deliveries wait for it."


def _moment(at: datetime) -> str:
    return f"{at:%A} {at.day} {at:%B %Y}, {at:%H:%M} UTC"


def _one_line(text: str) -> str:
    # The name reaches the subject, where a line break would start a header of its own.
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
