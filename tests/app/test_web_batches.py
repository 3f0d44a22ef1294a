"""The list of walks: how far they are improved, whose meters they are, and what a cart takes."""

import csv
from collections.abc import Callable

import pytest
from conftest import Visitor
from sqlalchemy import update
from web_house import WebHouse, do, pick_everything, place, project

from fulfillment import api as fulfillment
from fulfillment.jobs import answer_plan_request
from fulfillment.models import PickBatch
from fulfillment.planning import improving
from fulfillment.planning.models import BatchSearch

pytestmark = pytest.mark.thorough

CART = {"totes": "6", "liters": "40", "kilograms": "80", "items": "200"}
SignIn = Callable[[str], Visitor]


@pytest.fixture
def manager(signed_in: SignIn) -> Visitor:
    return signed_in("manager")


def released(manager: Visitor, house: WebHouse) -> None:
    pick_everything(house)
    place(house, ("PEN-L", 3))
    project()
    manager.submit("/batches", "/batches/release")
    answer_plan_request()


def test_a_lead_sees_the_search_stops_it_and_starts_it_anew(house: WebHouse, manager: Visitor) -> None:
    released(manager, house)
    assert "The walks that nobody has claimed" not in manager.page("/batches")
    begun = do(lambda uow: improving.begin_turn(uow, site_id=house.site))
    assert begun is not None
    do(lambda uow: improving.end_turn(uow, turn=begun, carts=improving.better_carts(begun, 0), cpu_ms=400))

    assert "no shorter ones found in 0.4\N{NO-BREAK SPACE}s. A worker goes on" in manager.page("/batches")
    do(lambda uow: uow.session.execute(update(PickBatch).values(planned_mm=2 * PickBatch.length_mm)))
    do(lambda uow: uow.session.execute(update(BatchSearch).values(methods=["annealing", "column_generation"])))
    assert "in 0.4\N{NO-BREAK SPACE}s by annealing and column generation. A worker goes on" in manager.page("/batches")
    assert manager.get("/v1/work/batch-search").json()["methods"] == ["annealing", "column_generation"]
    manager.submit("/batches", "/batches/search", verb="stop")
    assert "The search is stopped." in manager.page("/batches")
    manager.submit("/batches", "/batches/search", verb="anew")
    assert "A worker goes on until somebody claims them." in manager.page("/batches")
    assert manager.get("/v1/work/batch-search").json()["state"] == "improving"


def test_a_lead_changes_the_cart_and_a_bad_one_is_refused(house: WebHouse, manager: Visitor, signed_in: SignIn) -> None:
    released(manager, house)
    answer = manager.submit("/batches", "/batches/cart", **CART)
    assert answer.headers["location"] == "/batches"
    assert manager.get("/v1/work/cart").json() == {
        "totes": 6, "tote_volume_mm3": 40_000_000, "weight_g": 80_000, "items": 200,
    }  # fmt: skip

    refused = manager.submit("/batches", "/batches/cart", **CART | {"totes": "0"})
    assert (refused.status_code, "Enter 1 to 100." in refused.text) == (422, True)
    refused = manager.submit("/batches", "/batches/cart", **CART | {"items": "2"})
    assert refused.status_code == 422
    assert "and 3 items" in refused.text
    assert manager.get("/v1/work/cart").json()["items"] == 200
    assert "/batches/cart" not in signed_in("picker").page("/batches")


def test_walks_are_read_as_csv_with_the_meters_of_each_merchant(house: WebHouse, manager: Visitor) -> None:
    released(manager, house)
    rows = list(csv.DictReader(manager.get("/batches.csv").text.splitlines()))
    (row,) = rows
    assert (row["state"], row["merchant_picks"], row["merchant_m"]) == ("DRAFT", row["lines"], row["walk_m"])


def test_a_lead_stops_what_a_worker_has_not_begun(house: WebHouse, manager: Visitor) -> None:
    pick_everything(house)
    place(house, ("PEN-L", 1))
    project()
    manager.submit("/batches", "/batches/release")
    page = manager.page("/batches")
    run = page.split('name="run" value="', 1)[1].split('"', 1)[0]
    answer = manager.submit("/batches", "/batches/release/cancel", run=run)
    assert answer.headers["location"] == "/batches"
    assert "Stopped before its end: 0 orders released, 0 new batches planned." in manager.page("/batches")
    assert answer_plan_request() == 0


def test_a_lead_says_how_far_walks_keep_out_of_the_way(house: WebHouse, manager: Visitor, signed_in: SignIn) -> None:
    assert manager.submit("/batches", "/batches/detour", most_mm="25").headers["location"] == "/batches"
    assert manager.get("/v1/work/detour").json() == {"most_mm": 25_000}
    refused = manager.submit("/batches", "/batches/detour", most_mm="1001")
    assert (refused.status_code, "Enter 0 to 1,000." in refused.text) == (422, True)
    manager.submit("/batches", "/batches/detour", most_mm="")
    assert manager.get("/v1/work/detour").json() == {"most_mm": None}
    assert "/batches/detour" not in signed_in("picker").page("/batches")


def test_a_lead_says_who_picks_where(house: WebHouse, manager: Visitor, signed_in: SignIn) -> None:
    assert "Who picks where" not in manager.page("/batches"), "each walk stays with one picker"
    manager.submit("/batches", "/batches/passing", on="on")
    picker = house["picker"].id

    done = manager.submit("/batches", "/batches/zones", **{f"zone-{picker}": "B"})

    assert done.headers["location"] == "/batches"
    assert do(lambda uow: fulfillment.picker_zones(uow, house.site)) == {picker: "B"}
    refused = manager.submit("/batches", "/batches/zones", **{f"zone-{picker}": "Z"})
    assert (refused.status_code, "The floor has no zone Z." in refused.text) == (422, True)
    assert "/batches/zones" not in signed_in("picker").page("/batches")
    manager.submit("/batches", "/batches/zones", **{f"zone-{picker}": ""})
    assert do(lambda uow: fulfillment.picker_zones(uow, house.site)) == {}
    manager.submit("/batches", "/batches/passing", on="")
