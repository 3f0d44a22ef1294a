"""Which services a merchant offers: what each weighs, how long it takes and what it costs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import select

from fulfillment.domain.order_drafts import MAX_MINOR, MAX_TEXT, is_blank, is_printable
from fulfillment.domain.value_added import KINDS
from fulfillment.models import ValueAddedService
from kernel.db.transactions import UnitOfWork
from kernel.errors import FieldError, Invalid, NotFound, Refusal, VersionConflict
from kernel.ids import new_id

_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,39}")
_MOST: Final = {"tare_g": 10_000, "tare_sd_g": 1_000, "seconds": 7_200, "price_minor": MAX_MINOR, "lead_days": 60}


class CodeTaken(Refusal):
    """The merchant has another service with this code."""

    code = "code_taken"
    title = "There is a service with this code"


@dataclass(frozen=True, slots=True)
class OfferDraft:
    """A service as it is offered. Of one: its tare in g with its spread, how long it takes in seconds, and what the
    merchant pays in minor units. `lead_days` are working days that it adds to a promise.
    """

    code: str
    name: str
    kind: str
    tare_g: int = 0
    tare_sd_g: float = 0.0
    seconds: int = 0
    price_minor: int = 0
    photo_required: bool = False
    lead_days: int = 0
    active: bool = True


@dataclass(frozen=True, slots=True)
class OfferView:
    """A service that a merchant offers; orders can ask for it while it is `active`."""

    id: str
    tenant_id: str
    code: str
    name: str
    kind: str
    tare_g: int
    tare_sd_g: float
    seconds: int
    price_minor: int
    photo_required: bool
    lead_days: int
    active: bool
    version: int


def offer_service(uow: UnitOfWork, *, tenant_id: str, draft: OfferDraft) -> OfferView:
    """Offer a service to a merchant's customers.

    Raises:
        Invalid: names each value that cannot be right.
        CodeTaken: the merchant has another service with this code.
    """
    _require_sound(draft)
    if _by_code(uow, tenant_id, [draft.code]):
        raise CodeTaken(f"There is a service {draft.code}.", remedy="Change that one.", pointer="/code")
    row = ValueAddedService(
        tenant_id=tenant_id, id=new_id("vas"), version=1, changed_at=uow.now, changed_by=uow.actor.id, **_told(draft)
    )
    uow.session.add(row)
    uow.session.flush()
    uow.audit("service.offered", subject=row.id, tenant_id=tenant_id, **_told(draft))
    return _view(row)


def change_offer(uow: UnitOfWork, *, service_id: str, draft: OfferDraft, version: int | None = None) -> OfferView:
    """Change a service for orders that come in from now on; those that asked for it keep what was said then. Its code
    stays.

    Raises:
        NotFound: the actor sees no such service.
        Invalid: names each value that cannot be right.
        VersionConflict: `version` was given and is not the newest.
    """
    statement = select(ValueAddedService).where(ValueAddedService.id == service_id).with_for_update()
    row = uow.session.scalar(statement.execution_options(populate_existing=True))
    if row is None:
        raise NotFound("There is no such service.", remedy="Read the list again.")
    if version is not None and version != row.version:
        raise VersionConflict("The service was changed since you read it.", remedy="Read it again, then repeat.")
    _require_sound(draft)
    if draft.code != row.code:
        raise Invalid("A service keeps its code.", remedy="Offer another one.", pointer="/code")
    for name, value in _told(draft).items():
        setattr(row, name, value)
    row.version, row.changed_at, row.changed_by = row.version + 1, uow.now, uow.actor.id
    uow.session.flush()
    uow.audit("service.changed", subject=row.id, tenant_id=row.tenant_id, **_told(draft))
    return _view(row)


def services_of(uow: UnitOfWork, tenant_id: str) -> tuple[OfferView, ...]:
    """Return the services of a merchant, those that can be asked for first, by name."""
    of_merchant = select(ValueAddedService).where(ValueAddedService.tenant_id == tenant_id)
    ordered = of_merchant.order_by(ValueAddedService.active.desc(), ValueAddedService.name, ValueAddedService.code)
    return tuple(_view(row) for row in uow.session.scalars(ordered))


def get_service(uow: UnitOfWork, service_id: str) -> OfferView:
    """Return one service.

    Raises:
        NotFound: the actor sees no such service.
    """
    row = uow.session.scalar(select(ValueAddedService).where(ValueAddedService.id == service_id))
    if row is None:
        raise NotFound("There is no such service.", remedy="Read the list again.")
    return _view(row)


def offered(uow: UnitOfWork, tenant_id: str, codes: Iterable[str]) -> dict[str, ValueAddedService]:
    """Return the services that can be asked for under these codes, by code."""
    return {row.code: row for row in _by_code(uow, tenant_id, codes) if row.active}


def _by_code(uow: UnitOfWork, tenant_id: str, codes: Iterable[str]) -> list[ValueAddedService]:
    same = ValueAddedService.tenant_id == tenant_id, ValueAddedService.code.in_(sorted(set(codes)))
    return list(uow.session.scalars(select(ValueAddedService).where(*same)))


def _require_sound(draft: OfferDraft) -> None:
    wrong = []
    if not _CODE.fullmatch(draft.code):
        words = "A code has up to 40 capital letters, digits, hyphens and underscores, such as GIFT-WRAP."
        wrong.append(FieldError("/code", "not_a_code", words))
    if is_blank(draft.name) or len(draft.name) > MAX_TEXT or not is_printable(draft.name):
        wrong.append(FieldError("/name", "not_a_name", f"A name has 1 to {MAX_TEXT} printable characters."))
    if draft.kind not in KINDS:
        wrong.append(FieldError("/kind", "unknown", f"Choose one of {', '.join(KINDS)}."))
    for name, most in _MOST.items():
        if not 0 <= getattr(draft, name) <= most:
            wrong.append(FieldError(f"/{name}", "out_of_range", f"This lies between 0 and {most}."))
    if wrong:
        raise Invalid(wrong[0].message, errors=tuple(wrong))


def _told(draft: OfferDraft) -> dict[str, Any]:
    return {field.name: getattr(draft, field.name) for field in fields(draft)}


def _view(row: ValueAddedService) -> OfferView:
    return OfferView(**{field.name: getattr(row, field.name) for field in fields(OfferView)})
