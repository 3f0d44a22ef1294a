from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import delete

from app.importers.item_parts import (
    KIND,
    PART,
    Catalogue,
    ItemIntake,
    ItemPart,
    begin_items,
    finish_items,
    note_items,
    read_catalogue,
    source_of,
    take_items,
)
from app.importers.models import ImportFile
from app.importers.runs import OrderResult
from app.importers.shopify_faults import RowFault
from app.importers.waiting_files import keep_file
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork, run

AT_ONCE_BYTES = 50_000
"""Up to here, some hundred items, a catalogue is stored while the sender waits."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class ItemReport:
    """What became of a catalogue, item by item, the faults of those refused, and what is odd in those stored.

    `ignored` are columns of the file that say nothing here.
    """

    run_id: str
    results: tuple[OrderResult, ...]
    faults: tuple[RowFault, ...]
    flags: tuple[RowFault, ...]
    ignored: tuple[str, ...]

    def count(self, outcome: str) -> int:
        """Return how many items had this outcome."""
        return sum(result.outcome == outcome for result in self.results)


def import_items(uow: UnitOfWork, *, tenant_id: str, content: bytes, file: str) -> ItemReport:
    """Store the items of a catalogue: new ones are created, others changed under their version. A defective row is
    reported and leaves nothing; the same file again changes nothing. For small files; others go through `store_items`.

    Emits:
        ItemChanged for each item that was known and of which something changed.

    Raises:
        Invalid: the file cannot be read at all; nothing was changed.
    """
    catalogue = read_catalogue(content, file)
    intake, begun = _begin(uow, tenant_id, file, catalogue)
    part = take_items(uow, intake, catalogue.rows)
    finish_items(uow, intake)
    return _report(intake, (begun, part))


def import_items_in_parts(
    actor: Actor, *, tenant_id: str, content: bytes, file: str, progress: Progress = lambda *_: None
) -> ItemReport:
    """Do the same for a file of any size, in transactions of its own, each of some items.

    Raises:
        Invalid: as above.
    """
    catalogue = read_catalogue(content, file)
    intake, begun = run(actor, lambda uow: _begin(uow, tenant_id, file, catalogue))
    parts = [begun]
    for start in range(0, len(catalogue.rows), PART):
        parts.append(run(actor, partial(_take, intake=intake, start=start)))
        progress("items", min(start + PART, len(catalogue.rows)), len(catalogue.rows))
    run(actor, lambda uow: finish_items(uow, intake))
    return _report(intake, parts)


def store_items(uow: UnitOfWork, *, tenant_id: str, content: bytes, file: str) -> str:
    """Keep a catalogue for the worker and return the run's id. One of the same name that still waits gives way.

    Raises:
        Invalid: the file cannot be read at all.
    """
    read_catalogue(content, file)
    return keep_file(uow, kind=KIND, source=source_of(tenant_id, file), tenant_id=tenant_id, content=content, file=file)


def _begin(uow: UnitOfWork, tenant_id: str, file: str, catalogue: Catalogue) -> tuple[ItemIntake, ItemPart]:
    """Begin an import; a larger file of the same name that still waits gives way to it."""
    intake, begun = begin_items(uow, tenant_id=tenant_id, file=file, catalogue=catalogue)
    waiting = ImportFile.tenant_id == tenant_id, ImportFile.run_id == intake.run_id
    uow.session.execute(delete(ImportFile).where(*waiting))
    return intake, begun


def _take(uow: UnitOfWork, *, intake: ItemIntake, start: int) -> ItemPart:
    rows = intake.catalogue.rows[start : start + PART]
    note_items(uow, intake, start + len(rows))
    return take_items(uow, intake, rows)


def _report(intake: ItemIntake, parts: Sequence[ItemPart]) -> ItemReport:
    return ItemReport(
        intake.run_id,
        tuple(sorted((result for part in parts for result in part.results), key=lambda result: result.line)),
        tuple(sorted((fault for part in parts for fault in part.faults), key=lambda fault: fault.line)),
        tuple(odd for part in parts for odd in part.flags),
        intake.catalogue.ignored,
    )
