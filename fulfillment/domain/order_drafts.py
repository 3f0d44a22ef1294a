import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

import msgspec

from fulfillment.domain.substitution import LINE_WISHES
from fulfillment.domain.value_added import MAX_SERVICE_TEXT, MAX_SERVICES, ServiceDraft
from kernel.errors import FieldError
from kernel.quantity import MAX_QUANTITY

MAX_LINES = 500
MAX_TEXT = 200
MAX_NOTE = 2_000
MAX_MINOR = 1_000_000_000_000
MAX_GOODS_MINOR = 1_000_000_000_000_000
EARLIEST = date(2000, 1, 1)
LONGEST_PROMISE = timedelta(days=1826)
CLOCK_SKEW = timedelta(days=1)
SERVICE_LEVELS = ("standard", "express")
SPLIT_POLICIES = ("all_or_nothing", "split")
MAX_GROUP = 40
REPLACEMENT = "replacement"
"""The channel of an order that sends again what did not arrive."""
GROUP = r"[A-Za-z0-9_.-]*"
"""How a group of lines that share a carton may be called."""
_GROUP = re.compile(GROUP)
_CURRENCY = re.compile(r"[A-Z]{3}")
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class CustomerDraft:
    """Who orders, as the shop knows them. Without an `external_id` the e-mail address identifies a guest."""

    external_id: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Address:
    """Where an order goes. `country` is ISO 3166-1 alpha-2."""

    name: str
    street: str
    city: str
    postal_code: str
    country: str
    company: str = ""
    street2: str = ""
    region: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One line as ordered: base units and minor units of the order's currency.

    `substitutes` is what the customer told the shop about another item in its place: allowed, ask, never, or nothing.
    Lines with the same `pack_with`, a short name of the order's own, share one carton wherever one holds them all.
    """

    sku: str
    quantity: int
    unit_price_minor: int
    external_id: str = ""
    name: str = ""
    substitutes: str = ""
    pack_with: str = ""


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order as a shop sends it. `flags` name defects of an imported order; such a one may have no lines.

    `ship_on` is the day on which it is wished to leave, `hold_reference` the cart whose hold it takes over.
    """

    external_id: str
    placed_at: datetime
    customer: CustomerDraft
    ship_to: Address
    lines: tuple[LineDraft, ...]
    currency: str
    shipping_minor: int = 0
    promised_on: date | None = None
    service_level: str = "standard"
    split_policy: str = "all_or_nothing"
    gift: bool = False
    note: str = ""
    channel: str = "api"
    flags: tuple[str, ...] = ()
    ship_on: date | None = None
    hold_reference: str = ""
    services: tuple[ServiceDraft, ...] = ()


_LATER = {"ship_on", "hold_reference", "substitutes", "services", "pack_with"}
"""Fields of an order or a line that came later: one that does not use them has the fingerprint that it always had."""


def fingerprint(draft: OrderDraft) -> str:
    """Return the SHA-256 over all that a draft says: the same order sent again has the same one."""
    told = _told(draft) | {"lines": [_told(line) for line in draft.lines]}
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def _told(part: "OrderDraft | LineDraft") -> dict[str, object]:
    said = {f.name: getattr(part, f.name) for f in fields(part)}
    return {name: value for name, value in said.items() if value or name not in _LATER}


def goods_minor(draft: OrderDraft) -> int:
    """Return the value of the goods in minor units."""
    return sum(line.quantity * line.unit_price_minor for line in draft.lines)


def faults(draft: OrderDraft, *, now: datetime) -> tuple[FieldError, ...]:
    """Return everything in a draft that cannot be right, each with the JSON pointer of its field."""
    return (*_text_faults(draft), *_header_faults(draft, now), *_line_faults(draft), *_service_faults(draft))


def _text_faults(draft: OrderDraft) -> Iterator[FieldError]:
    yield from _text("/external_id", draft.external_id, required=True)
    yield from _text("/channel", draft.channel)
    yield from _text("/hold_reference", draft.hold_reference)
    yield from _text("/note", draft.note, limit=MAX_NOTE, prose=True)
    for part, value in (("customer", draft.customer), ("ship_to", draft.ship_to)):
        for field in fields(value):
            yield from _text(f"/{part}/{field.name}", getattr(value, field.name))
    for name in ("name", "street", "city"):
        told = getattr(draft.ship_to, name)
        if told and is_blank(told):
            yield FieldError(f"/ship_to/{name}", "missing", "This must not be empty.")
    for number, flag in enumerate(draft.flags):
        yield from _text(f"/flags/{number}", flag)


def _text(
    pointer: str, value: str, *, limit: int = MAX_TEXT, required: bool = False, prose: bool = False
) -> Iterator[FieldError]:
    if required and is_blank(value):
        yield FieldError(pointer, "missing", "This must not be empty.")
    if len(value) > limit:
        yield FieldError(pointer, "too_long", f"This has {len(value)} characters; at most {limit} are possible.")
    if not is_printable(value, prose=prose):
        yield FieldError(pointer, "control_character", "This contains control characters, which no label can print.")


def is_printable(value: str, *, prose: bool = False) -> bool:
    """Say whether a text has no control characters and no broken surrogates; prose may have line breaks and tabs."""
    allowed = "\n\r\t" if prose else ""
    return not any(unicodedata.category(c) in ("Cc", "Cs") and c not in allowed for c in value)


