"""Signing secrets of endpoints: derived, never stored."""

import base64
import hashlib
import hmac
import secrets as entropy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from notifications.domain.signing import SECRET_PREFIX

OVERLAP = timedelta(hours=24)
"""How long a replaced secret still signs beside its successor, unless the owner says otherwise."""


@dataclass(frozen=True, slots=True)
class Salt:
    """What the database keeps of a secret: random bytes, and until when the secret signs (None: until replaced)."""

    value: str
    expires_at: datetime | None = None

    def record(self) -> dict[str, Any]:
        """Return the salt as it is stored."""
        return {"value": self.value, "expires_at": self.expires_at.isoformat() if self.expires_at else None}

    @classmethod
    def of(cls, record: dict[str, Any]) -> "Salt":
        """Return a stored salt."""
        until = record["expires_at"]
        return cls(str(record["value"]), datetime.fromisoformat(until) if until else None)


def new_salt() -> Salt:
    """Return a salt of 256 random bits."""
    return Salt(entropy.token_hex(32))


def derive_secret(secret_key: str, endpoint_id: str, salt: Salt) -> str:
    """Return the endpoint's `whsec_` secret: HMAC-SHA256 of its id and salt under the house's key (RFC 2104).

    Neither a copy of the database nor the key alone tells it, and nothing has to be decrypted. Another key means other
    secrets: whoever changes the house's key rotates the endpoints' secrets too.
    """
    mac = hmac.new(secret_key.encode(), f"webhook-secret:{endpoint_id}:{salt.value}".encode(), hashlib.sha256)
    return SECRET_PREFIX + base64.b64encode(mac.digest()).decode()


def rotate(salts: Sequence[Salt], now: datetime, overlap: timedelta) -> tuple[Salt, ...]:
    """Return a new salt followed by the present ones, which now end after `overlap`; expired ones are dropped."""
    ending = (Salt(salt.value, min(salt.expires_at or now + overlap, now + overlap)) for salt in salts)
    return (new_salt(), *(salt for salt in ending if valid(salt, now)))


def valid(salt: Salt, now: datetime) -> bool:
    """Say whether a salt's secret still signs."""
    return salt.expires_at is None or salt.expires_at > now
