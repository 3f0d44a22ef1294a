"""The scan page without a network, in a real browser on the live house: it opens, and loses and repeats no scan."""

import re
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from axe_playwright_python.sync_playwright import Axe
from handhelds import any_tote
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import text
from web_house import PASSWORD, WebHouse, clear_floor, do, place, project, to_floor

from app.web import rendering
from app.web.handheld.shell import worker_script
from fulfillment import api as fulfillment
from kernel.access.commands import create_user
from kernel.access.queries import find_users
from kernel.actors import Role

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
_people = count(1)
SKUS = ("MUG-BL", "TOWEL", "LAMP", "PEN-L")


@pytest.fixture
def context(browser: Browser, house: WebHouse) -> Iterator[BrowserContext]:
    """A phone that was never here before, in a house in which nothing waits."""
    clear_floor(house)
    context = browser.new_context(viewport={"width": 360, "height": 640})
    yield context
    context.close()


@pytest.fixture
def packer(house: WebHouse) -> str:
    """The e-mail address of a packer who has nothing to do yet."""
    return new_packer(house, "Pia P.")


def new_packer(house: WebHouse, name: str) -> str:
    email = f"offline-{next(_people)}@house.example"
    person = {"email": email, "name": name, "role": Role.PACKER, "password": PASSWORD, "site_id": house.site}
    do(lambda uow: create_user(uow, **person))
    return email


def sign_in(context: BrowserContext, address: str, email: str) -> Page:
    page = context.new_page()
    page.goto(f"{address}/sign-in?next=/scan")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/scan")
    return page


def until(page: Page, script: str, wanted: Callable[[object], bool]) -> object:
    """Evaluate a script until its value is as wanted; the strict policy forbids Playwright's own waiting."""
    value = None
    for _ in range(100):
        value = page.evaluate(script)
        if wanted(value):
            return value
        page.wait_for_timeout(100)
    raise AssertionError(f"{script} stayed {value}")


KEPT = """async () => Object.fromEntries(await Promise.all((await caches.keys()).map(
    async name => [name, (await (await caches.open(name)).keys()).length])))"""


NAMES = "async () => await caches.keys()"
"""Looks into no cache: opening one that was just deleted would bring it back."""


def until_kept(page: Page) -> str:
    """Wait until the worker keeps everything, and return the name of its cache."""
    everything = len(re.findall(r'"/', worker_script().splitlines()[0]))
    kept = until(page, KEPT, lambda kept: list(kept.values()) == [everything])  # type: ignore[attr-defined]  # a dict of the page
    until(page, "() => navigator.serviceWorker.controller !== null", bool)
    return next(iter(kept))  # type: ignore[call-overload,no-any-return]


def wedge(page: Page, *codes: str) -> None:
    """Type each code and Enter, as a scanner does."""
    for code in codes:
        page.keyboard.type(code)
        page.keyboard.press("Enter")


def work_of(house: WebHouse, email: str) -> fulfillment.WorkPackage:
    """The batch that a packer works on."""
    person = next(user.id for user in do(find_users) if user.email == email)
    live = do(lambda uow: fulfillment.find_batches(uow, site_id=house.site, states=("ASSIGNED", "IN_PROGRESS")))
    mine = next(batch.id for batch in live if batch.picker == person)
    return do(lambda uow: fulfillment.work_package(uow, mine))


def begin_batch(page: Page, house: WebHouse, email: str) -> tuple[fulfillment.WorkTask, ...]:
    """Claim the batch, bind its totes, and return its stops."""
    page.get_by_role("button", name="Next batch").click()
    expect(page.locator("h1")).to_have_text("Slot 1")
    wedge(page, *(any_tote() for _ in work_of(house, email).slots))
    expect(page.locator("h1")).to_have_text(work_of(house, email).tasks[0].location_code)
    expect(page.locator(".strip")).to_contain_text("all sent")
    return work_of(house, email).tasks


def stop(page: Page, task: fulfillment.WorkTask) -> None:
    expect(page.locator("h1")).to_have_text(task.location_code)
    wedge(page, task.location_code, task.gtins[0].lstrip("0"), task.tote)


def heard() -> list[tuple[str, str]]:
    """The scans that reached the books, in the order in which they came: the task, and the step."""
    rows = text("select subject, ack ->> 'title' from work_op where kind = 'scan' order by at, op_id")
    return [(row[0], row[1]) for row in do(lambda uow: uow.session.execute(rows).all())]


