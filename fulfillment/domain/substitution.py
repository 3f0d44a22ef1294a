"""Who gets another item instead of one that is not there: what merchant, shop and customer agreed to, and the price."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from kernel.errors import FieldError

PRICE_RULES = ("same", "lower", "never_more")
"""What the customer pays for the other item: the same; its own price if that is not higher, else it is not offered; or
its own price, but never more than was ordered."""
LINE_WISHES = ("allowed", "ask", "never")
"""What the customer told the shop about one line; empty when nothing was said."""
CONSENTS = ("never", "agreed", "ask")
ON_SHORT = ("wait", "leave_out", "ship_rest")
CHOICES = ("wait", "substitute", "leave_out", "cancel")
MAX_ANSWER_HOURS = 168


class Consent(StrEnum):
    """Whether another item may go out instead: at once, after a question, or not."""

    NEVER = "never"
    ASK = "ask"
    ALLOWED = "allowed"


@dataclass(frozen=True, slots=True)
class ShortPolicy:
    """What a merchant wants when units are missing at the bin and in every other.

    `substitutes`: never; `agreed`, if the customer said so at the shop; or `ask` whom nobody asked. `on_short`: units
    without a substitute wait, are left out, or the rest goes out first. A question is open for `answer_hours`; without
    an answer `on_silence` is done.
    """

    substitutes: str = "agreed"
    on_short: str = "wait"
    answer_hours: int = 24
    on_silence: str = "wait"

    @property
    def answer_time(self) -> timedelta:
        """Return how long a question stays open."""
        return timedelta(hours=self.answer_hours)


def short_policy_faults(policy: ShortPolicy) -> Iterator[FieldError]:
    """Yield what cannot be right about a policy, each with the JSON pointer of its field."""
    for name, known in (("substitutes", CONSENTS), ("on_short", ON_SHORT), ("on_silence", CHOICES)):
        if getattr(policy, name) not in known:
            yield FieldError(f"/{name}", "unknown", f"Choose one of {', '.join(known)}.")
    if not 1 <= policy.answer_hours <= MAX_ANSWER_HOURS:
        yield FieldError("/answer_hours", "out_of_range", f"This lies between 1 and {MAX_ANSWER_HOURS}.")


def consent_for(policy: str, wish: str, *, delicate: bool) -> Consent:
    """Return whether a line may be substituted, by the merchant's policy and the wish that came with the line.

    What is `delicate`, a gift or hazardous goods, is never replaced in silence: the customer is asked instead.
    """
    if "never" in (policy, wish) or (policy == "agreed" and not wish):
        return Consent.NEVER
    return Consent.ALLOWED if wish == "allowed" and not delicate else Consent.ASK


def price_of_substitute(rule: str, own_minor: int | None, ordered_minor: int) -> int | None:
    """Return what one unit of the other item costs the customer, in minor units: never more than what was ordered.
    None when the rule does not let it be offered.
    """
    if rule == "same":
        return ordered_minor
    if own_minor is None:
        return None if rule == "lower" else ordered_minor
    if rule == "lower" and own_minor > ordered_minor:
        return None
    return min(own_minor, ordered_minor)
