"""The bill of lading of a closed manifest, from what the driver takes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal
from shipping.documents.bills_of_lading import BillOfLading, LadingLine, LadingParcel
from shipping.models.bills_of_lading import BillOfLadingRow
from shipping.printing import origin_of
from shipping.queries import get_manifest
from shipping.site_terms import terms_of

GENERAL: Final = "General merchandise"
DANGEROUS: Final = "Dangerous goods, in the packages marked below"
_LOADED = text(
    "select p.id, m.tracking_number, p.reference, p.ship_to ->> 'country' as country,"
    " p.ship_to ->> 'postal_code' as postal_code, m.weight_g, coalesce(m.container_sscc, '') as container,"
    " coalesce(m.container_kind, '') as kind from manifest_parcel m"
    " join parcel p on p.tenant_id = m.tenant_id and p.id = m.parcel_id and p.manifest_id = m.manifest_id"
    " where m.manifest_id = :manifest order by m.container_sscc nulls last, m.tracking_number"
)


_ITEMS = text(
    "select distinct m.manifest_id, i.item_id from manifest_parcel m"
    " join parcel p on p.tenant_id = m.tenant_id and p.id = m.parcel_id and p.manifest_id = m.manifest_id"
    " join parcel_item i on i.tenant_id = p.tenant_id and i.parcel_id = p.id where m.manifest_id = any(:manifests)"
)


class NoBillYet(Refusal):
    """The manifest has no bill of lading."""

    code = "no_bill_of_lading"
    title = "The manifest has no bill of lading yet"


def bill_of_lading(
    uow: UnitOfWork, *, manifest_id: str, printed_number: str = "",
    printed_references: Mapping[str, str] | None = None, dangerous: Collection[str] = (),
) -> BillOfLading:  # fmt: skip
    """Return the bill of a manifest: what the driver takes, by packaging. `dangerous` are the ids of the parcels with
    dangerous goods; a container with one of them is on a line of dangerous goods with all that it holds.

    Raises:
        NotFound: there is no such manifest for this caller.
        NoBillYet: none was issued.
    """
    manifest = get_manifest(uow, manifest_id=manifest_id)
    bill = uow.session.get(BillOfLadingRow, manifest_id, populate_existing=True)
    if bill is None:
        raise NoBillYet("It has no number so far.", remedy="Issue the bill of lading, then print it.")
    terms = terms_of(uow, manifest.site_id)
    name = next((s.carrier_name for s in terms.services if s.carrier == manifest.carrier), manifest.carrier)
    rows = uow.session.execute(_LOADED, {"manifest": manifest_id}).all()
    known = printed_references or {}
    parcels = tuple(
        LadingParcel(
            row.tracking_number, known.get(row.reference, row.reference), row.country, row.postal_code, row.weight_g,
            row.container, row.id in dangerous,
        )
        for row in rows
    )  # fmt: skip
    return BillOfLading(
        bill.number, printed_number or manifest.id, origin_of(terms.site), name, bill.scac, bill.pro_number,
        bill.trailer, bill.seal, manifest.ship_date, tuple(_lines(rows, dangerous)), parcels,
    )  # fmt: skip


def items_on_manifests(uow: UnitOfWork, *, manifest_ids: Sequence[str]) -> dict[str, set[str]]:
    """Return the ids of the items that the driver takes, by manifest."""
    found: dict[str, set[str]] = {}
    for row in uow.session.execute(_ITEMS, {"manifests": list(manifest_ids)}):
        found.setdefault(row.manifest_id, set()).add(row.item_id)
    return found


def _lines(rows: Iterable[Any], dangerous: Collection[str]) -> Iterable[LadingLine]:
    found = list(rows)
    marked = {row.container for row in found if row.container and row.id in dangerous}
    groups: dict[tuple[bool, str], list[Any]] = {}
    for row in found:
        is_dangerous = row.id in dangerous or row.container in marked
        groups.setdefault((is_dangerous, row.kind), []).append(row)
    for (is_dangerous, kind), inside in sorted(groups.items()):
        units = len({row.container for row in inside}) if kind else len(inside)
        yield LadingLine(
            kind.capitalize() or "Carton", units, len(inside), sum(row.weight_g for row in inside), is_dangerous,
            DANGEROUS if is_dangerous else GENERAL,
        )  # fmt: skip
