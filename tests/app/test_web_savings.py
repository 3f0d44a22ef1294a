"""Freight saved: the ledger on its page, as CSV and through the interface, for the house and for a merchant."""

from collections.abc import Callable
from csv import DictReader
from html import unescape

import pytest
from conftest import Visitor
from web_house import WebHouse, delivered, do

from fulfillment import api as fulfillment

SignIn = Callable[[str], Visitor]


@pytest.fixture(scope="module")
def order(house: WebHouse) -> str:
    order_id = delivered(house, ("MUG-BL", 2))
    return do(lambda uow: fulfillment.get_order(uow, order_id)).external_id


def test_the_ledger_is_the_same_on_the_page_as_csv_and_in_the_interface(signed_in: SignIn, order: str) -> None:
    for role in ("manager", "merchant"):
        client = signed_in(role)
        page = unescape(client.page(f"/savings?q={order}"))
        (row,) = DictReader(client.get(f"/savings.csv?q={order}").text.splitlines())
        told = client.get("/v1/freight/savings", params={"search": row["tracking_number"]}).json()

        assert row["order"] == order
        assert row["baseline"] == "swift_parcel/ground"
        assert int(row["saved_minor"]) == int(row["baseline_minor"]) - int(row["paid_minor"])
        assert order in page
        assert row["tracking_number"] in page
        assert "Swift Parcel Ground" in page
        (item,) = told["items"]
        assert (item["saved_minor"], item["baseline"]) == (int(row["saved_minor"]), row["baseline"])
        assert told["totals"][0]["saved_minor"] == item["saved_minor"]


def test_another_baseline_and_another_order_of_rows_are_kept_in_the_addresses(signed_in: SignIn, order: str) -> None:
    page = signed_in("manager").page("/savings?baseline=swift_parcel/express&sort=-saved")

    assert order in page
    assert 'aria-sort="descending"' in page
    assert "sort=saved" in page
    assert "baseline=swift_parcel%2Fexpress" in page
    assert "No parcel matches" in signed_in("manager").page("/savings?q=nowhere-to-be-found")


def test_a_wrong_day_is_told_at_its_field_and_refused_as_csv(signed_in: SignIn) -> None:
    client = signed_in("manager")

    assert "Enter such as 2026-11-24." in client.page("/savings?since=soon")
    assert "Choose a year at most." in client.page("/savings?since=2020-01-01&until=2026-01-01")
    assert client.get("/savings.csv?since=soon").status_code == 422
    wrong = client.get("/v1/freight/savings", params={"since": "2020-01-01", "until": "2026-01-01"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/until")
    assert client.get("/v1/freight/savings", params={"site_id": "sit_nowhere"}).status_code == 404


def test_the_lead_sets_what_late_and_lost_parcels_cost(signed_in: SignIn, house: WebHouse) -> None:
    lead = signed_in("manager")
    wrong = lead.submit("/savings", "/savings/terms", terms_of=house.tenant, late_penalty="much", value_share="5")
    assert wrong.status_code == 422
    assert "Enter such as 5.00." in unescape(wrong.text)
    done = lead.submit("/savings", "/savings/terms", terms_of=house.tenant, late_penalty="5.00", value_share="12.5")
    assert done.status_code == 303, done.text
    page = unescape(lead.page("/savings"))
    assert "€5.00 late, 12.5 % lost" in page
    merchant = signed_in("merchant")
    assert "Contract terms" not in merchant.page("/savings")
    assert merchant.get("/v1/freight/terms").json() == {
        "currency": "EUR", "late_penalty_minor": 500, "value_share_bp": 1_250,
    }  # fmt: skip
    assert signed_in("service").post("/savings/terms").status_code == 403
