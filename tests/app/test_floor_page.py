"""The floor's page and interface: who may, loading a file, faults shown where they are, undo, blocking."""

import re
from collections.abc import Callable
from dataclasses import replace

from conftest import Visitor
from web_house import WebHouse, do

from app.lanes import run_lane
from fulfillment import api as fulfillment
from kernel.access.commands import create_site

SignIn = Callable[[str], Visitor]
PLAN = fulfillment.sample_warehouse(aisles=3, bays=6, levels=2, blocks=2)


def table(plan: fulfillment.WarehousePlan) -> bytes:
    return "".join(fulfillment.plan_to_csv(plan)).encode()


def stray(plan: fulfillment.WarehousePlan) -> fulfillment.WarehousePlan:
    return replace(plan, bins=(replace(plan.bins[0], x_mm=9_999), *plan.bins[1:]))


def load(lead: Visitor, content: bytes, **fields: str) -> str:
    """Load a file as the page does, and return the page that follows."""
    (form,) = re.findall(r'<form method="post" action="/floor/file".*?</form>', lead.page("/floor"), re.DOTALL)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    sent = lead.post("/floor/file", data=hidden | fields, files={"file": ("hall.csv", content, "text/csv")})
    assert sent.status_code == 303, sent.text
    return lead.page(sent.headers["location"])


def versions(house: WebHouse) -> list[tuple[int, str, bool]]:
    return _of(house.site)


def _of(site: str) -> list[tuple[int, str, bool]]:
    found = do(lambda uow: fulfillment.find_floor_plans(uow, site_id=site)).items
    return [(head.version, head.kind, head.in_force) for head in found]


def test_a_lead_loads_a_floor_sees_its_faults_and_goes_back(house: WebHouse, signed_in: SignIn) -> None:
    lead = signed_in("manager")
    assert 'class="floor-map"' in lead.page("/floor")

    faulty = load(lead, table(stray(PLAN)), unit="mm", note="First try")
    draft, former = versions(house)[0], next(number for number, _, in_force in versions(house) if in_force)
    assert draft[1:] == ("faulty", False)
    mark = re.search(r'<g class="floor-fault"><title>1: A-01-01-1</title><circle cx="(\d+)" cy="(\d+)"', faulty)
    assert mark
    assert (int(mark[1]), int(mark[2])) == (1_000, (22_400 - 11_000) // 10)
    assert '<li value="1"><strong>These locations are not beside the aisle they name</strong>' in faulty
    assert f'action="/floor/{draft[0]}/in-force"' not in faulty

    one_way = replace(PLAN, aisles=(replace(PLAN.aisles[0], one_way=1), *PLAN.aisles[1:]))
    drawn = load(lead, table(one_way), unit="mm", note="One <way>")
    assert "floor-arrow" in drawn
    assert "One &lt;way&gt;" in drawn
    new = draft[0] + 1
    assert lead.submit(f"/floor/{new}", f"/floor/{new}/in-force").status_code == 303
    assert versions(house)[:2] == [(new, "graph", True), draft]
    assert lead.submit(f"/floor/{former}", f"/floor/{former}/in-force").status_code == 303
    assert [number for number, _, in_force in versions(house) if in_force] == [former]


def test_a_wrong_unit_changes_nothing_and_is_told_in_the_form(house: WebHouse, signed_in: SignIn) -> None:
    lead, before = signed_in("manager"), versions(house)
    (form,) = re.findall(r'<form method="post" action="/floor/file".*?</form>', lead.page("/floor"), re.DOTALL)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))

    sent = lead.post("/floor/file", data=hidden | {"unit": "m"}, files={"file": ("hall.csv", table(PLAN), "text/csv")})

    assert sent.status_code == 422
    assert "In m this floor would be" in sent.text
    assert versions(house) == before


def test_an_aisle_is_blocked_and_opened_from_the_page(house: WebHouse, signed_in: SignIn) -> None:
    lead = signed_in("manager")
    entered = {"way": "02", "reason": "Broken pallet"}
    refused = lead.submit("/floor", "/floor/block", **entered)
    assert refused.status_code == 409
    assert "Nobody would get to B-02-01-1" in refused.text

    assert lead.submit("/floor", "/floor/block", **entered, confirmed="on").status_code == 303
    page = lead.page("/floor")
    assert "Broken pallet" in page
    assert 'class="floor-closed"' in page
    assert lead.submit("/floor", "/floor/open").status_code == 303
    assert "Broken pallet" not in re.sub(r"<table.*?</table>", "", lead.page("/floor"), flags=re.DOTALL)


