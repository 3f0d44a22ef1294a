"""The pages of counts: in walking order, blind, by scan, confirmed by another person, decided by a lead."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from conftest import Visitor
from sqlalchemy import text
from web_house import WebHouse, counted, do, place, project

from app.lanes import run_lane
from fulfillment import api as fulfillment
from inventory import api as inventory

pytestmark = pytest.mark.thorough

SignIn = Callable[[str], Visitor]
MUG = "4006381333931"


@pytest.fixture(autouse=True)
def _nothing_waits(house: WebHouse) -> None:
    """Leave no counts of other tests to come next."""
    for each in do(lambda uow: inventory.find_counts(uow, limit=200)).items:
        do(lambda uow, each=each: inventory.cancel_count(uow, count_id=each.id, reason="Another test"))


def held(house: WebHouse, sku: str) -> tuple[str, int]:
    """The first bin of an item, and what the book says of it."""
    stock = do(lambda uow: inventory.item_stock(uow, house.items[sku]))
    return stock.bins[0].location_code, stock.bins[0].quantity


def wanted(house: WebHouse, sku: str = "MUG-BL", at: str = "") -> tuple[str, str]:
    """A count of an item's bin: its page, and the bin."""
    code = at or held(house, sku)[0]
    asked = {"site_id": house.site, "tenant_id": house.tenant, "item_id": house.items[sku], "location_code": code}
    (task,) = do(lambda uow: inventory.ask_counts(uow, **asked, reason="Looks off"))
    return f"/counts/{task}", code


def seen(path: str) -> inventory.CountView:
    return do(lambda uow: inventory.get_count(uow, path.rpartition("/")[2]))


def scan(visitor: Visitor, path: str, code: str, units: object, barcode: str = MUG):  # noqa: ANN201 - a response
    return visitor.submit(path, f"{path}/count", location_code=code, barcode=barcode, counted=str(units))


def test_a_bin_is_counted_blind_and_the_next_one_follows(house: WebHouse, signed_in: SignIn) -> None:
    picker = signed_in("picker")
    path, code = wanted(house)
    following, _ = wanted(house, "TOWEL")
    book = held(house, "MUG-BL")[1]
    listed = picker.page("/counts")
    assert path in listed
    assert code in listed
    page = picker.page(path)
    assert f'<p class="place">{code}</p>' in page
    assert not re.search(rf">\s*{book}\s*<|\b{book} units", page), "the book's figure is on the page of the count"
    answer = scan(picker, path, code, book)
    assert (answer.status_code, answer.headers["location"]) == (303, following)
    assert "is counted. Booked." in picker.page(following)
    assert seen(path).head.state == "approved"


def test_a_difference_goes_to_another_person_then_to_the_lead_who_sees_whom_it_shorts(
    house: WebHouse, signed_in: SignIn
) -> None:
    picker, packer, lead = signed_in("picker"), signed_in("packer"), signed_in("manager")
    path, code = wanted(house, "PEN-L")
    book = held(house, "PEN-L")[1]
    order = place(house, ("PEN-L", book))
    project()
    scan(picker, path, code, book - 30, "PEN-L")
    assert "Somebody else confirms this count" in picker.page(path)
    assert f"{path}/count" not in picker.page(path)
    for visitor in (picker, packer, lead):
        assert f">{book - 30}<" not in visitor.page(path).replace(f"{book - 30} \N{MULTIPLICATION SIGN}", "")
    scan(packer, path, code, book - 30, "PEN-L")
    assert seen(path).head.state == "counted"
    assert f"{path}/approve" not in packer.page(path)
    page = lead.page(path)
    number = do(lambda uow: fulfillment.get_order(uow, order)).external_id
    assert "1 order or hold would lose 30 promised units." in page
    assert re.search(rf'href="/orders/{order}">{number}<', page)
    assert "customer&#39;s tracker" in page
    refused = lead.submit(path, f"{path}/approve", number="2", reason=" ")
    assert refused.status_code == 422
    assert "Give a reason" in refused.text
    done = lead.submit(path, f"{path}/approve", number="2", reason="Both say so")
    assert done.headers["location"] == path
    page = lead.page(path)
    assert "30 promised units are lost: see below who is told." in page
    assert "Who lost units by it" in page
    project()
    assert do(lambda uow: fulfillment.get_order(uow, order)).units.backordered == 30
    restore = {"tenant_id": house.tenant, "site_id": house.site, "item_id": house.items["PEN-L"]}
    do(lambda uow: inventory.adjust_stock(uow, **restore, location_code=code, delta=30, reason="test"))


def test_a_slip_is_taken_back(house: WebHouse, signed_in: SignIn) -> None:
    picker = signed_in("picker")
    path, code = wanted(house, "LAMP")
    book = held(house, "LAMP")[1]
    scan(picker, path, code, 4, "LAMP")
    assert seen(path).head.state == "recount"
    assert picker.submit("/counts", f"{path}/withdraw").headers["location"] == path
    assert seen(path).head.state == "open"
    assert "Taken back" in picker.page("/counts")
    scan(picker, path, code, book, "LAMP")
    assert seen(path).head.state == "recount", "after a count was taken back even a right one is confirmed"
    lead = signed_in("manager")
    assert lead.submit(path, f"{path}/cancel", reason="Counted by eye").headers["location"] == "/counts"
    assert seen(path).head.state == "cancelled"
    anew = lead.submit(path, f"{path}/ask", reason="It was not right after all").headers["location"]
    assert (seen(anew).head.state, seen(anew).head.location_code) == ("open", code)


