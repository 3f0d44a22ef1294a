"""A floor comes out of a large file: it is kept for a worker, because reading and checking it takes longer than a page
may; how far that is can be looked at, and stopped.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fulfillment.domain.floor_files.files import FORMATS
from fulfillment.domain.floor_files.layers import read_layers
from fulfillment.domain.floor_files.parts import FloorFileError
from fulfillment.domain.floor_files.units import MM
from fulfillment.floor.models import FloorFile
from kernel import runs
from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound, Refusal
from kernel.ids import new_id

AT_ONCE_BYTES: Final = 500_000
"""Up to here, some thousand locations, a file is read while its sender waits."""
LARGEST_BYTES: Final = 50_000_000
_PROGRESS: Final = {"waiting": 0, "reading": 10, "checking": 40, "ready": 100}


class FloorFileUnderWay(Refusal):
    """A file of the site is being read already."""

    code = "floor_file_under_way"
    title = "A file is being read"


class FloorFileOver(Refusal):
    """There is nothing left to cancel."""

    code = "floor_file_over"
    title = "It is done already"


@dataclass(frozen=True, slots=True)
class FloorFileView:
    """A large file and how far it is. `state` is waiting, reading, checking, ready, cancelled or failed; `progress`
    percent. Once ready, it is the `version` of that number, which has so many `faults`; `why` says what went wrong.
    """

    id: str
    site_id: str
    state: str
    name: str
    progress: int
    version: int | None
    faults: int
    why: str
    created_at: datetime
    created_by: str
    finished_at: datetime | None

    @property
    def is_under_way(self) -> bool:
        """Whether a worker has it still before it."""
        return self.state in FloorFile.UNDER_WAY


def ask_for_floor_file(
    uow: UnitOfWork, *, site_id: str, content: bytes, form: str, unit: str = "", layers: str = "", note: str = "",
    file: str = "", based_on: int | None = None, in_force: bool = False, confirmed: bool = False,
) -> str:  # fmt: skip
    """Keep a file for a worker, which makes of it what `import_floor_plan` does; return its id.

    Raises:
        FloorFileError: it is of no known format or unit, or its layers are not said as they should be.
        Invalid: it is larger than 50 MB.
        FloorFileUnderWay: another one of the site is being read.
    """
    get_site(uow, site_id)
    read_layers(layers)
    if form not in FORMATS:
        raise FloorFileError(f"{form} is no format: {', '.join(FORMATS)}.", pointer="/format")
    if unit and unit not in MM:
        raise FloorFileError(f"{unit} is no unit: {', '.join(MM)}.", pointer="/unit")
    if len(content) > LARGEST_BYTES:
        raise Invalid("A file has at most 50 MB.", remedy="Draw one hall at a time.", pointer="/content")
    stored = runs.ask(
        uow, FloorFile, id=new_id("flf"), site_id=site_id, name=file, form=form, unit=unit, layers=layers, note=note,
        based_on=based_on, in_force=in_force, confirmed=confirmed, content=content,
    )  # fmt: skip
    if stored is None:
        found = runs.under_way(uow, FloorFile, site_id=site_id)
        raise FloorFileUnderWay("A file is being read.", remedy="Wait for it, or stop it.", floor_file_id=found)
    uow.audit("floor_file.asked", subject=stored, site_id=site_id, name=file, form=form)
    return stored


def cancel_floor_file(uow: UnitOfWork, file_id: str, *, site_id: str) -> None:
    """Have a worker drop a file: nothing of it is kept.

    Raises:
        NotFound: the site has no such file.
        FloorFileOver: it is a version already, or was cancelled.
    """
    row = runs.cancel(
        uow, FloorFile, file_id, site_id=site_id,
        unknown=NotFound("There is no such file.", remedy="Look at the floor's versions."),
        over=FloorFileOver("The worker is done with it.", remedy="Look at the floor's versions."),
    )  # fmt: skip
    row.content = None
    uow.audit("floor_file.cancelled", subject=file_id, site_id=site_id)


def get_floor_file(uow: UnitOfWork, file_id: str, *, site_id: str) -> FloorFileView:
    """Return how far a file is.

    Raises:
        NotFound: the site has no such file.
    """
    unknown = NotFound("There is no such file.", remedy="Send one.")
    return _view(runs.find(uow, FloorFile, file_id, site_id=site_id, unknown=unknown))


def latest_floor_file(uow: UnitOfWork, *, site_id: str) -> FloorFileView | None:
    """Return the large file that a site got last."""
    return next(map(_view, runs.newest(uow, FloorFile, site_id=site_id)), None)


def _view(row: FloorFile) -> FloorFileView:
    return FloorFileView(
        row.id, row.site_id, row.state, row.name, _PROGRESS.get(row.state, 100), row.version, row.faults, row.why,
        row.created_at, row.created_by, row.finished_at,
    )  # fmt: skip
