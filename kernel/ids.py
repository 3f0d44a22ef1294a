import os
import struct
import threading
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 74
_ENCODED_LENGTH = 26
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]
_AT_ONCE = 64
_drawn: list[int] = []
_lock = threading.Lock()
_last = 0


def new_id(prefix: str) -> str:
    """Return `prefix_` and 26 characters: a UUIDv7 (RFC 9562) in Crockford's base32, as TypeID writes it.

    Ids of one process rise strictly, so that sorting by id is sorting by creation.
    """
    return f"{prefix}_{_encode(_uuid7())}"


def is_id(value: str, prefix: str) -> bool:
    """Say whether `value` has the form of an id with this prefix."""
    head, _, tail = value.partition("_")
    return head == prefix and len(tail) == _ENCODED_LENGTH and all(c in _ALPHABET for c in tail)


def _uuid7() -> int:
    global _last  # noqa: PLW0603 - the one place that keeps ids of a process strictly rising
    stamp = (time.time_ns() // 1_000_000) << 80
    with _lock:
        drawn = _draw()
        candidate = stamp | (0x7 << 76) | ((drawn >> 62) << 64) | (0b10 << 62) | (drawn & ((1 << 62) - 1))
        _last = candidate if candidate > _last else _successor(_last)
        return _last


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
    return "".join([_PAIRS[(value >> shift) & 1023] for shift in range(120, -1, -10)])
