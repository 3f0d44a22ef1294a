"""A lead connects a real carrier on a page, tries it, chooses what is bought there, and settles what is in doubt."""

from collections.abc import Callable, Iterator
from html import unescape

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import Visitor
from playwright.sync_api import Browser
from web_house import PASSWORD, WebHouse, do, labelled

from app.simulators.ups import UpsDesk, UpsFaults
from shipping import api as shipping
from tests.ups_server import ACCOUNT, serving_ups

PATH = "/carrier-accounts"


@pytest.fixture(scope="module")
def ups() -> UpsDesk:
    return UpsDesk()


@pytest.fixture(scope="module")
def ups_url(ups: UpsDesk) -> Iterator[str]:
    with serving_ups(ups) as url:
        yield url


def connected(lead: Visitor, url: str, name: str) -> str:
    """Connect UPS on the page and return the account's id."""
    settings = {f"s_{key}": value for key, value in ACCOUNT}
    done = lead.submit(PATH, PATH, name=name, test_mode="yes", server_url=url, **settings)
    assert done.status_code == 303, done.text
    found = do(lambda uow: {each.name: each.id for each in shipping.carrier_accounts(uow, site_id=_site(lead))})
    return found[name]


def _doubtful(house: WebHouse) -> str:
    (doubt,) = do(lambda uow: shipping.doubtful_labels(uow, site_id=house.site))
    return doubt.label_id


def _site(lead: Visitor) -> str:
    return str(lead.get("/v1/carrier-accounts").json()["items"][0]["site_id"])


def route_everything(lead: Visitor, account: str) -> None:
    for each in ("northpost/economy", "northpost/tracked", "swift_parcel/ground", "swift_parcel/express"):
        sent = {"service": each, "account": account, "service_code": "ups_standard"}
        assert lead.submit(PATH, f"{PATH}/services", **sent).status_code == 303


def remove_everything(lead: Visitor, account: str) -> None:
    assert lead.submit(PATH, f"{PATH}/{account}/close").status_code == 303


@pytest.mark.thorough
def test_a_carrier_is_connected_tried_used_and_closed(
    house: WebHouse, signed_in: Callable[[str], Visitor], ups: UpsDesk, ups_url: str
) -> None:
    lead = signed_in("manager")
    assert "No real carrier is connected." in lead.page(PATH)
    missing = lead.submit(PATH, PATH, name="UPS", server_url=ups_url, s_client_id="client")
    assert missing.status_code == 422
    assert "The carrier asks for this." in unescape(missing.text)
    account = connected(lead, ups_url, "Our UPS")
    page = unescape(lead.page(PATH))
    assert "Not tried" in page
    assert dict(ACCOUNT)["client_secret"] not in unescape(lead.page(f"{PATH}?account={account}"))
    tried = lead.submit(PATH, f"{PATH}/{account}/try")
    assert "The carrier answered with 5 prices" in unescape(tried.text)
    assert "Works" in unescape(lead.page(PATH))
    route_everything(lead, account)
    page = unescape(lead.page(PATH))
    assert page.count("ups_standard") >= 4
    parcel = labelled(house, "ord_real")
    sold = ups.books.paid[-1]
    assert parcel.tracking_number == sold.number
    printed = lead.get(f"/parcels/{parcel.id}/label.pdf")
    assert (printed.status_code, printed.content[:5]) == (200, b"%PDF-")

    ups.faults = UpsFaults(lose_after=1, blind=100)
    labelled(house, "ord_doubt")
    page = unescape(lead.page(PATH))
    assert "Was it bought?" in page
    action = f"{PATH}/doubts/{_doubtful(house)}"
    doubtful = do(lambda uow: shipping.doubtful_labels(uow, site_id=house.site))[0].parcel_id
    assert lead.submit(PATH, action, tracking_number=" ").status_code == 422
    sold = ups.books.paid[-1]
    assert lead.submit(PATH, action, tracking_number=sold.number).status_code == 303
    ups.faults = UpsFaults()
    assert "Was it bought?" not in lead.page(PATH)
    settled = do(lambda uow: shipping.get_parcel(uow, tenant_id=house.tenant, parcel_id=doubtful))
    assert (settled.state, settled.tracking_number) == ("labelled", sold.number)

    removed = lead.submit(PATH, f"{PATH}/services/remove")
    assert removed.status_code == 303
    remove_everything(lead, account)
    assert "No real carrier is connected." in lead.page(PATH)


@pytest.mark.thorough
def test_only_who_plans_sees_it(signed_in: Callable[[str], Visitor]) -> None:
    for role in ("packer", "service", "merchant"):
        assert signed_in(role).get(PATH).status_code == 403


@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 320), ("light", 1280), ("dark", 1280)])
def test_the_page_is_sound(  # noqa: PLR0917 - its fixtures
    browser: Browser, address: str, house: WebHouse, signed_in: Callable[[str], Visitor], ups: UpsDesk, ups_url: str,
    scheme: str, width: int,
) -> None:  # fmt: skip
    lead = signed_in("manager")
    account = connected(lead, ups_url, f"UPS {scheme} {width}")
    route_everything(lead, account)
    lead.submit(PATH, f"{PATH}/{account}/try")
    ups.faults = UpsFaults(lose_after=1, blind=100)
    labelled(house, f"ord_{scheme}_{width}")
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 700})  # type: ignore[arg-type]  # one of the two names
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail").fill("manager@house.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    found = {}
    for path in (PATH, f"{PATH}?account={account}", f"{PATH}?connector=dhl_express"):
        page.goto(f"{address}{path}")
        found[path] = [each["id"] for each in Axe().run(page).response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[path].append("too wide")
    context.close()
    lead.submit(PATH, f"{PATH}/doubts/{_doubtful(house)}", tracking_number=ups.books.paid[-1].number)
    remove_everything(lead, account)
    ups.faults = UpsFaults()
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
