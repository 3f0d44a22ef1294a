import re
from typing import Final

from sqlalchemy import select

from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal
from shipping.domain.gs1 import InvalidGs1Value, build_gsin
from shipping.models.bills_of_lading import BillOfLadingRow
from shipping.models.parcels import ManifestRow
from shipping.repository import lock_manifest, next_serial

_LONGEST: Final = 30
_SCAC = re.compile(r"[A-Z]{2,4}")


class BillNumbersExhausted(Refusal):
    """The site's company prefix has no number left for another bill of lading."""

    code = "bill_numbers_exhausted"
    title = "The site has no bill numbers left"


def issue_bill_of_lading(
    uow: UnitOfWork, *, manifest_id: str, scac: str = "", pro_number: str = "", trailer: str = "", seal: str = ""
) -> str:
    """Give a closed manifest its bill of lading and return the bill's number; a bill that is there keeps its number and
    takes on what is told now.

    The number is a GSIN of 17 digits (GS1 General Specifications, AI 402), as the VICS bill of lading asks. Without a
    `scac` the bill takes the one that the carrier's last bill at this site had.

    Raises:
        NotFound: there is no such manifest for this caller.
        Invalid: the SCAC has not two to four letters, or a text is longer than 30 characters.
        BillNumbersExhausted: every number of the site's company prefix was given.
    """
    told = _told(scac, pro_number, trailer, seal)
    manifest = lock_manifest(uow, manifest_id)
    bill = uow.session.get(BillOfLadingRow, manifest_id, populate_existing=True)
    if bill is None:
        told["scac"] = told["scac"] or known_scac(uow, manifest.site_id, manifest.carrier)
        bill = BillOfLadingRow(
            manifest_id=manifest_id, site_id=manifest.site_id, carrier=manifest.carrier,
            number=_number(uow, manifest), issued_at=uow.now, issued_by=uow.actor.id, **told,
        )  # fmt: skip
        uow.session.add(bill)
    else:
        for name, value in told.items():
            setattr(bill, name, value)
    uow.session.flush()
    uow.audit("bill_of_lading.issued", subject=manifest_id, number=bill.number, **told)
    return bill.number


def known_scac(uow: UnitOfWork, site_id: str, carrier: str) -> str:
    """Return the SCAC that the carrier's newest bill at a site carries, "" while none does."""
    statement = (
        select(BillOfLadingRow.scac)
        .where(BillOfLadingRow.site_id == site_id, BillOfLadingRow.carrier == carrier, BillOfLadingRow.scac != "")
        .order_by(BillOfLadingRow.issued_at.desc(), BillOfLadingRow.manifest_id.desc())
        .limit(1)
    )
    return uow.session.scalar(statement) or ""


def _number(uow: UnitOfWork, manifest: ManifestRow) -> str:
    prefix = get_site(uow, manifest.site_id).company_prefix
    try:
        return build_gsin(prefix, next_serial(uow, f"bol_{prefix}"))
    except InvalidGs1Value as error:
        detail = "Every number of the company prefix was given."
        raise BillNumbersExhausted(detail, remedy="Register another GS1 prefix.") from error


def _told(scac: str, pro_number: str, trailer: str, seal: str) -> dict[str, str]:
    code = scac.strip().upper()
    if code and not _SCAC.fullmatch(code):
        raise Invalid("A SCAC has two to four letters.", remedy="Such as UPSN; or leave it empty.", pointer="/scac")
    texts = {"pro_number": pro_number, "trailer": trailer, "seal": seal}
    for name, value in texts.items():
        if len(value.strip()) > _LONGEST:
            raise Invalid(f"Write at most {_LONGEST} characters.", pointer=f"/{name}")
    return {"scac": code, **{name: value.strip() for name, value in texts.items()}}
