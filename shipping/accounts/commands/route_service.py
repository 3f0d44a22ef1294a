import re
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound, Refusal
from shipping.accounts.queries import account_row
from shipping.models.accounts import CarrierAccountRow, CarrierRouteRow
from shipping.site_terms import forget_terms, terms_of

_CODE: Final = re.compile(r"[A-Za-z0-9_. -]{1,80}")


class ServiceTaken(Refusal):
    """Another account buys this service's labels already."""

    code = "service_taken"
    title = "Another account has this service"


def route_service(uow: UnitOfWork, *, account_id: str, carrier: str, service: str, service_code: str) -> None:
    """Buy the labels of one of the site's services through an account, by the code that the carrier has for it.

    A merchant's own account goes before the house's. Labels that are being bought already stay where they are.

    Raises:
        NotFound: there is no such account, or the site does not use the service.
        Invalid: this is no service code.
        ServiceTaken: another account of the same owner has the service.
    """
    account = account_row(uow, account_id, lock=True)
    if terms_of(uow, account.site_id).service(carrier, service) is None:
        raise NotFound("The site does not use this service.", remedy="Name one of its services.", pointer="/service")
    if not _CODE.fullmatch(service_code.strip()):
        detail = "This is no service code."
        raise Invalid(detail, remedy="Write it as the connector does: ups_standard.", pointer="/service_code")
    _require_free(uow, account, carrier, service)
    values = {"service_code": service_code.strip(), "site_id": account.site_id, "tenant_id": account.tenant_id}
    statement = insert(CarrierRouteRow).values(account_id=account_id, carrier=carrier, service=service, **values)
    key = ["account_id", "carrier", "service"]
    uow.session.execute(statement.on_conflict_do_update(index_elements=key, set_=values))
    forget_terms(uow)
    uow.audit(
        "carrier_account.service_routed", subject=account_id, tenant_id=account.tenant_id or "", carrier=carrier,
        service=service, service_code=service_code.strip(),
    )  # fmt: skip


def unroute_service(uow: UnitOfWork, *, account_id: str, carrier: str, service: str) -> None:
    """Buy a service's labels no longer through an account.

    Raises:
        NotFound: the account does not have the service.
    """
    account = account_row(uow, account_id, lock=True)
    statement = delete(CarrierRouteRow).where(
        CarrierRouteRow.account_id == account_id, CarrierRouteRow.carrier == carrier, CarrierRouteRow.service == service
    )
    if uow.session.scalar(statement.returning(CarrierRouteRow.service)) is None:
        raise NotFound("The account does not have this service.", pointer="/service")
    forget_terms(uow)
    uow.audit(
        "carrier_account.service_unrouted", subject=account_id, tenant_id=account.tenant_id or "", carrier=carrier,
        service=service,
    )  # fmt: skip


def _require_free(uow: UnitOfWork, account: CarrierAccountRow, carrier: str, service: str) -> None:
    same_owner = CarrierRouteRow.tenant_id.is_not_distinct_from(account.tenant_id)
    taken = select(CarrierRouteRow.account_id).where(
        CarrierRouteRow.site_id == account.site_id, CarrierRouteRow.carrier == carrier,
        CarrierRouteRow.service == service, CarrierRouteRow.account_id != account.id, same_owner,
    )  # fmt: skip
    if uow.session.scalar(taken) is not None:
        raise ServiceTaken(
            "Labels of this service are bought through another account.", remedy="Take it from there first."
        )
