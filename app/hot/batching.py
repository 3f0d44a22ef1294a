import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg

from app.hot.flights import Flights
from app.hot.refusals import Unavailable
from kernel import clock
from kernel.ids import new_ids

MAX_REQUESTS = 64
MAX_LINES = 400
_ATTEMPTS = 5
_REPEATABLE = (
    asyncpg.exceptions.DeadlockDetectedError,
    asyncpg.exceptions.SerializationError,
    asyncpg.exceptions.UniqueViolationError,
)
_CALL = (
    "select request, outcome, body from reserve_requests($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
    " $15)"
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What PostgreSQL decided about one request: the outcome's name, and the answer as JSON text."""

    outcome: str
    body: str


@dataclass(frozen=True, slots=True, eq=False)
class Pending:
    """A reservation that waits for its verdict. `lines` are (line id, SKU, quantity)."""

    key_hash: str
    idempotency_key: str
    fingerprint: str
    reference: str
    site: str
    split: bool
    expires_at: datetime
    lines: Sequence[tuple[str, str, int]]
    channel: str = ""
    verdict: asyncio.Future[Verdict] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Batcher(Flights[Pending]):
    """Has reservations decided in batches. Every answer is given after its commit."""

    def __init__(self, pool: asyncpg.Pool, on_committed: Callable[[], None]) -> None:
        super().__init__()
        self._pool = pool
        self._on_committed = on_committed

    async def reserve(self, pending: Pending) -> Verdict:
        """Return the verdict about a reservation, once it is committed.

        Raises:
            Unavailable: too many wait, or the database does not answer.
        """
        self.join(pending)
        return await pending.verdict

    async def _fly(self, batch: Sequence[Pending]) -> None:
        try:
            await self._decide(batch)
        finally:
            _fail(batch)

    def _gather(self) -> list[Pending]:
        """Take what waits; a key that is in the batch already waits for the next one, to find the stored answer."""
        batch: list[Pending] = []
        keys: set[tuple[str, str]] = set()
        lines, later = 0, []
        while self._waiting and len(batch) < MAX_REQUESTS and lines < MAX_LINES:
            pending = self._waiting.popleft()
            if _key(pending) in keys:
                later.append(pending)
            else:
                keys.add(_key(pending))
                batch.append(pending)
                lines += len(pending.lines)
        self._waiting.extendleft(reversed(later))
        return batch

    async def _decide(self, batch: Sequence[Pending]) -> None:
        try:
            verdicts = await self._call(batch)
        except Exception:  # noqa: BLE001 - whatever one request of the batch provoked must not touch the others
            _log.exception("a batch of %d reservations failed", len(batch))
            if len(batch) > 1:
                for pending in batch:
                    await self._decide([pending])
            return
        for pending, verdict in zip(batch, verdicts, strict=True):
            if not pending.verdict.done():
                pending.verdict.set_result(verdict)
        if any(verdict.outcome == "reserved" for verdict in verdicts):
            self._on_committed()

    async def _call(self, batch: Sequence[Pending]) -> list[Verdict]:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                rows = await self._pool.fetch(_CALL, *_columns(batch))
            except _REPEATABLE:
                if attempt == _ATTEMPTS:
                    raise
            else:
                return [Verdict(row["outcome"], row["body"] or "") for row in rows]
        raise AssertionError("unreachable")


def _key(pending: Pending) -> tuple[str, str]:
    return pending.key_hash, pending.idempotency_key


def _fail(batch: Sequence[Pending]) -> None:
    for pending in batch:
        if not pending.verdict.done():
            pending.verdict.set_exception(
                Unavailable("The database does not answer.", remedy="Repeat the request with the same key.")
            )


def _columns(batch: Sequence[Pending]) -> tuple[Any, ...]:
    lines = [(n, *line) for n, pending in enumerate(batch, start=1) for line in pending.lines]
    return (
        clock.now(),
        [p.key_hash for p in batch],
        [p.idempotency_key for p in batch],
        [p.fingerprint for p in batch],
        [p.reference for p in batch],
        [p.site for p in batch],
        [p.split for p in batch],
        [p.expires_at for p in batch],
        new_ids("evt", len(batch)),
        [n for n, _, _, _ in lines],
        [line_id for _, line_id, _, _ in lines],
        [sku for _, _, sku, _ in lines],
        [quantity for _, _, _, quantity in lines],
        new_ids("rsv", len(lines)),
        [p.channel for p in batch],
    )
