"""What a worker takes part by part, whatever kind of file it is."""

from dataclasses import dataclass
from typing import Protocol

from kernel.db.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file as the worker found it: whose it is (a merchant's or a site's), how much of it is done, and its terms."""

    tenant_id: str
    site_id: str
    run_id: str
    name: str
    content: bytes
    position: int
    terms: dict[str, str]


class PartwiseFile(Protocol):
    """A file that was read: how many orders or rows it has, and how many are taken in one transaction."""

    @property
    def size(self) -> int:
        """How many orders or rows there are."""

    @property
    def part(self) -> int:
        """How many are taken in one transaction."""

    def take(self, uow: UnitOfWork, start: int, end: int) -> None:
        """Take what stands from `start` to before `end`."""

    def finish(self, uow: UnitOfWork) -> None:
        """Write down what all of it came to."""
