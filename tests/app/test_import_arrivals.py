"""Deliveries announced by file and by hand: CSV, X12 856, and what is wrong with them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from conftest import Visitor
from web_house import WebHouse, do

from app.importers.arrivals.intake import ArrivalImport, import_arrivals
from app.importers.arrivals.notices import Notice, Placed, read_notices
from inventory import api as inventory
from kernel.access.commands import issue_key
from kernel.errors import Invalid

SignIn = Callable[[str], Visitor]
_numbers = count(1)
DAY = datetime.now(UTC).date() + timedelta(days=4)
CSV = "Arrival,Expected on,SKU or barcode,Quantity,Supplier\n"


def x12(*body: str, purpose: str = "00", number: str = "SHIP-1", day: str = f"{DAY:%Y%m%d}", end: str = "~") -> bytes:
    """One 856 in its envelopes, the counts as they have to be."""
    inner = [f"BSN*{purpose}*{number}*20261120*1200*0001", f"DTM*017*{day}", *body]
    document = ["ST*856*0001", *inner, f"SE*{len(inner) + 2}*0001"]
    isa = "ISA*00*          *00*          *ZZ*SUPPLIER       *ZZ*PICKSTREAM     *261120*1200*U*00403*000000001*0*P*>"
    whole = [isa, "GS*SH*SUPPLIER*PICKSTREAM*20261120*1200*1*X*004030", *document, "GE*1*1", "IEA*1*000000001"]
    return "".join(f"{segment}{end}" for segment in whole).encode()


SHIPMENT = ("HL*1**S", "N1*SF*Mill & Sons", "HL*2*1*O", "PRF*4711")


def units(notice: Notice) -> dict[tuple[str, ...], int]:
    return dict(notice.units)


def codes(found: Sequence[Notice]) -> list[str]:
    return [fault.code for notice in found for fault in notice.faults]


@pytest.mark.parametrize("end", ["~", "~\r\n", "\n", "'"])
def test_an_856_names_items_by_the_surest_code_and_adds_cases_up(end: str) -> None:
    file = x12(
        *SHIPMENT,
        "HL*3*2*P", "MAN*GM*00340123450000000012",
        "HL*4*3*I", "LIN*1*VN*V-1*SK*MUG-BL*UP*012345678905*LT*L-7", "SN1**6*EA", f"DTM*036*{DAY:%Y%m%d}",
        "HL*5*2*I", "LIN**UP*4006381333931", "SN1**2*CA", "PO4*12*1*EA",
        "HL*6*2*I", "LIN*1*SK*MUG-BL*VN*V-1*UP*012345678905", "SN1**4*PC",
        "CTT*6*12",
        end=end,
    )  # fmt: skip
    (notice,) = read_notices(file, "asn.edi")
    assert (notice.number, notice.expected_on, notice.supplier) == ("SHIP-1", DAY, "Mill & Sons")
    assert notice.faults == []
    assert units(notice) == {("MUG-BL", "012345678905", "V-1"): 10, ("4006381333931",): 24}
    on_plates = [(names[0], placed, units) for (names, placed), units in notice.placed.items() if placed.sscc]
    assert on_plates == [("MUG-BL", Placed("340123450000000012", "L-7", DAY), 6)]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (("HL*3*2*I", "LIN**SK*A", "SN1**2*CA"), "unit_of_measure"),
        (("HL*3*2*I", "LIN**SK*A", "SN1**2*LB"), "unit_of_measure"),
        (("HL*3*2*I", "LIN**SK*A", "SN1**2.5*EA"), "not_a_quantity"),
        (("HL*3*2*I", "LIN**SK*A", "SN1**-2*EA"), "not_a_quantity"),
        (("HL*3*2*I", "LIN**SK*A", "SN1**99999999999999999999*EA"), "not_a_quantity"),
        (("HL*3*2*I", "LIN**SK*A", f"SN1**{'9' * 5_000}*EA"), "not_a_quantity"),
        (("HL*3*2*I", "LIN**SK*A", "SN1**2*CA", f"PO4*{'9' * 5_000}"), "not_a_quantity"),
        (("HL*3*2*I", "SN1**2*EA"), "no_item"),
        (("HL*3*2*I", "LIN**SK*A", "SN1**2*EA", "CTT*3*9"), "control_total"),
        (("HL*3*2*I", "LIN**SK*A", "SN1**2*EA", "CTT*7"), "control_total"),
        (("DTM*371*20261341", "HL*3*2*I", "LIN**SK*A", "SN1**2*EA"), "not_a_day"),
    ],
)
def test_what_is_wrong_with_an_856_is_named(body: tuple[str, ...], code: str) -> None:
    assert codes(read_notices(x12(*SHIPMENT, *body), "asn.edi")) == [code]


def test_a_quantity_of_endless_digits_is_none() -> None:
    file = f"{CSV}PO-1,{DAY},A,{'9' * 5_000},\nPO-2,{DAY},A,{'0' * 5_000}7,\n"
    notices = read_notices(file.encode(), "asn.csv")
    assert [(each.number, codes([each]), units(each)) for each in notices] == [
        ("PO-1", ["not_a_quantity"], {}), ("PO-2", [], {("A",): 7}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("mangle", "words"),
    [
        (lambda file: file.replace(b"IEA*1*000000001~", b""), "breaks off"),
        (lambda file: file.replace(b"SE*", b"SE*1"), "SE01"),
        (lambda file: file.replace(b"*0001~GE", b"*0002~GE"), "SE02"),
        (lambda file: file.replace(b"GE*1", b"GE*2"), "GE01"),
        (lambda file: file.replace(b"ST*856", b"ST*850"), "850"),
        (lambda file: file[:80], "ISA segment"),
        (lambda file: file.replace(b"Mill", b"M\xfcll"), "UTF-8"),
    ],
)
def test_an_interchange_that_is_not_whole_is_refused(mangle: Callable[[bytes], bytes], words: str) -> None:
    whole = x12(*SHIPMENT, "HL*3*2*I", "LIN**SK*A", "SN1**2*EA")
    assert read_notices(whole, "asn.edi")
    with pytest.raises(Invalid, match=words):
        read_notices(mangle(whole), "asn.edi")


def test_rows_of_one_arrival_have_to_agree() -> None:
    rows = (
        f"P1,{DAY},A,2,Mill\nP1,,A,3,\nP1,{DAY + timedelta(days=1)},B,1,Mill\nP2,soon,A,1,\nP2,{DAY},,1,\n"
        f"P3,{DAY},A,1\n,{DAY},A,1,\n"
    )
    found = {notice.number: notice for notice in read_notices((CSV + rows).encode(), "a.csv")}
    told = {number: [(fault.line, fault.code) for fault in notice.faults] for number, notice in found.items()}
    assert told == {
        "P1": [(4, "contradiction")],
        "P2": [(5, "not_a_day"), (6, "contradiction"), (6, "no_item")],
        "P3": [(7, "malformed_row")],
        "": [(8, "no_number")],
    }
    assert units(found["P1"]) == {("A",): 5, ("B",): 1}


def take(house: WebHouse, content: bytes) -> ArrivalImport:
    whose = {"tenant_id": house.tenant, "site_id": house.site}
    return do(lambda uow: import_arrivals(uow, **whose, content=content, file="arrivals"))


def test_a_file_is_announced_once_and_can_be_cancelled(house: WebHouse) -> None:
    number = f"X-{next(_numbers)}"
    items = ("HL*3*2*I", "LIN**UP*4006381333931", "SN1**6*EA", "HL*4*2*I", "LIN**SK*PEN-L", "SN1**2*EA")
    (first,) = take(house, x12(*SHIPMENT, *items, number=number)).results
    assert (first.outcome, first.units) == ("announced", 8)
    (again,) = take(house, x12(*SHIPMENT, *items, number=number)).results
    assert (again.outcome, again.arrival_id) == ("known", first.arrival_id)
    (other,) = take(house, x12(*SHIPMENT, *items[:3], number=number)).results
    assert [fault.code for fault in other.faults] == ["duplicate_arrival"]
    lines = do(lambda uow: inventory.get_arrival(uow, first.arrival_id)).lines
    assert {line.sku: line.expected for line in lines} == {"MUG-BL": 6, "PEN-L": 2}
    (gone,) = take(house, x12(*SHIPMENT, number=number, purpose="01")).results
    assert gone.outcome == "cancelled"
    (unknown,) = take(house, x12(*SHIPMENT, number="NEVER", purpose="01")).results
    assert [fault.code for fault in unknown.faults] == ["unknown_arrival"]


def test_good_arrivals_of_a_file_go_in_and_the_others_are_named(house: WebHouse) -> None:
    good, bad = (f"C-{next(_numbers)}" for _ in range(2))
    rows = f"{good},{DAY},MUG-BL,5,\n{bad},{DAY},MUG-BL,5,\n{bad},{DAY},NO-SUCH,5,\n"
    found = {each.arrival: each for each in take(house, (CSV + rows).encode()).results}
    assert found[good].outcome == "announced"
    assert [(fault.line, fault.code) for fault in found[bad].faults] == [(3, "unknown_item")]
    assert do(lambda uow: inventory.arrival_by_number(uow, tenant_id=house.tenant, external_id=bad)) is None


def test_a_delivery_is_announced_by_hand(house: WebHouse, signed_in: SignIn) -> None:
    manager, number = signed_in("manager"), f"H-{next(_numbers)}"
    entered = {"merchant": house.tenant, "external_id": number, "expected_on": str(DAY), "supplier": "Mill"}
    refused = manager.submit("/arrivals/new", "/arrivals/new", **entered, lines="MUG-BL 6\nMUG 3")
    assert refused.status_code == 422
    assert "No item has the SKU or barcode MUG" in refused.text
    assert "MUG-BL 6" in refused.text
    done = manager.submit("/arrivals/new", "/arrivals/new", **entered, lines="MUG-BL 6\n\n4006381333931, 4\nPEN-L\t3")
    assert done.status_code == 303
    assert "13 units are announced." in manager.page(done.headers["location"])


def test_a_file_with_a_fault_announces_nothing_on_the_page(house: WebHouse, signed_in: SignIn) -> None:
    manager, number = signed_in("manager"), f"F-{next(_numbers)}"
    page = manager.page("/arrivals/new")
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    rows = f"{number},{DAY},MUG-BL,5,\n{number},{DAY},PEN-L,none,\n"
    fields = {"merchant": house.tenant, "csrf_token": token, "op_id": "0190a0b0-0000-7000-8000-0000000000f1"}
    refused = manager.post("/arrivals/file", data=fields, files={"file": ("a.csv", (CSV + rows).encode())})
    assert refused.status_code == 422
    assert "Line 3: none is no quantity" in refused.text
    assert do(lambda uow: inventory.arrival_by_number(uow, tenant_id=house.tenant, external_id=number)) is None
    fields["op_id"] = "0190a0b0-0000-7000-8000-0000000000f2"
    good = rows.replace("none", "7").encode()
    done = manager.post("/arrivals/file", data=fields, files={"file": ("a.csv", CSV.encode() + good)})
    assert done.status_code == 303
    found = do(lambda uow: inventory.arrival_by_number(uow, tenant_id=house.tenant, external_id=number))
    assert found is not None
    assert sum(line.expected for line in found.lines) == 12


def test_a_file_is_sent_over_http_and_read_again_after_a_lost_answer(house: WebHouse, visitor: Visitor) -> None:
    number = f"A-{next(_numbers)}"
    key = do(lambda uow: issue_key(uow, tenant_id=house.tenant, name=number, scopes=["stock:write"])).secret
    headers = {"authorization": f"Bearer {key}", "idempotency-key": number, "content-type": "application/edi-x12"}
    file = x12(*SHIPMENT, "HL*3*2*I", "LIN**SK*MUG-BL", "SN1**6*EA", number=number)
    answers = [visitor.post("/v1/imports/arrivals?file=asn.edi", content=file, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert [each["outcome"] for each in answers[0].json()["results"]] == ["announced"]
    cut = visitor.post("/v1/imports/arrivals", content=file[:-16], headers=headers | {"idempotency-key": "cut"})
    assert cut.status_code == 422
    assert "breaks off" in cut.json()["detail"]
