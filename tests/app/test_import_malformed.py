"""Files that nobody should send: each is refused as a whole with what to do, or told row by row; never half taken."""

import csv
import io
from typing import Any, Final
from uuid import uuid4

import pytest
from conftest import Visitor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from test_web_imports import row
from web_house import WebHouse, do

from app.importers.waiting_files import import_waiting_files
from fulfillment.api import order_by_external_id
from inventory.api import items_by_sku
from kernel.access.commands import issue_key

HUGE: Final = "x" * 60_000
"""A catalogue with it is one for the worker."""
GOOD = {
    "shopify": row("#1") | {"Lineitem discount": "0.00"},
    "items": {
        "sku": "MUG-1", "name": "Mug, blue", "gtins": "", "packs": "", "weight": "0.35", "weight_unit": "kg",
        "length": "12", "width": "9", "height": "9,5", "dimension_unit": "cm", "fragile": "yes", "max_load_g": "",
        "temperature_class": "", "min_shelf_days": "", "active": "yes", "version": "",
    },
}  # fmt: skip
NAMES = {"shopify": "Name", "items": "sku"}
TABLES = (
    "sales_order", "order_line", "item", "item_barcode", "import_run", "import_result", "import_defect", "import_file",
)  # fmt: skip
FIGURES = ("0", "-1", "1e9", "1,5", "1.234", "9" * 30, "9" * 400, "9" * 5_000, "NaN", "٣", "½", "1000000000000")
WORDS = (
    "", " ", "none", "=1+1", "'", '"', '"a', "a\nb", "\r", "\t", ";", "\x00", "\x1f", "\u2028", "\ufeff", "🫖" * 40,
    "line 2", "line 3", "#1", "MUG-BL", "XXX", "4006381333931", "4006381333931:12", "x" * 3_000, HUGE, "refunded",
    "fulfilled", "0001-01-01 00:00:00 +2359", "9999-12-31 23:59:59 -2359", "\N{REPLACEMENT CHARACTER}",
)  # fmt: skip
CELLS = st.sampled_from(FIGURES) | st.sampled_from(WORDS) | st.text(max_size=12)


@st.composite
def tables(draw: st.DrawFn, kind: str) -> list[list[str]]:
    """A header and rows, of which some cells, numbers and lengths are wrong."""
    header = list(GOOD[kind])
    rows = [list(GOOD[kind].values()) for _ in range(draw(st.integers(1, 5)))]
    for number, cells in enumerate(rows):
        names = (f"N-{number}", f"N-{uuid4().hex}", "#1", "MUG-1", "", "line 3")
        cells[header.index(NAMES[kind])] = draw(st.sampled_from(names))
        for _ in range(draw(st.integers(0, 3))):
            cells[draw(st.integers(0, len(header) - 1))] = draw(CELLS)
        if not draw(st.integers(0, 7)):
            cells[draw(st.integers(0, len(cells) - 1)) :] = draw(st.lists(CELLS, max_size=4))
    return [header, *rows]


def written(table: list[list[str]], separator: str = ",", end: str = "\r\n", quoting: Any = csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting).writerows(table)
    return out.getvalue()


@st.composite
def spoiled(draw: st.DrawFn, kind: str) -> bytes:
    """A file as some program wrote it, with what happens to files on their way."""
    table = draw(tables(kind))
    header, at = table[0], draw(st.integers(0, len(table[0]) - 1))
    mistake = draw(st.sampled_from(("", "twice", "missing", "named", "case", "spare", "none")))
    if mistake == "none":
        del table[0]
    elif mistake == "missing":
        del header[at]
    elif mistake:
        spare = {"twice": header[0], "named": draw(CELLS), "case": f" {header[at].upper()} ", "spare": ""}
        header[at : at + (mistake != "spare")] = [spare[mistake]]
    separator, end = draw(st.sampled_from(",;\t|")), draw(st.sampled_from(("\r\n", "\n", "\r")))
    said = written(table, separator, end, draw(st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))))
    encodings = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "cp037")
    content = said.encode(draw(st.sampled_from(encodings)), errors="replace")
    front = draw(st.sampled_from((b"", b"", b"\n", b"\xef\xbb\xbf", b"sep=;\n", b"PK\x03\x04", b"\x1f\x8b")))
    cut = draw(st.integers(0, len(content)))
    put = draw(st.sampled_from((b"", b'"', b"\x81", b"\x00")))
    rest = content[cut:] if draw(st.booleans()) else b""
    return front + content[:cut] + put + rest


def stored() -> dict[str, object]:
    """What the house holds of all that a file can change."""
    told = "select count(*), md5(string_agg(t::text, ',' order by t::text)) from"
    return do(lambda uow: {name: tuple(uow.session.execute(text(f"{told} {name} t")).one()) for name in TABLES})


