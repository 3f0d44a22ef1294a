"""How people and shops get into the sample house, and where that is written down."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kernel.actors import Role

LOGINS = "logins.txt"
KEYS = "sample-keys.json"


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who can sign in to the sample house."""

    email: str
    role: Role
    password: str


@dataclass(frozen=True, slots=True)
class ShopKey:
    """The API key of one sample merchant; the secret is known only here."""

    merchant: str
    name: str
    secret: str


@dataclass(frozen=True, slots=True)
class SampleAccess:
    """Everybody who can get into the sample house."""

    logins: tuple[Login, ...]
    keys: tuple[ShopKey, ...]


def write_access(home: Path, access: SampleAccess) -> None:
    """Write the logins for people to read and the keys for the live day; only the owner of the files can read them.

    The keys are written last: where they are, the logins are too.
    """
    _replace(home / LOGINS, "\n".join(_lines(access)) + "\n")
    _replace(home / KEYS, msgspec.json.encode({key.merchant: key.secret for key in access.keys}).decode())


def has_access(home: Path) -> bool:
    """Say whether logins and keys are written down."""
    return (home / KEYS).exists()


def read_keys(home: Path) -> dict[str, str]:
    """Return the API keys of the sample merchants by merchant code."""
    return msgspec.json.decode((home / KEYS).read_bytes(), type=dict[str, str])


def _lines(access: SampleAccess) -> Iterator[str]:
    yield f"  Sample logins, password {access.logins[0].password}"
    yield from (f"    {login.email:32} {login.role.value}" for login in access.logins)
    yield "  Sample API keys"
    yield from (f"    {key.name:32} {key.secret}" for key in access.keys)


def _replace(path: Path, text: str) -> None:
    """Replace a file at once, so that nobody reads half of it."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