def test_a_large_file_is_read_by_a_worker_and_can_be_stopped(house: WebHouse, signed_in: SignIn) -> None:
    lead, before = signed_in("manager"), len(versions(house))
    large = table(PLAN) + b"\n" * fulfillment.AT_ONCE_BYTES

    page = load(lead, large, unit="mm")
    assert "A worker reads hall.csv in a moment." in page
    assert 'data-refresh="3"' in page
    (form,) = re.findall(r'<form method="post" action="/floor/file/cancel".*?</form>', page, re.DOTALL)
    hidden = dict(re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', form))
    assert lead.post("/floor/file/cancel", data=hidden).status_code == 303
    assert "was stopped: nothing of it was kept." in lead.page("/floor")

    load(lead, large, unit="mm")
    run_lane("imports")
    page = lead.page("/floor")
    assert "hall.csv was kept as version" in page
    assert "data-refresh" not in page
    assert len(versions(house)) == before + 1


def test_the_interface_takes_drafts_and_files_from_planners_of_the_site_only(
    house: WebHouse, signed_in: SignIn
) -> None:
    manager, picker, merchant = signed_in("manager"), signed_in("picker"), signed_in("merchant")
    plan = manager.get("/v1/floor-plans/1").json()
    body = {"document": plan["document"], "note": "Same again", "based_on": 1}

    def status(who: Visitor, sent: object, key: str, site: str = "") -> int:
        asked = {"params": {"site_id": site}, "headers": {"idempotency-key": key}}
        return who.post("/v1/floor-plans", json=sent, **asked).status_code  # type: ignore[arg-type]  # fields of a request

    assert [status(who, body, "refused") for who in (picker, merchant)] == [403, 403]
    assert [who.get("/v1/floor-plans").status_code for who in (picker, merchant)] == [200, 403]
    made = manager.post("/v1/floor-plans", json=body, headers={"idempotency-key": "draft-1"}).json()
    number = made["head"]["version"]
    assert (made["head"]["kind"], made["faults"], made["head"]["in_force"]) == ("grid", [], False)
    for form in ("csv", "geojson"):
        file = manager.get(f"/v1/floor-plans/{number}", params={"format": form}).content
        asked = {"format": form, "unit": "mm", "in_force": "true"}
        sent = manager.post("/v1/floor-plans/files", params=asked, content=file, headers={"idempotency-key": form})
        assert sent.status_code == 201, sent.text
        latest = manager.get("/v1/floor-plans/in-force").json()
        assert latest["head"]["version"] == sent.json()["head"]["version"]
        assert latest["document"] == plan["document"] | {"name": latest["document"]["name"]}
    large = {"params": {"unit": "mm"}, "content": file + b" " * fulfillment.AT_ONCE_BYTES}
    sent = manager.post("/v1/floor-plans/files", **large, headers={"idempotency-key": "large"})
    assert (sent.status_code, sent.json()["state"]) == (202, "waiting")
    at = f"/v1/floor-plans/files/{sent.json()['id']}"
    assert manager.get(at).json() == sent.json()
    assert manager.post(f"{at}/cancel", headers={"idempotency-key": "stop"}).json()["state"] == "cancelled"
    assert manager.get("/v1/floor-plans/files/flf_nobody").status_code == 404
    other = do(
        lambda uow: create_site(
            uow, code="LEJ", name="LEJ", time_zone="Europe/Berlin", country="DE", company_prefix="4012346"
        )
    )
    assert manager.get("/v1/floor-plans", params={"site_id": other}).status_code == 404
    assert status(manager, body, "elsewhere", other) == 404
    assert status(manager, body | {"based_on": 998}, "unfounded") == 404
    broken = body | {"document": plan["document"] | {"depot": ["x", 1]}}
    assert status(manager, broken, "broken") == 422
    assert manager.get("/v1/floor-plans/999").status_code == 404


def test_a_site_without_a_floor_says_how_to_get_one(house: WebHouse, signed_in: SignIn) -> None:
    bare = do(
        lambda uow: create_site(
            uow, code="ZRH", name="Zurich", time_zone="Europe/Zurich", country="CH", company_prefix="4012347"
        )
    )
    admin = signed_in("admin")
    admin.cookies.set("pickstream_site", bare)

    page = admin.page("/floor")

    assert "No floor plan yet" in page
    assert "floor-map" not in page.replace("css", "")
    assert "location" in load(admin, table(PLAN), unit="mm")
    assert [each[1:] for each in _of(bare)] == [("grid", False)]
