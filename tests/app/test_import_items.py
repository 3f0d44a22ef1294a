"""A catalogue comes in as CSV: whatever wrote the file, each row whole or not at all, and back out as it is."""

import csv
import io
from collections.abc import Callable
from uuid import uuid4

import pytest
from conftest import Visitor
from httpx import Response
from sqlalchemy import text
from web_house import WebHouse, do

from app.importers.intake import Report
from app.importers.items.export import items_as_csv
from app.importers.items.intake import ITEMS
from app.importers.waiting_files import import_waiting_files
from inventory import api as inventory
from kernel import actors
from kernel.access.commands import issue_key
from kernel.errors import Invalid

SignIn = Callable[[str], Visitor]
CASE = "14006381333907"


@pytest.fixture
def sku() -> str:
    return f"N-{uuid4().hex[:8]}"


def take(house: WebHouse, content: str | bytes, *, file: str = "items.csv") -> Report:
    data = content if isinstance(content, bytes) else content.encode()
    return do(lambda uow: ITEMS.import_file(uow, tenant_id=house.tenant, content=data, file=file))


def item(house: WebHouse, sku: str) -> inventory.ItemView:
    found = do(lambda uow: inventory.item_by_sku(uow, tenant_id=house.tenant, sku=sku))
    assert found, sku
    return found


def gtin(body: str) -> str:
    """A GTIN-13 of twelve digits and their check digit."""
    return next(f"{body}{n}" for n in range(10) if inventory.gtin_in(f"{body}{n}"))


def fresh_gtin() -> str:
    return gtin(f"{uuid4().int % 10**12:012d}")


def faults(report: Report) -> list[tuple[int, str, str]]:
    return [(fault.line, fault.column, fault.code) for fault in report.faults]


def exported(house: WebHouse) -> str:
    return "".join(items_as_csv(actors.system("test"), merchant_id=house.tenant))


def test_a_row_becomes_an_item_with_all_that_it_says(house: WebHouse, sku: str) -> None:
    unit, case = fresh_gtin(), fresh_gtin()
    report = take(
        house,
        "SKU,Name,EAN,Cases,Weight (kg),Length,Width,Height,Length unit,Upright,Fragile,Hazmat,Lot tracked,"
        "Shelf days,Serial tracked,Mailer OK,Own container,Temperature,Max load,Color\n"
        f"{sku},Vase,{unit},{case}:6,1.25,30,12.5,12.5,cm,yes,x,no,1,90,no,,,chilled,none,blue\n",
    )
    assert report.faults == ()
    assert report.ignored == ("Color",)
    found = item(house, sku)
    assert (found.name, found.weight_g, found.length_mm, found.width_mm, found.height_mm) == (
        "Vase",
        1250,
        300,
        125,
        125,
    )
    assert found.gtins == (unit.zfill(14),)
    assert found.packs == (inventory.Pack(case.zfill(14), 6),)
    assert (found.keep_upright, found.fragile, found.hazmat, found.lot_tracked) == (True, True, False, True)
    assert (found.min_shelf_days, found.temperature_class, found.max_load_g) == (90, "chilled", None)
    assert [(r.outcome, r.order_id) for r in report.results] == [("created", found.id)]


@pytest.mark.parametrize(
    ("cell", "unit", "grams"),
    [
        ("350", "g", 350), ("0,35", "kg", 350), ("1.5", "lb", 680), ("12 oz", "", 340), ("1.234,5", "g", 1235),
        ("0.2", "g", 1), ("2 Lbs.", "lb", 907),
    ],
)  # fmt: skip
def test_weights_come_with_their_unit(house: WebHouse, sku: str, cell: str, unit: str, grams: int) -> None:
    report = take(house, f"sku;name;weight;weight_unit\n{sku};Thing;{cell};{unit}\n")
    assert report.faults == ()
    assert item(house, sku).weight_g == grams


