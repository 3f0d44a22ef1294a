import re
from collections.abc import Iterator
from dataclasses import dataclass

from fulfillment.domain.order_drafts import OrderDraft

MIN_TERM = 2
MAX_TERM = 200
SUBSCRIBER_DIGITS = 9
_WORD = re.compile(r"[^\s,;<>()\"]+")


@dataclass(frozen=True, slots=True)
class Term:
    """A lower-case word by which an order is found; `personal` words are erased with the person."""

    word: str
    personal: bool


def terms_of(draft: OrderDraft) -> set[Term]:
    """Return the words by which a new order can be found: its number, names, e-mail addresses and phone digits."""
    personal = (
        draft.customer.name,
        draft.ship_to.name,
        draft.ship_to.company,
        draft.customer.email,
        draft.ship_to.email,
    )
    found = {Term(word, personal=False) for word in words(draft.external_id)}
    found |= {Term(word, personal=False) for word in words(draft.customer.external_id)}
    found |= {Term(word, personal=True) for text in personal for word in words(text)}
    phones = (draft.customer.phone, draft.ship_to.phone)
    found |= {Term(word, personal=True) for phone in phones for word in phone_terms(phone)}
    plain = {term.word for term in found if not term.personal}
    return {term for term in found if not (term.personal and term.word in plain)}


def words(text: str) -> Iterator[str]:
    """Yield the words of a text as they are stored and looked up."""
    for word in _WORD.findall(text.casefold()):
        stripped = word.strip("#.'")[:MAX_TERM]
        if len(stripped) >= MIN_TERM:
            yield stripped


def phone_terms(phone: str) -> set[str]:
    """Return a phone number's digits with and without what may be its country's: people type either."""
    found = digits(phone)
    return {found, found[-SUBSCRIBER_DIGITS:]} if found else set()


def digits(phone: str) -> str:
    """Return the digits of a phone number without leading zeros, empty when there are too few to look one up."""
    found = "".join(c for c in phone if c.isascii() and c.isdigit()).lstrip("0")
    return found if len(found) >= 6 else ""  # noqa: PLR2004 - shorter ones are no phone numbers