def is_blank(value: str) -> bool:
    """Say whether there is nothing to see in a text: only spaces and characters without width."""
    return all(c.isspace() or unicodedata.category(c) == "Cf" for c in value)


def _header_faults(draft: OrderDraft, now: datetime) -> Iterator[FieldError]:
    if not _CURRENCY.fullmatch(draft.currency):
        yield FieldError("/currency", "not_a_currency", "A currency is three capital letters (ISO 4217), such as EUR.")
    if not _COUNTRY.fullmatch(draft.ship_to.country):
        message = "A country is two capital letters (ISO 3166-1), such as DE."
        yield FieldError("/ship_to/country", "not_a_country", message)
    if draft.service_level not in SERVICE_LEVELS:
        yield FieldError("/service_level", "unknown", f"Choose one of {', '.join(SERVICE_LEVELS)}.")
    if draft.split_policy not in SPLIT_POLICIES:
        yield FieldError("/split_policy", "unknown", f"Choose one of {', '.join(SPLIT_POLICIES)}.")
    if not 0 <= draft.shipping_minor <= MAX_MINOR:
        yield FieldError("/shipping_minor", "out_of_range", f"This must lie between 0 and {MAX_MINOR}.")
    yield from _date_faults(draft, now)


def _date_faults(draft: OrderDraft, now: datetime) -> Iterator[FieldError]:
    if draft.placed_at.tzinfo is None:
        yield FieldError("/placed_at", "no_zone", "An instant needs its offset, such as 2026-11-24T08:00:00Z.")
        return
    if draft.placed_at.date() < EARLIEST or draft.placed_at > now + CLOCK_SKEW:
        yield FieldError("/placed_at", "out_of_range", f"This must lie between {EARLIEST} and tomorrow.")
        return
    if draft.ship_on and not now.date() - CLOCK_SKEW <= draft.ship_on <= now.date() + LONGEST_PROMISE:
        message = "The day to ship on is no day of the past, and within five years."
        yield FieldError("/ship_on", "out_of_range", message)
    promised = draft.promised_on
    if promised and not draft.placed_at.date() - CLOCK_SKEW <= promised <= draft.placed_at.date() + LONGEST_PROMISE:
        message = "A promise lies on or after the day of the order, and within five years of it."
        yield FieldError("/promised_on", "out_of_range", message)


def _line_faults(draft: OrderDraft) -> Iterator[FieldError]:
    if not draft.lines and not draft.flags:
        yield FieldError("/lines", "missing", "An order needs at least one line.")
    if len(draft.lines) > MAX_LINES:
        yield FieldError("/lines", "too_many", f"{len(draft.lines)} lines are more than the {MAX_LINES} possible.")
    for number, line in enumerate(draft.lines[:MAX_LINES]):
        yield from _one_line(f"/lines/{number}", line)
    if goods_minor(draft) > MAX_GOODS_MINOR:
        yield FieldError("/lines", "out_of_range", f"The lines together are worth more than {MAX_GOODS_MINOR}.")


def _one_line(at: str, line: LineDraft) -> Iterator[FieldError]:
    yield from _text(f"{at}/sku", line.sku, required=True)
    yield from _text(f"{at}/external_id", line.external_id)
    yield from _text(f"{at}/name", line.name, limit=MAX_NOTE)
    if line.substitutes and line.substitutes not in LINE_WISHES:
        yield FieldError(f"{at}/substitutes", "unknown", f"Choose one of {', '.join(LINE_WISHES)}, or leave it out.")
    if len(line.pack_with) > MAX_GROUP or not _GROUP.fullmatch(line.pack_with):
        message = f"At most {MAX_GROUP} letters, digits, dots, dashes and underscores, such as set-1."
        yield FieldError(f"{at}/pack_with", "format", message)
    if not 1 <= line.quantity <= MAX_QUANTITY:
        yield FieldError(f"{at}/quantity", "out_of_range", f"This must lie between 1 and {MAX_QUANTITY}.")
    if not 0 <= line.unit_price_minor <= MAX_MINOR:
        yield FieldError(f"{at}/unit_price_minor", "out_of_range", f"This must lie between 0 and {MAX_MINOR}.")


def _service_faults(draft: OrderDraft) -> Iterator[FieldError]:
    if len(draft.services) > MAX_SERVICES:
        yield FieldError("/services", "too_many", f"At most {MAX_SERVICES} services can be asked for.")
    for number, asked in enumerate(draft.services[:MAX_SERVICES]):
        yield from _one_service(f"/services/{number}", asked, draft)


def _one_service(at: str, asked: ServiceDraft, draft: OrderDraft) -> Iterator[FieldError]:
    yield from _text(f"{at}/code", asked.code, required=True)
    yield from _text(f"{at}/text", asked.text, limit=MAX_SERVICE_TEXT, prose=True)
    if not 0 <= asked.line <= len(draft.lines):
        words = f"The order has {len(draft.lines)} line(s), the first is 1; leave it out for the whole order."
        yield FieldError(f"{at}/line", "unknown_line", words)
        return
    most = draft.lines[asked.line - 1].quantity if asked.line else MAX_QUANTITY
    if not 1 <= asked.quantity <= most:
        words = f"Line {asked.line} has {most} unit(s)." if asked.line else f"This lies between 1 and {MAX_QUANTITY}."
        yield FieldError(f"{at}/quantity", "out_of_range", words)
