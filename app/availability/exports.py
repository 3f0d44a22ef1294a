"""Everything that can be sold, as of one instant, in pieces that fit into memory."""

import contextvars
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import anyio
import msgspec
from starlette.concurrency import run_in_threadpool

from app.availability.answers import cursor_name, site_of, stock_answer
from app.availability.changes import present_position
from inventory.api import Availability, walk_availability
from kernel.access.queries import find_merchants, find_sites, get_merchant
from kernel.actors import Actor
from kernel.csv_text import csv_line
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Refusal
from kernel.web.paging import encode_cursor

MAX_EXPORTS = 2
EXPORT_SECONDS = 300
"""A reader who takes longer is cut off: the snapshot that is kept for them is paid by everybody."""
_CSV_COLUMNS = ("merchant", "sku", "item_id", "site", "on_hand", "reserved", "available")
T = TypeVar("T")
_END = object()


class NoExportLeft(Refusal):
    """This process writes as many exports as it can."""

    code = "no_export_left"
    status = 503
    title = "No more exports can be made now"


class ExportTooSlow(RuntimeError):
    """The reader took too long; the answer ends without its end."""


class Slots:
    """How many exports may run in this process, and how many do: each holds a connection and a snapshot."""

    def __init__(self, count: int = MAX_EXPORTS) -> None:
        self._left = count

    def take(self) -> None:
        """Take a slot; `give` it back.

        Raises:
            NoExportLeft: all are taken.
        """
        if not self._left:
            raise NoExportLeft("Others export already.", remedy="Try again in 10 s.", retry_after_seconds=10)
        self._left -= 1

    def give(self) -> None:
        """Give a slot back."""
        self._left += 1


def export_pieces(actor: Actor, *, merchant_id: str = "", channel: str = "", as_csv: bool = False) -> Iterator[str]:
    """Yield the cursor of the changes that the export does not hold, then its lines, some hundred at a time.

    All of it is read in one snapshot: what is committed later is told after that cursor, and nothing falls between.

    Raises:
        NotFound: the actor sees no such merchant.
        ExportTooSlow: the reader took longer than 300 s.
    """
    deadline = time.monotonic() + EXPORT_SECONDS
    with transaction(actor, snapshot=True) as uow:
        tenant_id = get_merchant(uow, merchant_id).id if merchant_id else ""
        yield encode_cursor(cursor_name(actor), present_position(uow))
        lines = _csv_lines(uow) if as_csv else _json_lines(actor)
        yield csv_line(_CSV_COLUMNS) if as_csv else ""
        for merchant, items in walk_availability(uow, tenant_id=tenant_id, channel=channel):
            yield "".join(line for each in items for line in lines(merchant, each))
            if time.monotonic() > deadline:
                raise ExportTooSlow(f"the export was not read within {EXPORT_SECONDS} s")


Lines = Callable[[str, Availability], Iterator[str]]


def _json_lines(actor: Actor) -> Lines:
    site_id = site_of(actor)

    def lines(merchant_id: str, found: Availability) -> Iterator[str]:
        yield msgspec.json.encode(stock_answer(merchant_id, found, site_id=site_id)).decode() + "\n"

    return lines


def _csv_lines(uow: UnitOfWork) -> Lines:
    site_id = site_of(uow.actor)
    merchants = {each.id: each.code for each in find_merchants(uow)}
    sites = {each.id: each.code for each in find_sites(uow)}

    def lines(merchant_id: str, found: Availability) -> Iterator[str]:
        head = merchants.get(merchant_id, merchant_id), found.sku, found.item_id
        levels = [each for each in found.by_site if site_id in ("", each.site_id)]
        for each in levels:
            yield csv_line((*head, sites[each.site_id], each.on_hand, each.reserved, each.available))
        if not levels:
            yield csv_line((*head, sites.get(site_id, ""), 0, 0, 0))

    return lines


@dataclass(frozen=True, slots=True)
class Steps:
    """Runs a generator that holds a transaction step by step in worker threads, all of them in one context: the
    transaction knows its context, and each thread of the pool would have another.
    """

    pieces: Iterator[str]
    context: contextvars.Context

    async def first(self) -> str:
        """Return the first piece."""
        return str(await self._in_thread(lambda: next(self.pieces)))

    async def rest(self) -> AsyncIterator[str]:
        """Yield the other pieces."""
        while (piece := await self._in_thread(lambda: next(self.pieces, _END))) is not _END:
            yield str(piece)

    async def close(self) -> None:
        """End the transaction, whether or not everything was read; also when the reader is gone."""
        close = getattr(self.pieces, "close", None)
        if close:
            with anyio.CancelScope(shield=True):
                await self._in_thread(close)

    async def _in_thread(self, step: Callable[[], T]) -> T:
        return await run_in_threadpool(self.context.run, step)


def steps_of(pieces: Iterator[str]) -> Steps:
    """Return the steps of a generator."""
    return Steps(pieces, contextvars.copy_context())