def send(visitor: Visitor, house: WebHouse, kind: str, content: bytes) -> dict[str, Any] | None:
    """Import a file; return the answer, or None where it was refused as a whole, and nothing changed."""
    scopes = ["orders:read", "orders:write", "stock:read", "stock:write"]
    key = do(lambda uow: issue_key(uow, tenant_id=house.tenant, name=str(uuid4()), scopes=scopes)).secret
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": str(uuid4()), "Content-Type": "text/csv"}
    before = stored()
    answer = visitor.post(f"/v1/imports/{kind}", params={"file": "bad.csv"}, content=content, headers=headers)
    told: dict[str, Any] = answer.json()
    if answer.status_code in (200, 202):
        return told
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "bad.csv" in told["detail"]
    assert stored() == before
    return None


def check_every_row(house: WebHouse, kind: str, told: dict[str, Any], names: set[str]) -> None:
    """Compare what an answer says of each row with what stands in the house."""
    name = "order" if kind == "shopify" else "sku"
    outcomes = {each[name]: each["outcome"] for each in told["results"]}
    assert len({each["line"] for each in told["results"]}) == len(told["results"])
    assert names <= outcomes.keys()
    assert {key for key, outcome in outcomes.items() if outcome == "refused"} == {each[name] for each in told["faults"]}
    new = [each for each in names if each.startswith("N-") and len(each) > len("N-0")]
    if kind == "shopify":
        assert all(told["source"][each] == told["here"][each] + told["set_aside"][each] for each in told["source"])
        here = {
            each
            for each in new
            if do(lambda uow, each=each: order_by_external_id(uow, tenant_id=house.tenant, external_id=each))
        }
    else:
        here = set(do(lambda uow: items_by_sku(uow, tenant_id=house.tenant, skus=new)))
    assert here == {each for each in new if outcomes[each] in ("taken", "created")}


@pytest.mark.thorough
@pytest.mark.parametrize("kind", GOOD)
@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_cells_that_cannot_be_are_told_row_by_row(
    kind: str, house: WebHouse, visitor: Visitor, data: st.DataObject
) -> None:
    table = data.draw(tables(kind))
    told = send(visitor, house, kind, written(table).encode())
    if told and "results" in told:
        at = table[0].index(NAMES[kind])
        whole = [cells[at] for cells in table[1:] if len(cells) == len(table[0]) and "\x00" not in "".join(cells)]
        check_every_row(house, kind, told, {name for name in whole if name.startswith("N-")})


@pytest.mark.thorough
@pytest.mark.parametrize("kind", GOOD)
@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_spoiled_file_is_refused_whole_or_taken_in_sound_parts(
    kind: str, house: WebHouse, visitor: Visitor, data: st.DataObject
) -> None:
    told = send(visitor, house, kind, data.draw(spoiled(kind)))
    if told and "results" in told:
        check_every_row(house, kind, told, set())
    elif told:
        while import_waiting_files():
            pass


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"weight": "9" * 400, "weight_unit": "g"}, (2, "weight", "out_of_range")),
        ({"weight": "9" * 5_000, "weight_unit": "kg"}, (2, "weight", "out_of_range")),
        ({"length": "9" * 5_000}, (2, "length", "out_of_range")),
    ],
)
def test_a_figure_of_endless_digits_is_no_measure(
    house: WebHouse, visitor: Visitor, cells: dict[str, str], fault: tuple[int, str, str]
) -> None:
    good = GOOD["items"] | {"sku": f"N-{uuid4().hex}"}
    for sent in (good | cells, good, good | cells):
        told = send(visitor, house, "items", written([list(sent), list(sent.values())]).encode())
        assert told
        found = [(each["line"], each["column"], each["code"]) for each in told["faults"]]
        assert found == ([] if sent == good else [fault])


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_rows_may_end_as_they_do_anywhere(house: WebHouse, visitor: Visitor, kind: str, end: str) -> None:
    good = GOOD[kind] | {NAMES[kind]: f"N-{uuid4().hex}"}
    told = send(visitor, house, kind, written([list(good), list(good.values())], end=end).encode())
    assert told
    assert [each["outcome"] for each in told["results"]] == ["taken" if kind == "shopify" else "created"]


@pytest.mark.parametrize("kind", GOOD)
def test_a_column_with_an_endless_name_is_refused(house: WebHouse, visitor: Visitor, kind: str) -> None:
    content = written([[*GOOD[kind], "x" * 200_000], [*GOOD[kind].values(), ""]])
    assert send(visitor, house, kind, content.encode()) is None


@pytest.mark.parametrize("kind", GOOD)
def test_a_row_without_a_name_is_not_taken_for_one_that_is_called_like_its_line(
    house: WebHouse, visitor: Visitor, kind: str
) -> None:
    # A line that no other test calls anything by.
    names = ["line 9", *(f"N-{uuid4().hex}" for _ in range(6)), "", "line 9 1/2"]
    rows = [GOOD[kind] | {NAMES[kind]: name} for name in names]
    told = send(visitor, house, kind, written([list(rows[0]), *(list(each.values()) for each in rows)]).encode())
    assert told
    check_every_row(house, kind, told, {"line 9", ""})
    assert [each["outcome"] == "refused" for each in told["results"]] == [not name for name in names]
