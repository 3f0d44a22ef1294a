"""What an order asks for beside its goods."""

from collections.abc import Collection, Mapping, Sequence

from fulfillment.domain.value_added import ServiceDraft
from fulfillment.models import AskedService, OrderLine, SalesOrder, ValueAddedService
from fulfillment.value_added.registering import offered
from kernel.db.transactions import UnitOfWork
from kernel.errors import FieldError, Invalid
from kernel.ids import new_id


def services_asked(
    uow: UnitOfWork, *, tenant_id: str, drafts: Sequence[ServiceDraft], kit_lines: Collection[int]
) -> dict[str, ValueAddedService]:
    """Return the services that an order asks for, by code. `kit_lines` are the numbers of its lines that are kits.

    Raises:
        Invalid: names each service that the merchant does not offer, or that is asked for a kit, whose parts are
            packed one by one.
    """
    found = offered(uow, tenant_id, [draft.code for draft in drafts]) if drafts else {}
    wrong = []
    for number, draft in enumerate(drafts):
        at = f"/services/{number}"
        if draft.code not in found:
            words = f"There is no service {draft.code}. GET /v1/value-added-services names those that are offered."
            wrong.append(FieldError(f"{at}/code", "unknown_service", words))
        if draft.line in kit_lines:
            words = f"Line {draft.line} is a kit. Ask for it for the whole order."
            wrong.append(FieldError(f"{at}/line", "kit", words))
    if wrong:
        raise Invalid(wrong[0].message, errors=tuple(wrong))
    return found


def ask_for_services(
    uow: UnitOfWork, row: SalesOrder, drafts: Sequence[ServiceDraft], *, offers: Mapping[str, ValueAddedService],
    lines: Sequence[OrderLine], places: Mapping[str, int],
) -> list[AskedService]:  # fmt: skip
    """Add what a new order asks for, as it is offered today. `places` are those of its lines in the draft, from 0."""
    asked = []
    for number, draft in enumerate(drafts, start=1):
        own = next((line.id for line in lines if draft.line and places[line.id] == draft.line - 1), "")
        offer = offers[draft.code]
        asked.append(
            AskedService(
                tenant_id=row.tenant_id, id=new_id("asv"), order_id=row.id, number=number,
                line_id=own, service_id=offer.id, code=offer.code, name=offer.name,
                kind=offer.kind, quantity=draft.quantity, text=draft.text, tare_g=offer.tare_g,
                tare_sd_g=offer.tare_sd_g, seconds=offer.seconds, price_minor=offer.price_minor,
                photo_required=offer.photo_required, lead_days=offer.lead_days,
            )
        )  # fmt: skip
    uow.session.add_all(asked)
    return asked
