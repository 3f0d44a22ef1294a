from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from app.simulators.carrier_wire import ManifestOrder, ShipmentOrder


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the journal: what was asked and when; most answers follow from it.

    `number` is what a parcel or a manifest was called, where that does not follow any more because earlier lines were
    dropped; then the first line says how many numbers and manifests had been given out.
    """

    at: datetime
    shipment: ShipmentOrder | None = None
    manifest: ManifestOrder | None = None
    voided: str = ""
    pushed_until: datetime | None = None
    pace: float = 1.0
    number: str = ""
    sold: dict[str, int] | None = None
    manifests: int = 0


def read_journal(journal: Path) -> Iterator[Entry]:
    """Return the entries of a journal, oldest first, and cut off half a line at its end."""
    raw = journal.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1]
    # A process that was killed while writing leaves half a line; the next entry must not be glued to it.
    if len(whole) < len(raw):
        journal.write_bytes(whole)
    for line in whole.splitlines():
        yield msgspec.json.decode(line, type=Entry)


def append_entry(journal: Path, entry: Entry) -> None:
    """Write one more line."""
    with journal.open("ab") as file:
        file.write(msgspec.json.encode(entry) + b"\n")


def replace_journal(journal: Path, entries: Iterable[Entry]) -> None:
    """Put other lines in the place of all, at once."""
    draft = journal.with_suffix(".new")
    with draft.open("wb") as file:
        file.writelines(msgspec.json.encode(entry) + b"\n" for entry in entries)
    draft.replace(journal)
