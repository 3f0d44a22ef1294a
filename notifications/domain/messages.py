"""What a customer is written, as values: no layout, no address, no personal data beyond the first name."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kernel.money import Money
from notifications.domain.wording import WORDINGS, ExceptionCause, Language, Wording

LONGEST_NAME = 60


class MessageKind(StrEnum):
    """An occasion to write to a customer."""

    ORDER_CONFIRMED = "order_confirmed"
    SHIPPED = "shipped"
    EXCEPTION = "exception"
    DELIVERED = "delivered"
    RETURN_AUTHORIZED = "return_authorized"
    SENT_AGAIN = "sent_again"
    PARCEL_REFUNDED = "parcel_refunded"
    RETURN_REFUNDED = "return_refunded"
    CHOICE_ASKED = "choice_asked"
    PROMISE_MOVED = "promise_moved"


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """What a message speaks of.

    Attributes:
        brand: the merchant's name as customers know it.
        order_number: the number that the customer was given.
        action_url: the tracker page, or for a return its page; http or https.
        first_name: for the greeting, or empty.
        promised_on: the day until which the parcel arrives, in the customer's zone, or None while unknown; of what is
            sent again, the day of the replacement.
        delivered_on: the day of delivery in the customer's zone.
        cause: what stands in the way, for an exception.
        return_number: the number of the return.
        return_by: the last day to hand the return in.
        replacement_number: the number of the order that sends a lost parcel's contents again.
        refund: how much is paid back.
    """

    brand: str
    order_number: str
    action_url: str
    first_name: str = ""
    language: Language = Language.ENGLISH
    promised_on: date | None = None
    delivered_on: date | None = None
    cause: ExceptionCause = ExceptionCause.OTHER
    return_number: str = ""
    return_by: date | None = None
    replacement_number: str = ""
    refund: Money | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """The words of one message in their order, ready to be laid out."""

    language: Language
    brand: str
    subject: str
    greeting: str
    paragraphs: tuple[str, ...]
    action_label: str
    action_url: str
    closing: str


def compose(kind: MessageKind, facts: MessageFacts) -> Letter:
    """Return the letter for ``kind``.

    Raises:
        ValueError: the action URL is not http or https.
    """
    if not facts.action_url.startswith(("https://", "http://")):
        raise ValueError("A letter links to a web page only")
    words = WORDINGS[facts.language]
    subject, paragraphs = _SECTIONS[kind](words, facts)
    named = _named(words, facts)
    name = named["name"]
    return Letter(
        language=facts.language,
        brand=named["brand"],
        subject=subject.format(**named),
        greeting=(words.greeting if name else words.greeting_without_name).format(**named),
        paragraphs=tuple(paragraph.format(**named) for paragraph in paragraphs),
        action_label=_labels(words).get(kind, words.track_label),
        action_url=facts.action_url,
        closing=words.closing.format(**named),
    )


def _labels(words: Wording) -> dict[MessageKind, str]:
    return {MessageKind.RETURN_AUTHORIZED: words.return_label, MessageKind.CHOICE_ASKED: words.choice_label}


def _named(words: Wording, facts: MessageFacts) -> dict[str, str]:
    return {
        "brand": _one_line(facts.brand),
        "order": _one_line(facts.order_number),
        "return_number": _one_line(facts.return_number),
        "replacement": _one_line(facts.replacement_number),
        "amount": words.amount_in_words(facts.refund) if facts.refund else "",
        "name": _one_line(facts.first_name)[:LONGEST_NAME],
    }


def _one_line(text: str) -> str:
    # Brand and names reach the subject, where a line break would start a header of its own.
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


_Section = tuple[str, tuple[str, ...]]


def _confirmed(words: Wording, facts: MessageFacts) -> _Section:
    return words.confirmed_subject, (words.confirmed, _promise(words, facts, words.promised))


def _shipped(words: Wording, facts: MessageFacts) -> _Section:
    return words.shipped_subject, (words.shipped, _promise(words, facts, words.promised))


def _exception(words: Wording, facts: MessageFacts) -> _Section:
    expected = (words.new_promise.format(day=words.day_in_words(facts.promised_on)),) if facts.promised_on else ()
    return words.exception_subject, (words.causes[facts.cause], *expected, words.follow)


def _delivered(words: Wording, facts: MessageFacts) -> _Section:
    if facts.delivered_on is None:
        return words.delivered_subject, (words.delivered,)
    day = words.day_in_words(facts.delivered_on)
    return words.delivered_subject, (words.delivered_on.replace("{day}", day),)


def _return_authorized(words: Wording, facts: MessageFacts) -> _Section:
    deadline = (words.return_by.format(day=words.day_in_words(facts.return_by)),) if facts.return_by else ()
    return words.return_subject, (words.return_ready, *deadline)


def _sent_again(words: Wording, facts: MessageFacts) -> _Section:
    return words.again_subject, (words.again, _promise(words, facts, words.promised), words.again_free)


def _parcel_refunded(words: Wording, _facts: MessageFacts) -> _Section:
    return words.refund_subject, (words.parcel_refund, words.refund_way)


def _return_refunded(words: Wording, _facts: MessageFacts) -> _Section:
    return words.refund_subject, (words.return_refund, words.refund_way)


def _choice_asked(words: Wording, _facts: MessageFacts) -> _Section:
    return words.choice_subject, (words.choice, words.choice_way)


def _promise_moved(words: Wording, facts: MessageFacts) -> _Section:
    return words.moved_subject, (words.moved, _promise(words, facts, words.new_promise), words.follow)


def _promise(words: Wording, facts: MessageFacts, sentence: str) -> str:
    return sentence.format(day=words.day_in_words(facts.promised_on)) if facts.promised_on else words.no_date


_SECTIONS = {
    MessageKind.ORDER_CONFIRMED: _confirmed,
    MessageKind.SHIPPED: _shipped,
    MessageKind.EXCEPTION: _exception,
    MessageKind.DELIVERED: _delivered,
    MessageKind.RETURN_AUTHORIZED: _return_authorized,
    MessageKind.SENT_AGAIN: _sent_again,
    MessageKind.PARCEL_REFUNDED: _parcel_refunded,
    MessageKind.RETURN_REFUNDED: _return_refunded,
    MessageKind.CHOICE_ASKED: _choice_asked,
    MessageKind.PROMISE_MOVED: _promise_moved,
}
