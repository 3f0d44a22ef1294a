"""A merchant's file, taken row by row: while its sender waits, by a command in parts, or by the worker part by part."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar, Generic, TypeVar

from sqlalchemy import select, update

from app.importers.csv_rows import Defect, RowFault
from app.importers.kept_files import Waiting, drop_file, keep_file
from app.importers.models import ImportResult, ImportRun
from app.importers.runs import Key, OrderResult, append_defects, append_results, key_of, record_run, restart_results
from app.importers.totals import Totals
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork, run

T = TypeVar("T")
R = TypeVar("R")
Balance = Mapping[str, Mapping[str, int]]
"""Control totals by figure: what the file holds (`source`), what of it stands in the house (`imported`), and what was
not taken (`set_aside`).
"""
Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Sheet(Generic[T]):
    """What a file holds: what can be tried, what is left out with the reason, and the faults of all others.

    `raw` are the rows as they stood, of each order or item and of each row that names none; `worth` alike, for kinds
    that are worth money. `columns` are the file's own, `ignored` those of them that say nothing here.
    """

    tried: tuple[T, ...]
    faults: tuple[RowFault, ...]
    columns: tuple[str, ...]
    raw: Mapping[Key, tuple[Mapping[str, str], ...]]
    skipped: tuple[RowFault, ...] = ()
    worth: Mapping[Key, Totals] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What became of some of a file, the faults of what was refused, and what is odd in the rest; `totals` counts what
    was taken now.
    """

    results: tuple[OrderResult, ...] = ()
    faults: tuple[RowFault, ...] = ()
    flags: tuple[RowFault, ...] = ()
    totals: Totals = field(default_factory=Totals)

    def __add__(self, other: "Part") -> "Part":
        return Part(
            self.results + other.results, self.faults + other.faults, self.flags + other.flags,
            self.totals + other.totals,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a file, line by line: each result, each fault, what is odd in what was taken, and the totals.

    `totals` is what was taken now. `source` is what the file holds, `here` what the database holds of it, `set_aside`
    what was refused or left out: the first is the sum of the others.
    """

    run_id: str
    results: tuple[OrderResult, ...]
    faults: tuple[RowFault, ...]
    flags: tuple[RowFault, ...]
    ignored: tuple[str, ...]
    totals: Totals
    balance: Balance

    def count(self, outcome: str) -> int:
        """Return how many orders or items had this outcome."""
        return sum(result.outcome == outcome for result in self.results)


class Intake(ABC, Generic[T]):
    """How files of one kind are read, and how what stands in them is taken.

    `noun` is what is counted, `part` how many are taken in one transaction: about a second's work. Up to `at_once`
    bytes, some seconds' work, a file is taken while its sender waits. `folder` keeps the names of its files apart from
    those of other kinds.
    """

    kind: ClassVar[str]
    noun: ClassVar[str]
    part: ClassVar[int]
    at_once: ClassVar[int]
    folder: ClassVar[str] = ""

    @abstractmethod
    def read(self, content: bytes, file: str) -> Sheet[T]:
        """Read a file.

        Raises:
            Invalid: it cannot be read at all.
        """

    @abstractmethod
    def take(self, uow: UnitOfWork, tenant_id: str, tried: Sequence[T]) -> Part:
        """Take some of a file, each whole or not at all."""

    @abstractmethod
    def balance(self, uow: UnitOfWork, reading: "Reading[T]", results: Sequence[OrderResult]) -> Balance:
        """Compare a file of which everything was tried with what stands in the house."""

    def source_of(self, tenant_id: str, file: str) -> str:
        """Return what a file is known by: the same name of the same merchant is the same import."""
        return f"{tenant_id}/{self.folder}{file}"

    def check(self, content: bytes, file: str) -> None:
        """Refuse, before a file is kept, what can be told of it in little time.

        Raises:
            Invalid: it cannot be read at all.
        """
        self.read(content, file)

    def receive(self, uow: UnitOfWork, *, tenant_id: str, content: bytes, file: str) -> Report | str:
        """Take a file and report, or, where it is large, keep it for the worker and return the run's id.

        Raises:
            Invalid: it cannot be read at all; nothing was changed.
        """
        if len(content) <= self.at_once:
            return self.import_file(uow, tenant_id=tenant_id, content=content, file=file)
        self.check(content, file)
        source = self.source_of(tenant_id, file)
        return keep_file(uow, kind=self.kind, source=source, tenant_id=tenant_id, content=content, file=file)

    def import_file(self, uow: UnitOfWork, *, tenant_id: str, content: bytes, file: str) -> Report:
        """Take what a file holds: the good goes in, the defective is reported and leaves nothing; the same file again
        changes nothing. A larger file of the same name that still waits gives way. Emits what `take` emits.

        Raises:
            Invalid: it cannot be read at all; nothing was changed.
        """
        sheet = self.read(content, file)
        reading, begun = self._begin_instead(uow, tenant_id, file, sheet)
        part = reading.take(uow, 0, reading.size)
        return reading.report(begun + part, reading.finish(uow))

    def import_in_parts(
        self, actor: Actor, *, tenant_id: str, content: bytes, file: str, progress: Progress = lambda *_: None
    ) -> Report:
        """Do the same for a file of any size, in transactions of its own, each of a part.

        Raises:
            Invalid: as above.
        """
        sheet = self.read(content, file)
        reading, done = run(actor, lambda uow: self._begin_instead(uow, tenant_id, file, sheet))
        for start in range(0, reading.size, self.part):
            end = min(start + self.part, reading.size)
            done += run(actor, partial(reading.take, start=start, end=end))
            progress(self.noun, end, reading.size)
        return reading.report(done, run(actor, reading.finish))

    def resume(self, uow: UnitOfWork, *, file: Waiting) -> "Reading[T]":
        """Read a file that was kept; with the first turn its record begins anew.

        Raises:
            Invalid: it cannot be read.
        """
        sheet = self.read(file.content, file.name)
        if file.position:
            return Reading(self, file.tenant_id, file.name, sheet, file.run_id)
        return self._begin(uow, file.tenant_id, file.name, sheet)[0]

    def _begin_instead(self, uow: UnitOfWork, tenant_id: str, file: str, sheet: Sheet[T]) -> "tuple[Reading[T], Part]":
        """Begin; a larger file of the same name that still waits gives way."""
        reading, begun = self._begin(uow, tenant_id, file, sheet)
        drop_file(uow, run_id=reading.run_id, tenant_id=tenant_id)
        return reading, begun

    def _begin(self, uow: UnitOfWork, tenant_id: str, file: str, sheet: Sheet[T]) -> "tuple[Reading[T], Part]":
        """Begin the record of a file with what is not tried at all; return both."""
        source, told = self.source_of(tenant_id, file), {"columns": sheet.columns, "progress": [0, len(sheet.tried)]}
        run_id = record_run(uow, source=source, kind=self.kind, merchant_id=tenant_id, totals=told, defects=())
        restart_results(uow, run_id=run_id, tenant_id=tenant_id)
        reading = Reading(self, tenant_id, file, sheet, run_id)
        left_out = (*_left_out(sheet.skipped, "skipped"), *_left_out(sheet.faults, "refused"))
        part = Part(left_out, sheet.faults)
        reading.write_down(uow, part, sheet.skipped)
        return reading, part


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A file that is being taken: how, whose it is, its name, what it holds, and the record of its run."""

    how: Intake[T]
    tenant_id: str
    file: str
    sheet: Sheet[T]
    run_id: str

    @property
    def size(self) -> int:
        """How many can be tried."""
        return len(self.sheet.tried)

    @property
    def part(self) -> int:
        """How many are taken in one transaction."""
        return self.how.part

    def take(self, uow: UnitOfWork, start: int, end: int) -> Part:
        """Take what stands from `start` to before `end`, and write down what became of it and how far the file is."""
        part = self.how.take(uow, self.tenant_id, self.sheet.tried[start:end])
        self.write_down(uow, part)
        told = {"columns": list(self.sheet.columns), "progress": [end, self.size]}
        uow.session.execute(update(ImportRun).where(ImportRun.id == self.run_id).values(totals=told))
        return part

    def finish(self, uow: UnitOfWork) -> Balance:
        """Write down the control totals of a file of which everything was tried."""
        columns = ImportResult.line, ImportResult.number, ImportResult.outcome, ImportResult.order_id
        mine = ImportResult.tenant_id == self.tenant_id, ImportResult.run_id == self.run_id
        results = [OrderResult(*row) for row in uow.session.execute(select(*columns).where(*mine))]
        balance = self.how.balance(uow, self, results)
        record_run(
            uow, source=self.how.source_of(self.tenant_id, self.file), kind=self.how.kind, merchant_id=self.tenant_id,
            totals={**balance, "columns": self.sheet.columns}, defects=None,
        )  # fmt: skip
        return balance

    def write_down(self, uow: UnitOfWork, part: Part, skipped: Iterable[RowFault] = ()) -> None:
        """Write down what became of a part: its results, its defects, and the rows of what was refused."""
        aside = [_defect(self.file, fault, set_aside=True) for fault in (*part.faults, *skipped)]
        append_defects(uow, self.run_id, [*aside, *(_defect(self.file, odd, set_aside=False) for odd in part.flags)])
        refused = (key_of(result.order, result.line) for result in part.results if result.outcome == "refused")
        rows = {key: self.sheet.raw.get(key, ()) for key in refused}
        append_results(uow, run_id=self.run_id, tenant_id=self.tenant_id, results=part.results, rows=rows)

    def report(self, part: Part, balance: Balance) -> Report:
        """Tell of the whole file, line by line."""
        return Report(
            self.run_id,
            tuple(sorted(part.results, key=lambda result: result.line)),
            tuple(sorted(part.faults, key=lambda fault: fault.line)),
            part.flags,
            self.sheet.ignored,
            part.totals,
            balance,
        )


def _left_out(faults: Iterable[RowFault], outcome: str) -> list[OrderResult]:
    first: dict[Key, RowFault] = {}
    for fault in faults:
        first.setdefault(key_of(fault.order, fault.line), fault)
    return [OrderResult(fault.line, fault.order, outcome) for fault in first.values()]


def _defect(file: str, fault: RowFault, *, set_aside: bool) -> Defect:
    return Defect(file, fault.line, fault.order, f"{fault.code}:{fault.column}", fault.message, {}, set_aside=set_aside)
