import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime

from kernel.settings import settings


def seal(purpose: str, text: str, *, expires_at: datetime) -> str:
    """Return a cookie value that holds `text` until `expires_at`. It is signed (HMAC-SHA256), not encrypted.

    A value that was sealed for one purpose does not open for another.
    """
    body = f"{int(expires_at.timestamp())}:{text}".encode()
    return base64.urlsafe_b64encode(_mac(purpose, body) + body).decode().rstrip("=")


def unseal(purpose: str, sealed: str, *, now: datetime) -> str | None:
    """Return the text of a sealed value, None when it is not ours, of another purpose, or over."""
    try:
        raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        mac, body = raw[:32], raw[32:]
        if not hmac.compare_digest(mac, _mac(purpose, body)):
            return None
        until, _, text = body.decode().partition(":")
    except (ValueError, binascii.Error):
        return None
    return text if datetime.fromtimestamp(int(until), UTC) > now else None


def _mac(purpose: str, body: bytes) -> bytes:
    return hmac.new(settings().secret_key.encode() or b"unset", f"{purpose}:".encode() + body, hashlib.sha256).digest()
