import hashlib
import hmac
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

_hasher = PasswordHasher()
_DECOY = _hasher.hash("no user has this password")


def new_token() -> str:
    """Return a random 256-bit token, URL-safe."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """Return the SHA-256 of a random token: how it is stored. Passwords go through argon2id instead."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    return _hasher.hash(password)


def password_matches(stored: str | None, password: str) -> bool:
    """Compare in the same time whether or not the user exists."""
    try:
        _hasher.verify(stored or _DECOY, password)
    except VerificationError:
        return False
    return stored is not None


def derived_token(secret_key: str, purpose: str, subject: str) -> str:
    """Return the 160-bit token that this house gives a subject for a purpose: derivable, so that it need not be stored
    in the clear, and unguessable without the secret key (HMAC-SHA256, RFC 2104).
    """
    mac = hmac.new(secret_key.encode(), f"{purpose}:{subject}".encode(), hashlib.sha256).digest()
    return mac[:20].hex()
