"""How an attempt to tell someone ended."""

from dataclasses import dataclass
from enum import StrEnum


class DeliveryKind(StrEnum):
    """What a webhook attempt means for the message."""

    DELIVERED = "delivered"
    RETRY = "retry"
    GONE = "gone"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class DeliveryOutcome:
    """The end of one webhook attempt.

    Attributes:
        kind: delivered (2xx), gone (410), refused (we did not call: the address is not allowed), retry (all else,
            including an answer that never came).
        status_code: the answer's status, or None when there was none.
        latency_ms: from the start of the look-up to the end of the answer.
        answer_excerpt: the first 2 kB of the answer as text, for the staff page.
        retry_after_s: the receiver's Retry-After in seconds, or None.
        error: a short class of failure for people and metrics, empty when there is none.
    """

    kind: DeliveryKind
    status_code: int | None = None
    latency_ms: int = 0
    answer_excerpt: str = ""
    retry_after_s: int | None = None
    error: str = ""


class MailKind(StrEnum):
    """What an attempt to hand over an e-mail means for the message."""

    SENT = "sent"
    RETRY = "retry"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class MailOutcome:
    """The end of one hand-over to the mail server.

    Attributes:
        kind: sent (the server took it), retry (temporary or unknown), refused (this message will never be taken).
        code: the server's reply code, or None when there was none.
        error: what the server or the connection said, empty when sent.
    """

    kind: MailKind
    code: int | None = None
    error: str = ""
