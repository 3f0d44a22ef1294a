import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import asyncpg

from app.hot.batching import Verdict
from app.hot.flights import Flights
from app.hot.refusals import Unavailable
from kernel import clock

MAX_QUESTIONS = 64
MAX_SKUS_TOGETHER = 400
_CALL = "select request, outcome, body from availability_for_keys($1, $2, $3, $4, $5)"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What a channel can sell of some SKUs, asked with an API key; it waits for its answer."""

    key_hash: str
    skus: Sequence[str]
    channel: str = ""
    answer: asyncio.Future[Verdict] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Questions(Flights[Question]):
    """Has questions about availability answered in batches."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        super().__init__()
        self._pool = pool

    async def ask(self, question: Question) -> Verdict:
        """Return the answer to a question.

        Raises:
            Unavailable: too many wait, or the database does not answer.
        """
        self.join(question)
        return await question.answer

    def _gather(self) -> list[Question]:
        batch: list[Question] = []
        skus = 0
        while self._waiting and len(batch) < MAX_QUESTIONS and skus < MAX_SKUS_TOGETHER:
            batch.append(self._waiting.popleft())
            skus += len(batch[-1].skus)
        return batch

    async def _fly(self, batch: Sequence[Question]) -> None:
        try:
            await self._answer(batch)
        finally:
            for question in batch:
                if not question.answer.done():
                    question.answer.set_exception(
                        Unavailable("The database does not answer.", remedy="Repeat the request in a second.")
                    )

    async def _answer(self, batch: Sequence[Question]) -> None:
        lines = [(n, sku) for n, question in enumerate(batch, start=1) for sku in question.skus]
        try:
            rows = await self._pool.fetch(
                _CALL, clock.now(), [q.key_hash for q in batch], [q.channel for q in batch],
                [n for n, _ in lines], [sku for _, sku in lines],
            )  # fmt: skip
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            _log.exception("a batch of %d questions failed", len(batch))
            return
        for request, outcome, body in rows:
            answer = batch[request - 1].answer
            if not answer.done():
                answer.set_result(Verdict(outcome, body or ""))
