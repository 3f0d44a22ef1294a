"""A file of more than 250 kB is stored, and taken by the worker part by part; whoever sent it sees how far it is."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from conftest import Visitor
from httpx import Response
from test_web_imports import export, row, taken, text_of
from web_house import WebHouse, do

from app.importers.models import ImportFile
from app.importers.waiting_files import LARGEST_BYTES, import_waiting_files
from kernel.access.commands import issue_key
from kernel.settings import settings

SignIn = Callable[[str], Visitor]
PADDING = "x" * 1_900


def large(first: int, *more: dict[str, str], count: int = 220) -> bytes:
    return export(*(row(f"#{first + n}", Notes=PADDING, Lineitem_quantity="1") for n in range(count)), *more)


def secret(house: WebHouse) -> str:
    scopes = ["orders:read", "orders:write"]
    return do(lambda uow: issue_key(uow, tenant_id=house.tenant, name=str(uuid4()), scopes=scopes)).secret


def post(client: Visitor, key: str, content: bytes, *, file: str, kind: str = "text/csv") -> Response:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": str(uuid4()), "Content-Type": kind}
    return client.post("/v1/imports/shopify", params={"file": file}, content=content, headers=headers)


def ask(client: Visitor, key: str, run_id: str, **query: str) -> dict[str, object]:
    answer = client.get(f"/v1/imports/{run_id}", params=query, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


@pytest.mark.thorough
def test_a_large_file_is_taken_in_the_background(house: WebHouse, visitor: Visitor) -> None:
    key = secret(house)
    content = large(20_000, row("#bad", Lineitem_sku="NOSUCH"))
    answer = post(visitor, key, content, file="large.csv")
    assert answer.status_code == 202, answer.text
    run_id = answer.json()["run_id"]
    waiting = ask(visitor, key, run_id)
    assert (waiting["state"], waiting["results"], waiting["source"]) == ("waiting", [], None)
    assert import_waiting_files(turn_seconds=0) == 1
    begun = ask(visitor, key, run_id)
    assert (begun["state"], begun["done"], begun["of"]) == ("waiting", 100, 221)
    assert begun["outcomes"] == {"taken": 100}
    while import_waiting_files():
        pass
    done = ask(visitor, key, run_id, outcome="refused")
    assert (done["state"], done["outcomes"]) == ("done", {"taken": 220, "refused": 1})
    assert done["source"] == {"orders": 221, "pieces": 222, "goods_minor": 277_500, "freight_minor": 108_290}
    assert done["here"] == {"orders": 220, "pieces": 220, "goods_minor": 275_000, "freight_minor": 107_800}
    (refused,) = done["results"]  # type: ignore[misc]  # a list
    assert (refused["line"], refused["faults"]) == (222, ["Line 222, Lineitem sku: There is no item NOSUCH."])
    assert do(lambda uow: uow.session.query(ImportFile).count()) == 0
    again = post(visitor, key, content, file="large.csv").json()["run_id"]
    while import_waiting_files():
        pass
    assert again == run_id
    assert ask(visitor, key, run_id)["outcomes"] == {"known": 220, "refused": 1}


@pytest.mark.thorough
def test_only_a_file_of_some_hundred_orders_is_taken_while_the_sender_waits(house: WebHouse, visitor: Visitor) -> None:
    key = secret(house)
    assert post(visitor, key, large(25_000, count=2), file="small.csv").status_code == 200
    assert post(visitor, key, large(25_000, count=130), file="larger.csv").status_code == 202
    while import_waiting_files():
        pass


@pytest.mark.thorough
def test_a_sent_file_takes_the_place_of_one_that_is_half_done(house: WebHouse, visitor: Visitor) -> None:
    key = secret(house)
    run_id = post(visitor, key, large(30_000), file="twice.csv").json()["run_id"]
    assert import_waiting_files(turn_seconds=0) == 1
    assert post(visitor, key, large(30_050), file="twice.csv").json()["run_id"] == run_id
    while import_waiting_files():
        pass
    assert ask(visitor, key, run_id)["outcomes"] == {"known": 50, "taken": 170}


def test_a_small_file_takes_the_place_of_a_large_one_of_its_name(house: WebHouse, visitor: Visitor) -> None:
    key = secret(house)
    run_id = post(visitor, key, large(40_000), file="same.csv").json()["run_id"]
    assert post(visitor, key, export(row("#40000")), file="same.csv").status_code == 200
    assert import_waiting_files() == 0
    assert ask(visitor, key, run_id)["outcomes"] == {"taken": 1}
    assert taken("#40001") == []


@pytest.mark.thorough
def test_a_large_file_that_cannot_be_read_says_so(house: WebHouse, visitor: Visitor, signed_in: SignIn) -> None:
    key = secret(house)
    assert post(visitor, key, b"Name,Email\n" + b"x" * 1_100_000, file="no.csv").json()["code"] == "invalid"
    run_id = post(visitor, key, large(50_000) + b'"#never closed', file="open.csv").json()["run_id"]
    import_waiting_files()
    failed = ask(visitor, key, run_id)
    assert failed["state"] == "failed"
    assert "Mend the quotes" in str(failed["failed"])
    assert taken("#50000") == []
    page = text_of(signed_in("manager").page(f"/imports/{run_id}"))
    assert "Not imported open.csv, in the row that begins on line 222" in page


@pytest.mark.thorough
def test_the_form_takes_a_large_file_and_shows_how_far_it_is(house: WebHouse, signed_in: SignIn) -> None:
    manager = signed_in("manager")
    token = re.search(r'name="csrf_token" value="([^"]+)"', manager.page("/imports"))
    assert token
    fields = {"merchant": house.tenant, "csrf_token": token[1], "op_id": str(uuid4())}
    answer = manager.post("/imports/shopify", data=fields, files={"file": ("form.csv", large(60_000), "text/csv")})
    assert answer.status_code == 303, answer.text
    page = manager.page(answer.headers["location"])
    assert "The file waits for its turn." in text_of(page)
    assert 'data-refresh="5"' in page
    assert import_waiting_files(turn_seconds=0) == 1
    assert "100 of 220 orders tried so far." in text_of(manager.page(answer.headers["location"]))
    while import_waiting_files():
        pass
    done = manager.page(answer.headers["location"])
    assert "Orders 220 220" in text_of(done)
    assert "data-refresh" not in done


def test_only_files_may_be_large_and_no_file_may_be_larger_than_the_limit(house: WebHouse, visitor: Visitor) -> None:
    key = secret(house)
    too_large = b"x" * (LARGEST_BYTES + 1)
    assert "50,000,000 bytes" in post(visitor, key, too_large, file="x.csv").json()["detail"]
    json = post(visitor, key, b" " * (settings().max_body_bytes + 1), file="x.csv", kind="application/json")
    assert (json.status_code, json.json()["code"]) == (413, "body_too_large")
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "k", "Content-Type": "text/csv"}
    assert visitor.post("/v1/orders", content=b"x" * 1_000_001, headers=headers).status_code == 413


def test_a_file_is_listed_under_its_plain_name(house: WebHouse, visitor: Visitor) -> None:
    key = secret(house)
    for told, name in (("", "orders.csv"), ("/", "orders.csv"), ("../a\nb.csv", "ab.csv"), ("C:\\x\\y.csv", "y.csv")):
        run_id = post(visitor, key, export(row("#80000")), file=told).json()["run_id"]
        assert ask(visitor, key, run_id)["file"] == name


def test_nobody_learns_of_the_imports_of_others(house: WebHouse, visitor: Visitor) -> None:
    run_id = post(visitor, secret(house), export(row("#70000")), file="mine.csv").json()["run_id"]
    rival = do(lambda uow: issue_key(uow, tenant_id=house.rival, name="r", scopes=["orders:read"])).secret
    answer = visitor.get(f"/v1/imports/{run_id}", headers={"Authorization": f"Bearer {rival}"})
    assert answer.status_code == 404
