from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from shipping.models.accounts import CarrierAccountRow, CarrierLabelRow, CarrierRouteRow
from shipping.models.parcels import LabelRow, ParcelRow
from shipping.site_terms import Service, terms_of


@dataclass(frozen=True, slots=True)
class RouteView:
    """A service of the site and the code by which the carrier knows it."""

    carrier: str
    service: str
    service_code: str


@dataclass(frozen=True, slots=True)
class CarrierAccountView:
    """An account at a real carrier without its secrets; `tenant_id` is None for the house's own. `tried_well` is None
    while it was not tried since its last change.
    """

    id: str
    tenant_id: str | None
    site_id: str
    name: str
    connector: str
    test_mode: bool
    server_url: str
    shown: dict[str, str]
    routes: tuple[RouteView, ...]
    created_at: datetime
    changed_at: datetime
    tried_at: datetime | None
    tried_well: bool | None
    tried_said: str


@dataclass(frozen=True, slots=True)
class DoubtfulLabel:
    """A label of which nobody knows whether it was bought: since when, and what the last look for it said."""

    tenant_id: str
    parcel_id: str
    label_id: str
    account_id: str
    carrier: str
    service: str
    sscc: str
    asked_at: datetime
    detail: str


def carrier_accounts(uow: UnitOfWork, *, site_id: str) -> list[CarrierAccountView]:
    """Return the accounts of a site that are not closed, by name."""
    statement = select(CarrierAccountRow).where(
        CarrierAccountRow.site_id == site_id, CarrierAccountRow.closed_at.is_(None)
    )
    rows = uow.session.scalars(statement.order_by(CarrierAccountRow.name, CarrierAccountRow.id)).all()
    routes: dict[str, list[CarrierRouteRow]] = defaultdict(list)
    of_site = select(CarrierRouteRow).where(CarrierRouteRow.site_id == site_id)
    for route in uow.session.scalars(of_site.order_by(CarrierRouteRow.carrier, CarrierRouteRow.service)):
        routes[route.account_id].append(route)
    return [account_view(row, routes[row.id]) for row in rows]


def carrier_services(uow: UnitOfWork, *, site_id: str) -> tuple[Service, ...]:
    """Return the services that a site uses, by carrier and service.

    Raises:
        NotFound: there is no such site.
    """
    return terms_of(uow, site_id).services


def doubtful_labels(uow: UnitOfWork, *, site_id: str) -> list[DoubtfulLabel]:
    """Return the labels of a site whose purchase has an unknown outcome, longest waiting first."""
    statement = (
        select(CarrierLabelRow, LabelRow, ParcelRow.sscc)
        .join(LabelRow, (LabelRow.tenant_id == CarrierLabelRow.tenant_id) & (LabelRow.id == CarrierLabelRow.label_id))
        .join(ParcelRow, (ParcelRow.tenant_id == LabelRow.tenant_id) & (ParcelRow.id == LabelRow.parcel_id))
        .where(CarrierLabelRow.asked_at.is_not(None), LabelRow.error != "", ParcelRow.site_id == site_id)
        .order_by(CarrierLabelRow.asked_at, CarrierLabelRow.label_id)
    )
    return [
        DoubtfulLabel(
            label.tenant_id, label.parcel_id, label.id, asked.account_id, label.carrier, label.service, sscc,
            asked.asked_at, label.error,
        )
        for asked, label, sscc in uow.session.execute(statement)
        if asked.asked_at is not None
    ]  # fmt: skip


def account_row(uow: UnitOfWork, account_id: str, *, lock: bool = False) -> CarrierAccountRow:
    """Load an account that is not closed.

    Raises:
        NotFound: there is none of this id for this caller.
    """
    statement = select(CarrierAccountRow).where(
        CarrierAccountRow.id == account_id, CarrierAccountRow.closed_at.is_(None)
    )
    row = uow.session.scalar(statement.with_for_update() if lock else statement)
    if row is None:
        raise NotFound("There is no such carrier account.", remedy="List the accounts to see those there are.")
    return row


def account_by_id(uow: UnitOfWork, *, account_id: str) -> CarrierAccountView:
    """Return an account that is not closed.

    Raises:
        NotFound: there is none of this id for this caller.
    """
    routes = select(CarrierRouteRow).where(CarrierRouteRow.account_id == account_id)
    ordered = routes.order_by(CarrierRouteRow.carrier, CarrierRouteRow.service)
    return account_view(account_row(uow, account_id), uow.session.scalars(ordered))


def tenant_of_label(uow: UnitOfWork, *, label_id: str) -> str:
    """Return whose label this is, among those that a real carrier was asked for.

    Raises:
        NotFound: there is none of this id for this caller.
    """
    tenant = uow.session.scalar(select(CarrierLabelRow.tenant_id).where(CarrierLabelRow.label_id == label_id))
    if tenant is None:
        raise NotFound("There is no such label at a real carrier.", remedy="List the labels in doubt.")
    return tenant


def account_view(row: CarrierAccountRow, routes: Iterable[CarrierRouteRow]) -> CarrierAccountView:
    """Return an account as people see it."""
    return CarrierAccountView(
        row.id, row.tenant_id, row.site_id, row.name, row.connector, row.test_mode, row.server_url, dict(row.shown),
        tuple(RouteView(each.carrier, each.service, each.service_code) for each in routes), row.created_at,
        row.changed_at, row.tried_at, row.tried_well, row.tried_said,
    )  # fmt: skip
