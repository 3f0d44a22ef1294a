from dataclasses import asdict

from sqlalchemy.dialects.postgresql import insert

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, VersionConflict
from shipping.domain.exports import ExportTerms, export_term_faults
from shipping.export_facts import ExportTermsView, export_terms
from shipping.models.exports import ExportTermsRow


def set_export_terms(
    uow: UnitOfWork, *, tenant_id: str, terms: ExportTerms, version: int | None = None
) -> ExportTermsView:
    """Say who exports a merchant's goods, and on which terms, from the next label on.

    Raises:
        Invalid: names every value that cannot be right.
        VersionConflict: `version` was given and is not the newest.
    """
    wrong = tuple(export_term_faults(terms))
    if wrong:
        raise Invalid(wrong[0].message, errors=wrong)
    first = asdict(ExportTerms()) | {
        "tenant_id": tenant_id, "version": 0, "changed_at": uow.now, "changed_by": uow.actor.id,
    }  # fmt: skip
    uow.session.execute(insert(ExportTermsRow).values(first).on_conflict_do_nothing())
    row = uow.session.get_one(ExportTermsRow, tenant_id, with_for_update=True, populate_existing=True)
    if version is not None and row.version != version:
        raise VersionConflict("The terms were changed since you read them.", remedy="Read them again, then repeat.")
    row.eori, row.vat_number, row.signer, row.phone = terms.eori, terms.vat_number, terms.signer, terms.phone
    row.incoterm, row.version = terms.incoterm, row.version + 1
    row.changed_at, row.changed_by = uow.now, uow.actor.id
    uow.session.flush()
    uow.audit("export_terms.changed", subject=tenant_id, tenant_id=tenant_id, **asdict(terms))
    return export_terms(uow, tenant_id)
