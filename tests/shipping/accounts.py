"""A house whose labels are bought through an account at a simulated UPS."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from app.simulators.ups import UpsDesk
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, run
from kernel.settings import settings
from shipping.accounts.commands.keep_carrier_account import open_carrier_account
from shipping.accounts.commands.route_service import route_service
from shipping.accounts.queries import CarrierAccountView, account_by_id
from shipping.site_terms import terms_of
from tests.shipping.house import House, as_manager, build_house
from tests.ups_server import ACCOUNT, serving_ups


@pytest.fixture
def house_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PICKSTREAM_SECRET_KEY", "the house's key in tests of accounts")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def ups() -> UpsDesk:
    return UpsDesk()


@pytest.fixture
def ups_url(ups: UpsDesk) -> Iterator[str]:
    with serving_ups(ups) as url:
        yield url


@pytest.fixture
def house(database: object, house_key: None, ups_url: str) -> House:
    built = build_house()
    open_account(built, ups_url)
    return built


def open_account(house: House, url: str, *, tenant: str | None = None, name: str = "UPS") -> CarrierAccountView:
    """Open an account and buy every service of the site through it."""

    def work(uow: UnitOfWork) -> CarrierAccountView:
        account = open_carrier_account(
            uow, site_id=house.site, tenant_id=tenant, name=name, connector="ups", settings=dict(ACCOUNT),
            test_mode=True, server_url=url,
        )  # fmt: skip
        for each in terms_of(uow, house.site).services:
            route_service(
                uow, account_id=account.id, carrier=each.carrier, service=each.service, service_code="ups_standard"
            )
        return account_by_id(uow, account_id=account.id)

    return as_manager(house, work)


def labels() -> list[tuple[str, str, str]]:
    def work(uow: UnitOfWork) -> list[tuple[str, str, str]]:
        rows = uow.session.execute(text("select state, tracking_number, carrier_void from label order by id"))
        return [(row.state, row.tracking_number, row.carrier_void) for row in rows]

    return run(system(), work)
