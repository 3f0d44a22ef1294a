"""Checking a drawn floor without keeping it, keeping it as it was read, and the stock that a new floor leaves out."""

import random
from collections.abc import Callable
from dataclasses import replace

from conftest import Visitor
from web_house import WebHouse, do

from fulfillment import api as fulfillment
from fulfillment.domain.floor_document import plan_to_document
from inventory import api as inventory

SignIn = Callable[[str], Visitor]


def versions(house: WebHouse) -> list[int]:
    return [head.version for head in do(lambda uow: fulfillment.find_floor_plans(uow, site_id=house.site)).items]


def layout(seed: int) -> fulfillment.WarehousePlan:
    """A random hall, some of it one-way, blocked or closed."""
    luck = random.Random(seed)  # noqa: S311 - the same halls at each run
    blocks = luck.randint(1, 3)
    plan = fulfillment.sample_warehouse(
        aisles=luck.randint(1, 6), bays=blocks * luck.randint(1, 5), levels=luck.randint(1, 4), blocks=blocks
    )
    aisles = tuple(replace(aisle, one_way=luck.choice((-1, 0, 1))) for aisle in plan.aisles)
    closed = frozenset(luck.sample([each.code for each in plan.bins], k=luck.randint(0, 2)))
    return replace(plan, aisles=aisles, closed_bins=closed, drops=plan.drops + (plan.depot,) * luck.randint(0, 1))


def test_a_floor_is_kept_as_it_was_read(house: WebHouse, signed_in: SignIn) -> None:
    lead = signed_in("manager")
    for seed in range(8):
        document = plan_to_document(layout(seed))
        made = lead.post(
            "/v1/floor-plans", json={"document": document}, headers={"idempotency-key": f"first-{seed}"}
        ).json()
        read = lead.get(f"/v1/floor-plans/{made['head']['version']}")
        document = read.json()["document"]
        again = lead.post(
            "/v1/floor-plans/files", params={"format": "json", "based_on": made["head"]["version"]},
            json=document, headers={"idempotency-key": f"again-{seed}"},
        )  # fmt: skip
        assert again.status_code == 201, again.text
        kept = lead.get(f"/v1/floor-plans/{again.json()['head']['version']}").json()
        assert kept["document"] == document
        assert kept["head"]["based_on"] == made["head"]["version"]
        assert again.json()["faults"] == made["faults"]


def test_a_check_names_faults_and_stock_and_keeps_nothing(house: WebHouse, signed_in: SignIn) -> None:
    lead, before = signed_in("manager"), versions(house)
    plan = do(lambda uow: fulfillment.floor_plan(uow, house.site))
    assert plan
    stocked = do(lambda uow: inventory.stocked_locations(uow, site_id=house.site))
    lost = min(stocked)
    kept = tuple(each for each in plan.bins if each.code != lost)
    strange = replace(kept[0], code="NEW-1", x_mm=kept[0].x_mm + 9_000)

    document = plan_to_document(replace(plan, bins=(*kept, strange)))
    found = lead.post("/v1/floor-plans/check", json=document).json()

    assert [(fault["code"], fault["names"]) for fault in found["faults"]] == [("bin_outside_aisle", ["NEW-1"])]
    assert found["faults"][0]["places"] == [{"name": "NEW-1", "x_mm": strange.x_mm, "y_mm": strange.y_mm}]
    assert (found["kind"], found["missing_locations"], found["stocked_locations"]) == ("faulty", ["NEW-1"], [lost])
    assert versions(house) == before
    assert signed_in("picker").post("/v1/floor-plans/check", json=document).status_code == 403
    wrong = lead.post("/v1/floor-plans/check", json=document | {"depot": ["x", 1]})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/depot/0")


def test_stock_is_left_out_only_when_that_is_confirmed(house: WebHouse, signed_in: SignIn) -> None:
    lead = signed_in("manager")
    plan = do(lambda uow: fulfillment.floor_plan(uow, house.site))
    former = do(lambda uow: fulfillment.floor_version(uow, house.site))
    assert plan
    lost = min(do(lambda uow: inventory.stocked_locations(uow, site_id=house.site)))
    drawn = replace(plan, bins=tuple(each for each in plan.bins if each.code != lost))
    version = do(lambda uow: fulfillment.draft_floor_plan(uow, site_id=house.site, plan=drawn))
    path = f"/v1/floor-plans/{version}/put-in-force"

    refused = lead.post(path, json={"instead_of": former}, headers={"idempotency-key": "force-1"})

    assert (refused.status_code, refused.json()["code"], refused.json()["locations"]) == (409, "stock_off_plan", [lost])
    assert do(lambda uow: fulfillment.floor_version(uow, house.site)) == former
    assert f"Leave out 1 location with stock: {lost}" in lead.page(f"/floor/{version}")
    assert lead.submit(f"/floor/{version}", f"/floor/{version}/in-force").status_code == 409
    done = lead.submit(f"/floor/{version}", f"/floor/{version}/in-force", confirmed="yes")
    assert done.status_code == 303
    assert do(lambda uow: fulfillment.floor_version(uow, house.site)) == version
    back = {"instead_of": version}
    assert lead.post(f"/v1/floor-plans/{former}/put-in-force", json=back, headers={"idempotency-key": "b"}).is_success


def test_the_board_opens_on_a_version_or_empty(house: WebHouse, signed_in: SignIn) -> None:
    lead = signed_in("manager")
    assert 'href="/floor/edit?version=1"' in lead.page("/floor/1")
    assert 'data-base="1"' in lead.page("/floor/edit?version=1")
    assert 'data-base="0"' in lead.page("/floor/edit")
    assert lead.get("/floor/edit?version=999").status_code == 404