def test_a_batch_goes_on_through_a_reload_without_a_network(
    context: BrowserContext, address: str, house: WebHouse, packer: str
) -> None:
    place(house, *((sku, 1) for sku in SKUS))
    project()
    to_floor(house)
    trouble: list[str] = []
    page = sign_in(context, address, packer)
    page.on("console", lambda message: trouble.append(message.text) if "Content Security" in message.text else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    until_kept(page)
    tasks = begin_batch(page, house, packer)
    stop(page, tasks[0])
    expect(page.locator("h1")).to_have_text(tasks[1].location_code)
    expect(page.locator(".strip")).to_contain_text("all sent")
    before = heard()

    context.set_offline(True)
    page.reload()
    expect(page.locator("h1")).to_have_text(tasks[1].location_code)
    expect(page.locator(".offline")).to_have_text("Offline, no scan waiting. Scan on.")
    for task in tasks[1:]:
        stop(page, task)
    expect(page.locator(".offline")).to_contain_text("Offline, 9 scans waiting.")
    page.reload()
    expect(page.locator("h1")).to_have_text("Nothing left to do offline")
    expect(page.locator(".offline")).to_contain_text("Offline, 9 scans waiting.")
    assert Axe().run(page).response["violations"] == []
    assert heard() == before

    context.set_offline(False)
    expect(page.locator("h1")).to_have_text(re.compile("^Tote T-"), timeout=20_000)
    expect(page.locator(".offline")).to_be_hidden()
    expect(page.locator(".strip")).to_contain_text("all sent")
    sent = heard()[len(before) :]
    assert sent == [(task.task_id, title) for task in tasks[1:] for title in ("Right", "Right", "Picked")]
    done = work_of(house, packer).tasks
    assert [(task.state, task.done) for task in done] == [("PICKED", 1)] * 4
    assert trouble == []


def test_a_new_release_replaces_the_old_one_between_two_lines(
    context: BrowserContext, address: str, house: WebHouse, packer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = sign_in(context, address, packer)
    old = until_kept(page)
    monkeypatch.setattr(rendering, "static_root", lambda: "/static/0123456789ab")
    for module in ("app.web.handheld.shell", "app.web.assets"):
        monkeypatch.setattr(f"{module}.static_root", lambda: "/static/0123456789ab")
    worker_script.cache_clear()
    try:
        page.reload()
        kept = until(page, NAMES, lambda names: names == ["pickstream-scan-0123456789ab"])
        assert old not in kept  # type: ignore[operator]
        assert page.locator("#scan").get_attribute("data-build") == "0123456789ab"
        context.set_offline(True)
        page.reload()
        expect(page.locator("h1")).to_have_text("Nothing to pick")
        assert page.locator("#scan").get_attribute("data-build") == "0123456789ab"
    finally:
        monkeypatch.undo()
        worker_script.cache_clear()


def test_signing_out_leaves_nothing_of_the_page_or_the_work(
    context: BrowserContext, address: str, house: WebHouse, packer: str
) -> None:
    place(house, ("PEN-L", 1))
    project()
    to_floor(house)
    page = sign_in(context, address, packer)
    until_kept(page)
    begin_batch(page, house, packer)
    context.set_offline(True)
    page.reload()
    (task,) = work_of(house, packer).tasks
    expect(page.locator("h1")).to_have_text(task.location_code)
    wedge(page, task.location_code)
    page.get_by_role("button", name="More").click()
    expect(page.get_by_text("Signing out waits until 1 scan is sent.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
    context.set_offline(False)

    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")

    assert page.evaluate(KEPT) == {}
    assert page.evaluate(VALUES) == ["next_seq"]
    context.set_offline(True)
    with pytest.raises(Exception, match=r"ERR_INTERNET_DISCONNECTED|ERR_FAILED"):
        page.goto(f"{address}/scan")
    context.set_offline(False)


VALUES = """() => new Promise((resolve, reject) => {
    const request = indexedDB.open("pickstream-scan", 1);
    request.onerror = reject;
    request.onsuccess = () => {
        const keys = request.result.transaction("values").objectStore("values").getAllKeys();
        keys.onsuccess = () => { request.result.close(); resolve(keys.result); };
    };
})"""


def test_a_sign_out_elsewhere_takes_the_page_along(
    context: BrowserContext, address: str, house: WebHouse, packer: str
) -> None:
    page = sign_in(context, address, "manager@house.example")
    until_kept(page)
    page.goto(f"{address}/board")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    assert page.evaluate(KEPT) == {}


def test_scans_of_one_person_wait_until_they_sign_in_again(
    context: BrowserContext, address: str, house: WebHouse, packer: str
) -> None:
    place(house, ("PEN-L", 1), ("TOWEL", 1))
    project()
    to_floor(house)
    page = sign_in(context, address, packer)
    until_kept(page)
    tasks = begin_batch(page, house, packer)
    before = len(heard())
    context.set_offline(True)
    stop(page, tasks[0])
    expect(page.locator(".offline")).to_contain_text("3 scans waiting")
    page.close()
    context.clear_cookies()
    context.set_offline(False)

    other = sign_in(context, address, new_packer(house, "Sam S."))
    expect(other.locator(".strip")).to_contain_text("Sam S.")
    expect(other.locator("h1")).to_have_text("Nothing to pick")
    expect(other.locator(".strip")).to_contain_text("all sent")
    assert len(heard()) == before
    other.close()
    context.clear_cookies()

    page = sign_in(context, address, packer)
    expect(page.locator("h1")).to_have_text(tasks[1].location_code)
    expect(page.locator(".strip")).to_contain_text("all sent")
    assert [subject for subject, _ in heard()[before:]] == [tasks[0].task_id] * 3
