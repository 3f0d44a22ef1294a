"""What a JSON body may not say, because readers disagree on what it means (RFC 8259, sections 4, 6 and 8)."""

import json
from collections.abc import Iterator
from typing import Any

from kernel.errors import FieldError, Invalid

_SHOWN = 5


class _Doubtful(ValueError):
    """Something that is looked at again with its place."""


class _Pairs(list[tuple[str, Any]]):
    """An object as it was written: its members in order, repeated ones too."""


class _Constant(str):
    """NaN or an infinity."""

    __slots__ = ()


def is_json(content_type: str) -> bool:
    """Say whether a body of this type is read as JSON."""
    essence = content_type.partition(";")[0].strip().lower()
    return essence == "application/json" or (essence.startswith("application/") and essence.endswith("+json"))


def require_one_meaning(body: bytes) -> None:
    """Refuse repeated names in an object, NaN and infinities, halves of characters, and what is not UTF-8; leave other
    faults to others.

    Raises:
        Invalid: names each by its JSON pointer.
    """
    encoding = json.detect_encoding(body)
    if not encoding.startswith("utf-8"):
        raise Invalid("The body is not in UTF-8 (RFC 8259, 8.1).", remedy="Send it in UTF-8.", pointer="/")
    try:
        # A half of a character is only ever written as an escape.
        _PLAIN.decode(body.decode(encoding, "surrogatepass"))
        if b"\\ud" not in body and b"\\uD" not in body:
            return
    except _Doubtful:
        pass
    except (ValueError, RecursionError):
        return
    try:
        errors = tuple(_faults("", json.loads(body, object_pairs_hook=_Pairs, parse_constant=_Constant)))
    except RecursionError as error:
        raise Invalid("The body is nested too deeply.", remedy="Send it flatter.", pointer="/") from error
    if errors:
        raise Invalid(
            f"{len(errors)} place(s) of the body have no single meaning.", remedy="Correct them and send it again.",
            errors=errors[:_SHOWN],
        )  # fmt: skip


def _plain_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Doubtful
    return found


def _constant(_: str) -> None:
    raise _Doubtful


_PLAIN = json.JSONDecoder(object_pairs_hook=_plain_object, parse_constant=_constant)


def _faults(at: str, value: object) -> Iterator[FieldError]:
    if isinstance(value, _Constant):
        yield FieldError(at or "/", "not_a_number", f"{value} is no number in JSON.")
    elif isinstance(value, str):
        yield from _half_characters(at, value)
    elif isinstance(value, _Pairs):
        seen: set[str] = set()
        for name, member in value:
            here = f"{at}/{_told(name).replace('~', '~0').replace('/', '~1')}"
            if name in seen:
                yield FieldError(here, "repeated_name", f"The name “{_told(name)}” stands here twice. Send it once.")
            seen.add(name)
            yield from _half_characters(here, name)
            yield from _faults(here, member)
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield from _faults(f"{at}/{number}", member)


def _half_characters(at: str, text: str) -> Iterator[FieldError]:
    if _told(text) != text:
        yield FieldError(at or "/", "half_a_character", "This holds a surrogate without its pair (RFC 8259, 8.2).")


def _told(text: str) -> str:
    return text.encode(errors="replace").decode()
