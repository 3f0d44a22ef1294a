import hashlib
import hmac
import secrets
from functools import lru_cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

_hasher = PasswordHasher()
# Each hash takes 64 MiB and the whole machine: many at once would only take turns, and the memory of all.
_turns = BoundedSemaphore(2)


def new_token() -> str:
    """Return a random 256-bit token, URL-safe."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """Return the SHA-256 of a random token: how it is stored. Passwords go through argon2id instead."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    with _turns:
        return _hasher.hash(password)


def password_matches(stored: str | None, password: str) -> bool:
    """Compare in the same time whether or not the user exists."""
    decoy = _decoy()
    try:
        with _turns:
            _hasher.verify(stored or decoy, password)
    except VerificationError:
        return False
    return stored is not None


@lru_cache
def _decoy() -> str:
    # Made at the first sign-in, not at import: it takes 64 MiB and a fifth of a second, and few processes need it.
    return _hasher.hash("no user has this password")


def derived_token(secret_key: str, purpose: str, subject: str) -> str:
    """Return the 160-bit token that this house gives a subject for a purpose: derivable, so that it need not be stored
    in the clear, and unguessable without the secret key (HMAC-SHA256, RFC 2104).
    """
    mac = hmac.new(secret_key.encode(), f"{purpose}:{subject}".encode(), hashlib.sha256).digest()
    return mac[:20].hex()
