import os
import struct
import threading
import time
from datetime import datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 74
_ENCODED_LENGTH = 26
_STAMP_SHIFT = 80
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]
_AT_ONCE = 64
_drawn: list[int] = []
_lock = threading.Lock()
_last = 0
_stamped = (0, "0" * 10)
"""The newest millisecond that was written, and its ten characters: the ids of one millisecond share them."""


def new_id(prefix: str) -> str:
    """Return `prefix_` and 26 characters: a UUIDv7 (RFC 9562) in Crockford's base32, as TypeID writes it.

    Ids of one process rise strictly, so that sorting by id is sorting by creation.
    """
    return f"{prefix}_{_encode(_uuid7(1))}"


def new_ids(prefix: str, count: int) -> list[str]:
    """Return as many ids as `new_id` would in as many calls, for a fraction of their cost: they count up from the first
    (RFC 9562, section 6.2, method 2), and so differ in their last characters only.
    """
    if count < 1:
        return []
    first = _uuid7(count)
    ids, high, head = [], -1, ""
    for value in range(first, first + count):
        if value >> 10 != high:
            high, head = value >> 10, f"{prefix}_{_encode(value)[:-2]}"
        ids.append(head + _PAIRS[value & 1023])
    return ids


def id_since(prefix: str, at: datetime) -> str:
    """Return the text that all ids of a prefix which were drawn at an instant or later are greater than."""
    stamp = max(0, int(at.timestamp() * 1000))
    return f"{prefix}_" + "".join([_PAIRS[(stamp >> shift) & 1023] for shift in range(40, -1, -10)])


def is_id(value: str, prefix: str) -> bool:
    """Say whether `value` has the form of an id with this prefix."""
    head, _, tail = value.partition("_")
    return head == prefix and len(tail) == _ENCODED_LENGTH and all(c in _ALPHABET for c in tail)


def _uuid7(count: int) -> int:
    """Take `count` values that follow one another; return the first."""
    global _last  # noqa: PLW0603 - the one place that keeps ids of a process strictly rising
    stamp = (time.time_ns() // 1_000_000) << _STAMP_SHIFT
    with _lock:
        drawn = _draw()
        candidate = stamp | (0x7 << 76) | ((drawn >> 62) << 64) | (0b10 << 62) | (drawn & ((1 << 62) - 1))
        first = candidate if candidate > _last else _successor(_last)
        _last = first + count - 1
        return first


def _draw() -> int:
    """Return 74 random bits. The system is asked for many at once: asking costs more than all the rest of an id."""
    if not _drawn:
        _drawn.extend(struct.unpack(f"{2 * _AT_ONCE}Q", os.urandom(16 * _AT_ONCE)))
    return ((_drawn.pop() << 64) | _drawn.pop()) & ((1 << _RANDOM_BITS) - 1)


os.register_at_fork(after_in_child=_drawn.clear)


def _successor(value: int) -> int:
    """Count up inside the 62 random bits: a process would have to draw 2**61 ids in a millisecond to overflow."""
    return value + 1


def _encode(value: int) -> str:
    global _stamped  # noqa: PLW0603 - read and replaced as a whole, so that threads cannot mix two of them
    stamp, stamped = _stamped
    if value >> _STAMP_SHIFT != stamp:
        stamp = value >> _STAMP_SHIFT
        stamped = "".join([_PAIRS[(stamp >> shift) & 1023] for shift in range(40, -1, -10)])
        _stamped = stamp, stamped
    return stamped + "".join([_PAIRS[(value >> shift) & 1023] for shift in range(70, -1, -10)])