@pytest.mark.parametrize(
    ("header", "cells", "named"),
    [
        ("weight", "350", ("weight", "no_unit")),
        ("weight,weight_unit", "350,stone", ("weight_unit", "unknown_unit")),
        ("weight,weight_unit", "350 g,lb", ("weight", "contradiction")),
        ("weight_g,weight_kg", "350,0.35", ("weight_kg", "contradiction")),
        ("weight_g", "0", ("weight_g", "out_of_range")),
        ("weight_kg", "-1", ("weight_kg", "out_of_range")),
        ("weight_g", '"1,234"', ("weight_g", "ambiguous")),
        ("weight_g", "heavy", ("weight_g", "not_a_number")),
        ("weight_kg", "2000", ("weight", "impossible")),
        ("length_cm", "900", ("length", "impossible")),
        ("length_mm,width_mm,height_mm,weight_kg", "12,9,9,5", ("length", "impossible")),
        ("gtins", "4006381333932", ("gtins", "check_digit")),
        ("gtins", "4.00638E+12", ("gtins", "shortened")),
        ("gtins", "36000291452", ("gtins", "leading_zero")),
        ("packs", CASE, ("packs", "not_a_pack")),
        ("packs", f"{CASE}:1", ("packs", "range")),
        ("fragile", "perhaps", ("fragile", "not_a_flag")),
        ("temperature", "lukewarm", ("temperature_class", "choice")),
        ("min_shelf_days", "30", ("min_shelf_days", "range")),
        ("mailer_ok,fragile", "yes,yes", ("mailer_ok", "care")),
        ("merchant", "rival", ("merchant", "other_merchant")),
        ("gtins", "4006381333931", ("gtins", "barcode_taken")),
    ],
)
def test_a_defective_row_is_named_with_its_column_and_leaves_nothing(
    house: WebHouse, sku: str, header: str, cells: str, named: tuple[str, str]
) -> None:
    report = take(house, f"sku,name,{header}\n{sku},Thing,{cells}\n{sku}-2,Other{',' * cells_in(header)}\n")
    assert faults(report) == [(2, *named)]
    assert all(len(fault.message) > 20 for fault in report.faults)
    assert [result.outcome for result in report.results] == ["refused", "created"]
    assert do(lambda uow: inventory.item_by_sku(uow, tenant_id=house.tenant, sku=sku)) is None


def cells_in(header: str) -> int:
    return header.count(",") + 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_files_of_any_spreadsheet_are_read(house: WebHouse, sku: str, encoding: str, separator: str) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator, lineterminator="\r\n")
    writer.writerows([["sku", "name", "weight", "weight_unit"], [sku, "Töpfe, groß; rund", "0,5", "kg"]])
    assert take(house, file.getvalue().encode(encoding)).faults == ()
    assert (item(house, sku).name, item(house, sku).weight_g) == ("Töpfe, groß; rund", 500)


@pytest.mark.parametrize(
    "content", [b"", b"name\nx\n", b"sku,name\n", b"PK\x03\x04", b"sku,sku\na,b\n", b"sku\n\x81\xff\n"]
)
def test_a_file_that_cannot_be_read_is_refused_whole(house: WebHouse, content: bytes) -> None:
    before = exported(house)
    with pytest.raises(Invalid):
        take(house, content)
    assert exported(house) == before


def test_a_changed_row_changes_the_item_under_its_version(house: WebHouse, sku: str) -> None:
    code = fresh_gtin()
    take(house, f"sku,name,weight_g,gtins,fragile\n{sku},Bowl,400,{code},yes\n")
    before = item(house, sku)
    report = take(house, f"sku,name,weight_g\n{sku},Bowl,430\n")
    after = item(house, sku)
    assert [result.outcome for result in report.results] == ["changed"]
    assert (after.weight_g, after.version, after.fragile, after.gtins) == (430, before.version + 1, True, before.gtins)
    told = do(
        lambda uow: uow.session.execute(
            text("select action from audit_entry where subject = :id"), {"id": before.id}
        ).scalars().all()
    )  # fmt: skip
    assert told == ["item.updated"]
    assert take(house, f"sku,name,weight_g\n{sku},Bowl,430\n").count("unchanged") == 1
    assert item(house, sku) == after
    take(house, f"sku,gtins,weight\n{sku},none,none\n")
    assert (item(house, sku).gtins, item(house, sku).weight_g) == ((), 0)


def test_a_row_that_was_overtaken_is_refused(house: WebHouse, sku: str) -> None:
    take(house, f"sku,name\n{sku},Bowl\n")
    version = item(house, sku).version
    take(house, f"sku,name\n{sku},Bowl 2\n")
    stale = take(house, f"sku,name,version\n{sku},Bowl 3,{version}\n")
    assert faults(stale) == [(2, "version", "version_conflict")]
    assert item(house, sku).name == "Bowl 2"
    assert take(house, f"sku,name,version\n{sku},Bowl 3,{version + 1}\n").count("changed") == 1


