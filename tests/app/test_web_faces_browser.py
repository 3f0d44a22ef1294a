"""Imports, the choice of a site and error pages in a real browser: readable by everybody, on the smallest phone too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from test_web_imports import export, row
from web_house import PASSWORD, WebHouse, do, place, project

from app.importers.waiting_files import LARGEST_BYTES
from kernel.access.commands import create_site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def page(browser: Browser, address: str, house: WebHouse, scheme: str, width: int) -> Iterator[Page]:
    """An administrator's browser in a house of two sites, one with a long name."""
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 700})  # type: ignore[arg-type]  # one of the two names
    opened = context.new_page()
    opened.goto(f"{address}/sign-in")
    opened.get_by_label("E-mail").fill("admin@house.example")
    opened.get_by_label("Password").fill(PASSWORD)
    opened.get_by_role("button", name="Sign in").click()
    opened.wait_for_url(lambda url: "/sign-in" not in url)
    yield opened
    context.close()


@pytest.fixture(scope="module")
def branch(house: WebHouse) -> str:
    """A second site."""
    place(house, ("PEN-L", 1))
    project()
    name = "Zürich Distribution Center West"
    return do(
        lambda uow: create_site(
            uow, code="ZRH", name=name, time_zone="Europe/Zurich", country="CH", company_prefix="7612345"
        )
    )


def send(page: Page, house: WebHouse, file: Path, button: str) -> None:
    """Fill the form of the list of imports that has this button, and send it."""
    form = page.locator("form", has=page.get_by_role("button", name=button))
    form.get_by_label("Merchant").select_option(house.tenant)
    form.get_by_label("CSV file").set_input_files(file)
    form.get_by_role("button", name=button).click()


def faults(page: Page) -> list[str]:
    """What is wrong with the page that is open: a rule of accessibility, or a line that is cut off."""
    found = [each["id"] for each in Axe().run(page).response["violations"]]
    is_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*found, "too wide"] if is_wide else found


@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 320), ("light", 1280), ("dark", 1280)])
def test_a_file_comes_in_and_every_page_on_the_way_is_sound(
    page: Page, address: str, house: WebHouse, branch: str, tmp_path: Path
) -> None:
    file = tmp_path / "shop.csv"
    file.write_bytes(export(row("#8001"), row("#8002", Lineitem_sku="NOSUCH")))
    found = {}
    page.goto(f"{address}/imports")
    page.locator("summary", has_text="Import orders").click()
    found["form"] = faults(page)
    send(page, house, file, "Import the file")
    expect(page.get_by_role("heading", level=1)).to_have_text("shop.csv")
    expect(page.get_by_text("There is no item NOSUCH.")).to_be_visible()
    found["result"] = faults(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download refused rows").click()
    assert "NOSUCH" in download.value.path().read_text()
    page.get_by_label("Site").select_option(branch)
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_label("Site").locator("option:checked")).to_have_text("Zürich Distribution Center West")
    for path in ("/board", "/orders", "/batches", "/nowhere", "/batches/release", "/t/nope", "/t/nope/x/y", "/docs"):
        page.goto(f"{address}{path}")
        found[path] = faults(page)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(("scheme", "width"), [("light", 320)])
def test_a_file_that_is_too_large_is_told_and_not_cut_off(
    page: Page, address: str, house: WebHouse, branch: str, tmp_path: Path
) -> None:
    file = tmp_path / "huge.csv"
    file.write_bytes(b"x" * (LARGEST_BYTES + 8_000_000))
    page.goto(f"{address}/imports")
    page.locator("summary", has_text="Import orders").click()
    send(page, house, file, "Import the file")
    expect(page.get_by_role("heading", level=1)).to_have_text("The body is too large")


@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 320), ("light", 1280), ("dark", 1280)])
def test_a_catalogue_comes_in_and_goes_out_again(page: Page, address: str, house: WebHouse, tmp_path: Path) -> None:
    sku = f"CAT-{tmp_path.name}"
    file = tmp_path / "catalogue.csv"
    file.write_text(f"sku;name;weight;weight_unit;price\n{sku};Schüssel;0,4;kg;3\n{sku}-2;Tasse;0;kg;4\n", "cp1252")
    found = {}
    page.goto(f"{address}/imports")
    page.locator("summary", has_text="Import items").click()
    found["form"] = faults(page)
    send(page, house, file, "Import the items")
    expect(page.get_by_role("heading", level=1)).to_have_text("catalogue.csv")
    expect(page.get_by_text("0 cannot be.")).to_be_visible()
    expect(page.get_by_text("Not read: price.")).to_be_visible()
    found["result"] = faults(page)
    page.goto(f"{address}/items")
    found["items"] = faults(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Items as CSV").click()
    assert f"{sku},Schüssel" in download.value.path().read_text()
    assert {where: wrong for where, wrong in found.items() if wrong} == {}
