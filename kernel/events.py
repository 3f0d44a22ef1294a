import builtins
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

import msgspec


class Audience(StrEnum):
    """Who may read an event's summary: the customer it is about, or the people of the house only."""

    CUSTOMER = "customer"
    STAFF = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact that others may react to. Subclasses set `TYPE` to `context.past_tense.v1`.

    Events carry ids, codes and amounts, never names, addresses or other personal data. `order_id` and `customer_id` are
    plain references for those who do not know orders; all events of one order form one stream.
    """

    TYPE: ClassVar[str]
    AUDIENCE: ClassVar[Audience] = Audience.STAFF

    tenant_id: str
    order_id: str = ""
    customer_id: str = ""
    occurred_at: datetime | None = None

    @property
    def stream(self) -> str:
        """The subject whose events are kept in order: the order, unless the subclass names another."""
        return self.order_id

    def summary(self) -> str:
        """Return one plain sentence for timelines, without personal data."""
        raise NotImplementedError(type(self).__name__)

    def data(self) -> dict[str, Any]:
        """Return the event's own fields for the envelope's `data`."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _ENVELOPE_FIELDS}


_ENVELOPE_FIELDS = frozenset({"tenant_id", "order_id", "customer_id", "occurred_at"})

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event as it was recorded: what every face, feed and subscriber is given."""

    id: str
    pos: int
    tenant_id: str
    stream: str
    seq: int
    type: str
    audience: Audience
    occurred_at: datetime
    recorded_at: datetime
    order_id: str
    customer_id: str
    actor: str
    summary: str
    body: str

    def data(self) -> dict[str, Any]:
        """Return the event's own fields as plain JSON values."""
        decoded: dict[str, Any] = msgspec.json.decode(self.body.encode())["data"]
        return decoded

    def event(self, cls: builtins.type[E]) -> E:
        """Return the event as the class that its context declares."""
        reference = {
            "tenant_id": self.tenant_id,
            "order_id": self.order_id,
            "customer_id": self.customer_id,
            "occurred_at": self.occurred_at,
        }
        return msgspec.convert(self.data() | reference, cls)
