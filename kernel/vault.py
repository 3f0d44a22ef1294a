"""Secrets of others that the house has to present again: encrypted in the database under the house's own key."""

import base64
import binascii
import hashlib
import hmac
import secrets
from importlib import import_module
from typing import Any

from kernel.errors import Refusal
from kernel.settings import settings

_NONCE = 12


class VaultClosed(Refusal):
    """A secret cannot be kept or read here."""

    code = "vault_closed"
    title = "Secrets cannot be kept or read here"


def lock_away(purpose: str, text: str) -> str:
    """Encrypt a text (AES-256-GCM) so that only this house reads it, and only for this purpose.

    Raises:
        VaultClosed: the house has no key, or the library is not installed.
    """
    nonce = secrets.token_bytes(_NONCE)
    sealed = nonce + _cipher(purpose).encrypt(nonce, text.encode(), purpose.encode())
    return base64.urlsafe_b64encode(sealed).decode()


def take_out(purpose: str, sealed: str) -> str:
    """Return a text that was locked away for this purpose.

    Raises:
        VaultClosed: the house's key is another one by now, or the text was tampered with.
    """
    cipher = _cipher(purpose)
    broken: type[Exception] = import_module("cryptography.exceptions").InvalidTag
    try:
        raw = base64.urlsafe_b64decode(sealed)
        text: bytes = cipher.decrypt(raw[:_NONCE], raw[_NONCE:], purpose.encode())
    except (broken, binascii.Error, ValueError) as error:
        detail = "The secret was locked away under another key of the house."
        raise VaultClosed(detail, remedy="Enter it again.") from error
    return text.decode()


def _cipher(purpose: str) -> Any:  # noqa: ANN401 - the optional library is loaded here and nowhere else
    house = settings().secret_key
    if not house:
        raise VaultClosed("The house has no key of its own.", remedy="Set PICKSTREAM_SECRET_KEY.")
    try:
        module = import_module("cryptography.hazmat.primitives.ciphers.aead")
    except ModuleNotFoundError as error:
        remedy = "Run pip install 'pickstream[karrio]'."
        raise VaultClosed("What keeps secrets is not installed.", remedy=remedy) from error
    return module.AESGCM(hmac.new(house.encode(), f"vault:{purpose}".encode(), hashlib.sha256).digest())
