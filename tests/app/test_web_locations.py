"""Locations as their people see them: found, looked into, changed one by one and by file."""

import csv
from collections.abc import Callable

from conftest import Visitor
from httpx import Response
from web_house import WebHouse, do

from inventory import api as inventory

SignIn = Callable[[str], Visitor]
HEADER = "code,kind,zone,aisle,bay,level,x_mm,y_mm,max_weight_g,max_volume_mm3,hazmat_ok,temperature_class"


def location(house: WebHouse, code: str) -> inventory.LocationHead:
    found = do(lambda uow: inventory.search_locations(uow, site_id=house.site, search=code)).items
    return next(each for each in found if each.code == code)


def upload(lead: Visitor, text: str) -> Response:
    html = lead.page("/locations")
    form = html.split('action="/locations/file"', 1)[1].split("</form>", 1)[0]
    hidden = {
        name: form.split(f'name="{name}" value="', 1)[1].split('"', 1)[0] for name in ("op_id", "csrf_token", "site")
    }
    return lead.post("/locations/file", data=hidden, files={"file": ("locations.csv", text.encode())})


def test_a_location_is_found_and_tells_what_lies_in_it(house: WebHouse, signed_in: SignIn) -> None:
    picker = signed_in("picker")
    stock = do(lambda uow: inventory.item_stock(uow, house.items["LAMP"])).bins[0]
    head = location(house, stock.location_code)
    assert (head.units, head.items, head.weight_g) == (40, 1, 40 * 1_450)
    listed = picker.page(f"/locations?q={stock.location_code.lower()}")
    assert f"/locations/{head.id}" in listed
    assert "/locations/new" not in listed
    assert "No location matches." in picker.page("/locations?show=hospital&q=A-01")
    do(
        lambda uow: inventory.ask_counts(
            uow, site_id=house.site, tenant_id=house.tenant, location_code=stock.location_code, reason="Look"
        )
    )
    page = picker.page(f"/locations/{head.id}")
    told = ("Desk lamp", "58.00\N{NO-BREAK SPACE}kg", "+40", "asked for", "Nordhus")
    assert [words for words in told if words not in page] == []
    assert picker.get("/locations/loc_nowhere").status_code == 404


def test_only_a_lead_adds_and_changes_a_location(house: WebHouse, signed_in: SignIn) -> None:
    lead, picker = signed_in("manager"), signed_in("picker")
    assert picker.get("/locations/new").status_code == 403
    entered = {"code": "Z-01", "kind": "bulk", "zone": "Z", "max_weight_g": "50000", "max_volume_mm3": "", "x_mm": "-5"}
    answer = lead.submit("/locations/new", "/locations/new", **entered)
    assert answer.status_code == 303
    path = answer.headers["location"]
    assert "is added" in lead.page(path)
    assert lead.submit("/locations/new", "/locations/new", **entered).status_code == 409
    wrong = lead.submit(f"{path}/edit", f"{path}/edit", **(entered | {"max_weight_g": "heavy"}))
    assert (wrong.status_code, "whole number" in wrong.text, "heavy" in wrong.text) == (422, True, True)
    lead.submit(
        f"{path}/edit",
        f"{path}/edit",
        **(entered | {"max_weight_g": "70000", "hazmat_ok": "on", "temperature_class": "chilled"}),
    )
    changed = location(house, "Z-01")
    assert (changed.kind, changed.max_weight_g, changed.hazmat_ok, changed.x_mm) == ("bulk", 70_000, True, -5)
    assert "Chilled" in lead.page(path)
    assert "Chilled" in lead.page("/locations?q=Z-01")
    lead.submit(f"{path}/edit", f"{path}/edit", **(entered | {"max_weight_g": "70000"}))
    assert location(house, "Z-01").temperature_class == "chilled"


def test_a_file_goes_out_and_comes_in_all_or_nothing(house: WebHouse, signed_in: SignIn) -> None:
    lead = signed_in("manager")
    rows = list(csv.reader(lead.page("/locations.csv?q=A-01").splitlines()))
    assert rows[0] == HEADER.split(",")
    assert len(rows) == 25
    lines = (
        "Y-01,pick,,,,,0,0,-1,0,no,",
        "Y-02,shelf,,,,,0,0,0,0,no,",
        "Y-03,pick,,,,,0,0,ten,0,maybe,warm",
        "Y-01,,,,,,,,,,,",
    )
    wrong = upload(lead, "\n".join((HEADER, *lines)))
    told = (
        "Line 3: shelf is no kind",
        "Line 4: max_weight_g: ten",
        "Line 4: hazmat_ok: maybe",
        "temperature_class: warm is none",
        "Line 5: Y-01 comes",
    )
    assert wrong.status_code == 422
    assert [words for words in told if words not in wrong.text] == []
    wrong = upload(lead, f"{HEADER}\nY-04,pick,,,,,0,0,0,0,no,\nY-05,pick,,,,,0,0,-1,0,no,\n")
    assert (wrong.status_code, "Line 3: Say 0" in wrong.text) == (422, True)
    assert do(lambda uow: inventory.search_locations(uow, site_id=house.site, search="Y-")).items == ()
    assert upload(lead, f"{HEADER}\nY-04,bulk,Y,,,2,10,20,9000,8000,yes,frozen\n").status_code == 303
    added = location(house, "Y-04")
    assert (added.kind, added.level, added.hazmat_ok, added.temperature_class) == ("bulk", "2", True, "frozen")
    assert lead.page("/locations.csv?q=Y-04").splitlines()[1] == "Y-04,bulk,Y,,,2,10,20,9000,8000,yes,frozen"