@pytest.mark.parametrize(
    ("entered", "status", "field", "words"),
    [
        ({"location_code": "X-99"}, 422, "location_code", "This is not "),
        ({"barcode": "LAMP"}, 422, "barcode", "This is Desk lamp (SKU LAMP)."),
        ({"barcode": "4012345678901"}, 404, "barcode", "have your lead add the barcode"),
        ({"barcode": ""}, 422, "barcode", "Only an empty bin is counted without."),
        ({"counted": "many"}, 422, "counted", "not a whole number"),
        ({"counted": "1000001"}, 422, "counted", "from 0 to 1000000"),
    ],
)
def test_a_refused_count_says_why_in_its_field_and_keeps_the_rest(  # noqa: PLR0917 - what is sent and said
    house: WebHouse, signed_in: SignIn, entered: dict[str, str], status: int, field: str, words: str
) -> None:
    picker = signed_in("picker")
    path, code = wanted(house)
    sent = {"location_code": code, "barcode": MUG, "counted": "7"} | entered
    refused = picker.submit(path, f"{path}/count", **sent)
    form = refused.text.split(f'action="{path}/count"')[1].split("</form>")[0]
    wrong = re.findall(r'<input id="c-f-(\w+)"[^>]*aria-invalid="true"', form)
    assert (refused.status_code, wrong) == (status, [field])
    assert words in form
    assert f'value="{sent["counted"]}"' in form
    assert seen(path).entries == ()


def test_a_lead_asks_and_a_picker_reports_what_is_not_empty(house: WebHouse, signed_in: SignIn) -> None:
    picker, lead = signed_in("picker"), signed_in("manager")
    code, _ = held(house, "TOWEL")
    asked = lead.submit("/counts", "/counts/ask", location_code=code, reason="A pallet fell over")
    assert asked.status_code == 303
    assert code in lead.page("/counts?cause=requested")
    assert "/counts/ask" not in picker.page("/counts")
    report = {"location_code": "DOCK", "barcode": "LAMP"}
    assert picker.submit("/counts", "/counts/zero-check", **report, seen="empty").headers["location"] == "/counts"
    assert "DOCK is as the book says." in picker.page("/counts")
    found = picker.submit("/counts", "/counts/zero-check", **report, seen="units").headers["location"]
    empty = picker.submit(found, f"{found}/empty", location_code="DOCK")
    assert empty.status_code == 303
    assert seen(found).head.state == "approved"
    unknown = lead.submit("/counts", "/counts/ask", location_code="X-99", reason="x")
    assert unknown.status_code == 404
    assert "This site has no location X-99." in unknown.text


def test_the_list_as_a_file_and_how_right_the_book_is(house: WebHouse, signed_in: SignIn) -> None:
    picker, lead = signed_in("picker"), signed_in("manager")
    path, code = wanted(house)
    scan(picker, path, code, held(house, "MUG-BL")[1])
    page = lead.page("/counts?show=approved")
    assert "How right the book was" in page
    assert re.search(r"Class C", page)
    rows = list(csv.DictReader(io.StringIO(lead.page("/counts.csv?show=approved"))))
    assert {"MUG-BL"} <= {row["sku"] for row in rows}
    assert all(row["difference"] for row in rows)
    assert not any(row["difference"] for row in csv.DictReader(io.StringIO(picker.page("/counts.csv?show=approved"))))
    assert "No count matches." in lead.page("/counts?q=NOWHERE")


def test_upkeep_plans_counts_and_the_metrics_tell_what_waits(house: WebHouse, signed_in: SignIn) -> None:
    picker = signed_in("picker")
    path, code = wanted(house)
    do(lambda uow: uow.session.execute(text("update item set created_at = created_at - interval '1 year'")))
    do(lambda uow: uow.session.execute(text("delete from job_run")))
    run_lane("upkeep")
    classed = do(lambda uow: uow.session.execute(text("select count(*) from item_class")).scalar_one())
    assert classed >= len(house.items)
    do(inventory.plan_counts)
    assert do(lambda uow: inventory.find_counts(uow, cause="abc")).items
    scan(picker, path, code, held(house, "MUG-BL")[1])
    told = picker.page("/metrics")
    assert re.search(r'pickstream_counts_waiting{state="open"} [1-9]', told)
    assert re.search(r'pickstream_stock_accuracy_ratio{abc="C",of="counts"} [01]', told)


def test_the_pages_cost_few_statements_however_many_counts_there_are(house: WebHouse, signed_in: SignIn) -> None:
    lead = signed_in("manager")
    wanted(house)
    lead.page("/counts")
    with counted() as one:
        lead.page("/counts")
    for sku in ("TOWEL", "LAMP", "PEN-L"):
        wanted(house, sku)
    with counted() as more:
        lead.page("/counts")
    assert len(more) == len(one)


def test_merchants_and_the_desk_count_nothing(house: WebHouse, signed_in: SignIn) -> None:
    path, _ = wanted(house)
    for role in ("merchant", "service"):
        assert signed_in(role).get("/counts").status_code == 403
        assert signed_in(role).get(path).status_code == 403
