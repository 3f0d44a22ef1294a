"""One look at the event feed for all streams of this process: they sleep until something of theirs changed."""

import asyncio
import contextlib
import logging
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from app.availability.changes import TYPES
from kernel import actors
from kernel.actors import ALL_TENANTS, Actor
from kernel.db.feed import feed_head, read_feed, sequence_feed
from kernel.db.transactions import transaction
from kernel.errors import Refusal

LOOK_SECONDS = 0.25
MAX_STREAMS = 200
MAX_STREAMS_EACH = 10
_AT_ONCE = 1_000
_log = logging.getLogger(__name__)


class TooManyStreams(Refusal):
    """One caller listens often enough already."""

    code = "too_many_streams"
    status = 429
    title = "Too many open streams"


class NoStreamLeft(Refusal):
    """This process serves as many streams as it can, or is about to end."""

    code = "no_stream_left"
    status = 503
    title = "No more streams can be opened"


class Stream:
    """One listener: `wait` returns when something may have changed for them, or when there is to be an end."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.ended = False
        self._touched = asyncio.Event()

    @property
    def owner(self) -> str:
        """Who listens: a merchant's streams count together, whatever keys they use."""
        return self.actor.tenant if self.actor.tenant not in ("", ALL_TENANTS) else self.actor.id

    def concerns(self, tenants: set[str]) -> bool:
        """Say whether what happened to these merchants' goods may be of interest."""
        return self.actor.tenant in ("", ALL_TENANTS) or self.actor.tenant in tenants

    def wake(self) -> None:
        """End the present wait, or the next one."""
        self._touched.set()

    def end(self) -> None:
        """Let the stream come to its end."""
        self.ended = True
        self.wake()

    async def wait(self, seconds: float) -> bool:
        """Wait for a change; say whether there may be one."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._touched.wait(), seconds)
        happened = self._touched.is_set()
        self._touched.clear()
        return happened


class Watch:
    """The streams of this process, and the one task that looks for changes while there are any."""

    def __init__(self, *, max_streams: int = MAX_STREAMS, max_each: int = MAX_STREAMS_EACH) -> None:
        self._streams: set[Stream] = set()
        self._max_streams = max_streams
        self._max_each = max_each
        self._looking: asyncio.Task[None] | None = None
        self._stopped = False

    def open(self, actor: Actor) -> Stream:
        """Return a new stream for an actor; `close` it when it is done.

        Raises:
            TooManyStreams: the actor has as many as one may have.
            NoStreamLeft: this process has as many as it can serve, or ends.
        """
        stream = Stream(actor)
        if self._stopped or len(self._streams) >= self._max_streams:
            raise NoStreamLeft("Too many listen already.", remedy="Try again in 5 s.", retry_after_seconds=5)
        if Counter(each.owner for each in self._streams)[stream.owner] >= self._max_each:
            raise TooManyStreams(
                f"{self._max_each} streams of yours are open already.", remedy="Close one, and try again in 30 s.",
                retry_after_seconds=30,
            )  # fmt: skip
        self._streams.add(stream)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return stream

    def close(self, stream: Stream) -> None:
        """Forget a stream."""
        self._streams.discard(stream)

    def stop(self) -> None:
        """Let all streams come to their end, and open no other."""
        self._stopped = True
        for stream in self._streams:
            stream.end()

    async def _look(self) -> None:
        position: int | None = None
        while self._streams and not self._stopped:
            try:
                position, tenants = await run_in_threadpool(_news, position)
            except SQLAlchemyError:
                # The database may be well again at the next look, and nothing is stepped over until then.
                _log.warning("could not look for changes", exc_info=True)
            else:
                for stream in self._streams:
                    if tenants is None or (tenants and stream.concerns(tenants)):
                        stream.wake()
            await asyncio.sleep(LOOK_SECONDS)


def _news(after: int | None) -> tuple[int, set[str] | None]:
    """Return how far the feed goes, and whose goods the events after a position are about: None for anybody's.

    What was committed gets its place in the feed here, too: the streams do not wait for a worker.
    """
    with transaction(actors.system("changes")) as uow:
        sequence_feed(uow)
    with transaction(actors.system("changes")) as uow:
        head = feed_head(uow)
        if after is None:
            return head, None
        if after == head:
            return head, set()
        events = read_feed(uow, after=after, limit=_AT_ONCE, types=TYPES, until=head)
        reached = events[-1].pos if len(events) == _AT_ONCE else head
        return reached, {event.tenant_id for event in events}


@contextmanager
def ending_on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` as soon as a signal asks this process to end, before the server waits for open answers to finish:
    a stream has no end of its own. The server's own handling follows.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    former: dict[signal.Signals, Any] = {}

    def stopping(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop)
        following = former[signal.Signals(number)]
        if callable(following):
            following(number, frame)

    for number in (signal.SIGINT, signal.SIGTERM):
        if callable(known := signal.getsignal(number)):
            former[number] = known
            signal.signal(number, stopping)
    try:
        yield
    finally:
        for number, known in former.items():
            signal.signal(number, known)