def test_two_rows_of_one_sku_are_both_refused(house: WebHouse, sku: str) -> None:
    report = take(house, f"sku,name\n{sku},Bowl\n{sku},Cup\n,Plate\n{sku}-3,Too,many\n")
    assert faults(report) == [(3, "sku", "duplicate"), (4, "sku", "missing"), (5, "", "malformed_row")]
    assert [(r.line, r.outcome) for r in report.results] == [(3, "refused"), (4, "refused"), (5, "refused")]
    assert do(lambda uow: inventory.item_by_sku(uow, tenant_id=house.tenant, sku=sku)) is None


def test_two_rows_with_one_barcode_name_each_other(house: WebHouse, sku: str) -> None:
    code = fresh_gtin()
    report = take(house, f"sku,name,gtins\n{sku}-1,Bowl,{code}\n{sku}-2,Cup,{code}\n")
    (fault,) = report.faults
    assert (fault.line, fault.column) == (3, "gtins")
    assert f"{sku}-1 on line 2" in fault.message
    assert report.count("created") == 1


def test_a_likely_slip_of_units_is_stored_and_flagged(house: WebHouse, sku: str) -> None:
    take(house, f"sku,name,weight_g,length_mm,width_mm,height_mm\n{sku},Bowl,1000,300,200,100\n")
    report = take(house, f"sku,weight_g\n{sku},2205\n")
    assert [flag.column for flag in report.flags] == ["weight"]
    assert "pounds" in report.flags[0].message
    assert item(house, sku).weight_g == 2205
    sides = take(house, f"sku,length_mm,width_mm,height_mm\n{sku},762,508,254\n")
    assert [(flag.column, "inches" in flag.message) for flag in sides.flags] == [("length", True)]


def test_the_export_goes_back_in_without_a_change(house: WebHouse, sku: str) -> None:
    code, case = fresh_gtin(), fresh_gtin()
    rows = (
        f'{sku}-A,"=Pot, ""small""",{code},{case}:12,350,g,-,yes\n'
        f"-{sku},Plain,,,,,,\n"
    )  # fmt: skip
    take(house, f"sku,name,gtins,packs,weight,weight_unit,colour,fragile\n{rows}")
    do(
        lambda uow: inventory.create_items(
            uow, tenant_id=house.tenant, items=[inventory.ItemDraft(f"{sku}-B", " '=odd ", 0, 90_000, 0, 0)]
        )
    )
    before = exported(house)
    report = take(house, before)
    assert report.faults == ()
    assert {result.outcome for result in report.results} == {"unchanged"}
    assert {f"{sku}-A", f"-{sku}", f"{sku}-B"} <= {result.order for result in report.results}
    assert exported(house) == before
    semicolons = io.StringIO()
    csv.writer(semicolons, delimiter=";").writerows(csv.reader(io.StringIO(before)))
    assert {result.outcome for result in take(house, semicolons.getvalue()).results} == {"unchanged"}


def test_parts_and_one_go_come_to_the_same(house: WebHouse, sku: str) -> None:
    body = "".join(f"{sku}-{n},Thing {n},{'none' if n == 7 else 100 + n}\n" for n in range(450))
    content = f"sku,name,weight_g\n{body}{sku}-x,Bad,zero\n".encode()
    seen: list[tuple[int, int]] = []
    report = ITEMS.import_in_parts(
        actors.system("test"), tenant_id=house.tenant, content=content, file="parts.csv",
        progress=lambda _, done, of: seen.append((done, of)),
    )  # fmt: skip
    assert (report.count("created"), report.count("refused")) == (450, 1)
    assert seen == [(200, 451), (400, 451), (451, 451)]
    assert take(house, content, file="again.csv").count("unchanged") == 450


def key(house: WebHouse, *scopes: str, tenant: str = "") -> str:
    name = str(uuid4())
    return do(lambda uow: issue_key(uow, tenant_id=tenant or house.tenant, name=name, scopes=list(scopes))).secret


def post(client: Visitor, secret: str, content: bytes, **query: str) -> Response:
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": str(uuid4()), "Content-Type": "text/csv"}
    return client.post("/v1/imports/items", params=query, content=content, headers=headers)


