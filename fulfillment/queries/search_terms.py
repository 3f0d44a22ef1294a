import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fulfillment.domain.order_drafts import OrderDraft

MIN_TERM = 2
MAX_TERM = 200
SUBSCRIBER_DIGITS = 8
_WORD = re.compile(r"[^\s,;<>()\"]+")


@dataclass(frozen=True, slots=True)
class Term:
    """A lower-case word by which an order is found; `personal` words are erased with the person."""

    word: str
    personal: bool


def terms_of(draft: OrderDraft, parts: Iterable[str] = ()) -> set[Term]:
    """Return the words by which a new order can be found: its number, SKUs, names, e-mail addresses, phone digits.

    `parts` are the SKUs of its lines where those are not the ordered ones: what kits are made of.
    """
    personal = (
        draft.customer.name,
        draft.ship_to.name,
        draft.ship_to.company,
        draft.customer.email,
        draft.ship_to.email,
    )
    found = {Term(word, personal=False) for word in words(draft.external_id)}
    found |= {Term(word, personal=False) for word in words(draft.customer.external_id)}
    skus = {line.sku for line in draft.lines}.union(parts)
    found |= {Term(word, personal=False) for sku in skus for word in sku_terms(sku)}
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


def sku_terms(sku: str) -> set[str]:
    """Return the words of a SKU; one that is a single character is a word all the same."""
    whole = sku.strip().casefold()
    return set(words(sku)) or ({whole} if whole else set())


def phone_terms(phone: str) -> set[str]:
    """Return a phone number's digits, and the last eight of them: whether and how people write the code of a country
    or an area in front of those differs.
    """
    found = digits(phone)
    return {found, _digits(phone)[-SUBSCRIBER_DIGITS:]} if found else set()


def digits(phone: str) -> str:
    """Return the digits of a phone number without leading zeros, empty when there are too few to look one up."""
    found = _digits(phone).lstrip("0")
    return found if len(found) >= 6 else ""  # noqa: PLR2004 - shorter ones are no phone numbers


def _digits(phone: str) -> str:
    return "".join(c for c in phone if c.isascii() and c.isdigit())