def test_a_merchant_imports_and_exports_by_key(house: WebHouse, visitor: Visitor, sku: str) -> None:
    secret = key(house, "stock:read", "stock:write")
    content = f"sku,name,weight_kg\n{sku},Bowl,0.4\n{sku}-2,Cup,0\n".encode()
    answer = post(visitor, secret, content, file="mine.csv")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["created"], told["refused"]) == (1, 1)
    assert (told["faults"][0]["sku"], told["faults"][0]["column"]) == (f"{sku}-2", "weight_kg")
    headers = {"Authorization": f"Bearer {secret}"}
    run = visitor.get(f"/v1/imports/items/{told['run_id']}", headers=headers).json()
    assert (run["state"], run["outcomes"]) == ("done", {"created": 1, "refused": 1})
    assert visitor.get(f"/v1/imports/{told['run_id']}", headers=headers).status_code in (403, 404)
    file = visitor.get("/v1/items.csv", headers=headers)
    assert file.headers["content-disposition"] == 'attachment; filename="items.csv"'
    rows = {row["sku"]: row for row in csv.DictReader(io.StringIO(file.text))}
    assert (rows[sku]["weight"], rows[sku]["weight_unit"], rows[sku]["merchant"]) == ("400", "g", "nordhus")
    assert "GNOME" not in rows
    assert visitor.get("/v1/items.csv", params={"merchant_id": house.rival}, headers=headers).status_code in (403, 404)


def test_another_merchant_sees_neither_the_import_nor_the_items(house: WebHouse, visitor: Visitor, sku: str) -> None:
    secret = key(house, "stock:read", "stock:write")
    run_id = post(visitor, secret, f"sku,name\n{sku},Bowl\n".encode()).json()["run_id"]
    rival = {"Authorization": f"Bearer {key(house, 'stock:read', 'stock:write', tenant=house.rival)}"}
    assert visitor.get(f"/v1/imports/items/{run_id}", headers=rival).status_code == 404
    assert sku not in visitor.get("/v1/items.csv", headers=rival).text
    assert post(visitor, key(house, "stock:read"), b"sku,name\nx,y\n").status_code == 403


@pytest.mark.thorough
def test_a_large_catalogue_is_taken_in_the_background(house: WebHouse, visitor: Visitor, sku: str) -> None:
    secret = key(house, "stock:read", "stock:write")
    rows = "".join(f"{sku}-{n},{'x' * 200},120\n" for n in range(300))
    content = f"sku,name,weight_g\n{rows}{sku}-bad,,0\n".encode()
    assert len(content) > ITEMS.at_once
    answer = post(visitor, secret, content, file="large.csv")
    assert answer.status_code == 202, answer.text
    headers = {"Authorization": f"Bearer {secret}"}
    where = f"/v1/imports/items/{answer.json()['run_id']}"
    assert visitor.get(where, headers=headers).json()["state"] == "waiting"
    assert import_waiting_files(turn_seconds=0) == 1
    begun = visitor.get(where, headers=headers).json()
    assert (begun["done"], begun["of"]) == (200, 301)
    while import_waiting_files():
        pass
    done = visitor.get(where, params={"outcome": "refused"}, headers=headers).json()
    assert (done["state"], done["outcomes"]) == ("done", {"created": 300, "refused": 1})
    assert done["results"][0]["faults"] == [
        "Line 302, weight_g: 0 cannot be. Leave the cell empty where it is not known."
    ]


def test_a_manager_imports_on_the_page_and_mends_what_was_refused(house: WebHouse, signed_in: SignIn, sku: str) -> None:
    manager = signed_in("manager")
    page = manager.page("/imports")
    assert 'action="/v1/items.csv"' in page
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    content = f"sku,name,weight_kg,price\n{sku},Bowl,0.4,3\n{sku}-2,Cup,heavy,4\n".encode()
    fields = {"merchant": house.tenant, "csrf_token": token, "op_id": str(uuid4())}
    answer = manager.post("/imports/items", data=fields, files={"file": ("list.csv", content, "text/csv")})
    assert answer.status_code == 303, answer.text
    shown = manager.page(answer.headers["location"])
    assert "2 items in the file: 1 created, 1 refused. Not read: price." in shown
    assert "Item by item" in shown
    assert f"{sku}-2" in shown
    run = answer.headers["location"].partition("?")[0]
    assert f'href="/items/{item(house, sku).id}"' in manager.page(run)
    refused = manager.get(f"{run}/refused.csv")
    assert refused.headers["content-disposition"] == 'attachment; filename="refused-items.csv"'
    mended = refused.content.replace(b"heavy", b"0.3")
    fields["op_id"] = str(uuid4())
    again = manager.post("/imports/items", data=fields, files={"file": ("mended.csv", mended, "text/csv")})
    assert again.status_code == 303
    assert item(house, f"{sku}-2").weight_g == 300
    empty = manager.post("/imports/items", data=fields | {"merchant": "", "op_id": str(uuid4())})
    assert "Choose whose items these are." in empty.text


def test_only_who_may_change_stock_imports(house: WebHouse, signed_in: SignIn) -> None:
    assert signed_in("picker").get("/imports").status_code == 403
    assert "/v1/items.csv" in signed_in("picker").page("/items")
