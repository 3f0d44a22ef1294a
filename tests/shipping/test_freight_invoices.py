"""A carrier's invoice against what we weighed and bought: every line is kept, judged once, and decided by people."""

from collections.abc import Iterator
from dataclasses import replace

import pypdfium2
import pytest
from sqlalchemy import text

from kernel import clock
from kernel.actors import Actor, Role, system
from kernel.db.transactions import UnitOfWork, run, transaction
from kernel.errors import Invalid, NotFound
from shipping.api import (
    BilledInvoice,
    BilledLine,
    FreightInvoice,
    FreightLine,
    InvoiceOwner,
    LabelRequest,
    LineFilter,
    NothingToDispute,
    TakenInvoice,
    count_freight_lines,
    decide_freight_line,
    decide_freight_lines,
    dispute_pack_pdf,
    find_freight_invoices,
    freight_causes,
    freight_lines,
    get_freight_invoice,
    take_freight_invoice,
    void_parcel,
)
from tests.shipping.house import NOON, TODAY, House, build_house, everything, label, pack, ready, weigh

pytestmark = pytest.mark.usefixtures("database")
TABLES = ("freight_invoice", "freight_line")


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def billed(line: int, bought: LabelRequest, *, over: int = 0, **more: object) -> BilledLine:
    known = {"service": bought.service.replace("_", " ").upper(), "total_minor": bought.price_minor + over}
    return BilledLine(line, bought.tracking_number, **(known | more))  # type: ignore[arg-type]  # values of the fields


def take(house: House, *lines: BilledLine, number: str = "N-1", actor: Actor | None = None, digest: str = "",
         owner: InvoiceOwner | None = None, carrier: str = "") -> TakenInvoice:  # fmt: skip
    invoice = BilledInvoice(number, TODAY, "EUR", digest or str(lines), lines)
    owned = owner or InvoiceOwner(site_id=house.site)
    return run(
        actor or house.manager,
        lambda uow: take_freight_invoice(
            uow, owner=owned, carrier=carrier or "northpost", invoice=invoice, file="november.csv"
        ),
    )


ALL_LINES = LineFilter()


def lines_of(actor: Actor, invoice_id: str, wanted: LineFilter = ALL_LINES, sort: str = "line") -> list[FreightLine]:
    with transaction(actor) as uow:
        return list(freight_lines(uow, invoice_id, wanted, sort=sort).items)


def head(actor: Actor, invoice_id: str) -> FreightInvoice:
    with transaction(actor) as uow:
        return get_freight_invoice(uow, invoice_id)


def shipped(house: House) -> tuple[LabelRequest, LabelRequest, LabelRequest]:
    """Three labels of one carrier, the last of them given up."""
    (_, first), (_, second), (gone, third) = ready(house, 3)
    run(system(), lambda uow: void_parcel(uow, tenant_id=gone.tenant_id, parcel_id=gone.id, reason="Damaged"))
    return first, second, third


def test_each_line_is_matched_and_told_apart_and_the_sums_are_theirs() -> None:
    house = build_house()
    first, second, third = shipped(house)
    stranger = replace(first, tracking_number="XX404")
    done = take(
        house, billed(2, first), billed(3, second, over=120, weight="9", weight_unit="kg"), billed(4, third),
        billed(5, first), billed(6, stranger), BilledLine(7, "", faults=("Total: soon?",), raw={"Total": "soon"}),
        billed(8, second, total_minor=-50),
    )  # fmt: skip

    lines, sums = lines_of(house.manager, done.invoice_id), head(house.manager, done.invoice_id)
    assert [each.cause for each in lines] == [
        "agreed", lines[1].cause, "label_voided", "billed_twice", "not_ours", "unreadable", "credit",
    ]  # fmt: skip
    assert lines[1].disputed_minor == 120
    assert lines[1].evidence["weighing"]["scale"]["code"] == "PACK-1"
    assert lines[1].evidence["zone_by"] == "chart"
    assert lines[3].evidence["first"] == {"invoice": "N-1", "line": 2}
    assert lines[5].raw == {"Total": "soon"}
    assert sums.billed_minor == sum(each.billed_minor for each in lines)
    assert sums.disputed_minor == 120 + third.price_minor + 2 * first.price_minor
    assert (sums.lines, sums.undecided, sums.unclear) == (7, 4, 1)
    with transaction(house.manager) as uow:
        causes = freight_causes(uow, done.invoice_id)
    assert sum(each.disputed_minor for each in causes) == sums.disputed_minor


def test_the_same_invoice_again_changes_nothing_and_another_with_its_number_is_refused() -> None:
    house = build_house()
    first, second, _ = shipped(house)
    done = take(house, billed(2, first), digest="a")
    before = everything(*TABLES)

    assert take(house, billed(2, first), digest="a") == replace(done, outcome="known")
    other = take(house, billed(2, second), digest="b")
    assert other.outcome == "refused"
    assert "N-1 is here already" in other.why
    assert everything(*TABLES) == before


def test_a_number_on_a_later_invoice_is_billed_twice() -> None:
    house = build_house()
    first, _, _ = shipped(house)
    take(house, billed(2, first))
    later = take(house, billed(2, first), number="N-2")

    (line,) = lines_of(house.manager, later.invoice_id)
    assert (line.cause, line.expected_minor, line.disputed_minor) == ("billed_twice", 0, first.price_minor)
    assert line.findings[0]["words"] == "Billed already on line 2 of invoice N-1."


def test_a_merchant_sees_its_own_contract_only_and_nothing_of_others() -> None:
    house = build_house()
    first, _, _ = shipped(house)
    other = pack(house, reference="ord_other", tenant_id=house.other_tenant)
    weigh(house, other)
    theirs = label(other)
    merchant = Actor("usr_m", Role.MERCHANT, "Mo", tenant=house.tenant)
    stranger = Actor("usr_n", Role.MERCHANT, "No", tenant=house.other_tenant)
    own = take(house, billed(2, first), billed(3, theirs), actor=merchant, owner=InvoiceOwner(tenant_id=house.tenant))
    of_the_house = take(house, billed(2, first))

    assert [(each.cause, bool(each.evidence)) for each in lines_of(merchant, own.invoice_id)] == [
        ("agreed", True), ("not_ours", False),
    ]  # fmt: skip
    with transaction(merchant) as uow:
        assert [each.id for each in find_freight_invoices(uow).items] == [own.invoice_id]
        with pytest.raises(NotFound):
            get_freight_invoice(uow, of_the_house.invoice_id)
    with transaction(stranger) as uow:
        assert find_freight_invoices(uow).items == ()
    with transaction(house.manager) as uow:
        found = {each.id for each in find_freight_invoices(uow, site_id=house.site).items}
        assert find_freight_invoices(uow, site_id="sit_other").items == ()
    assert found == {own.invoice_id, of_the_house.invoice_id}


def test_a_line_is_disputed_or_accepted_with_a_note_and_the_pack_leaves_accepted_ones_out() -> None:
    house = build_house()
    first, second, _ = shipped(house)
    done = take(house, billed(2, first, over=500), billed(3, second, over=40), billed(4, second, total_minor=-1))

    def decide(line: int, decision: str, note: str = "") -> None:
        run(
            house.manager,
            lambda uow: decide_freight_line(
                uow, invoice_id=done.invoice_id, line=line, decision=decision, note=note  # type: ignore[arg-type]  # one of the three
            ),
        )  # fmt: skip

    decide(2, "dispute")
    decide(3, "accept", "Agreed on the telephone")
    before = everything(*TABLES)
    for line, decision, wrong in ((2, "accept", Invalid), (4, "dispute", NothingToDispute), (9, "accept", NotFound)):
        with pytest.raises(wrong):
            decide(line, decision, "" if wrong is Invalid else "why")
    assert everything(*TABLES) == before
    assert head(house.manager, done.invoice_id).disputed_minor == 500

    with transaction(house.manager) as uow:
        document = dispute_pack_pdf(uow, invoice_id=done.invoice_id)
        assert document == dispute_pack_pdf(uow, invoice_id=done.invoice_id)
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(document)]
    words = "\n".join(pages)
    assert "Freight dispute, invoice N-1" in pages[0]
    assert "5.00 EUR" in pages[0]
    assert first.tracking_number in words
    assert second.tracking_number not in words
    assert "PACK-1" in words
    assert "calibrated until" in words
    assert "chart of" in words


def test_all_lines_of_a_cause_are_decided_at_once_and_opened_again() -> None:
    house = build_house()
    first, second, third = shipped(house)
    done = take(house, billed(2, first, over=500), billed(3, second, over=40), billed(4, third), billed(5, first))
    amount = LineFilter(cause="amount")

    def decide(decision: str, note: str = "", wanted: LineFilter = amount) -> int:
        return run(
            house.manager,
            lambda uow: decide_freight_lines(
                uow, invoice_id=done.invoice_id, wanted=wanted, decision=decision, note=note  # type: ignore[arg-type]  # one of the three
            ),
        )  # fmt: skip

    def decisions() -> dict[int, tuple[str, str]]:
        return {each.line: (each.decision, each.note) for each in lines_of(house.manager, done.invoice_id)}

    with pytest.raises(Invalid):
        decide("accept", " ")
    assert decide("dispute") == 2
    assert decisions() == {2: ("dispute", ""), 3: ("dispute", ""), 4: ("", ""), 5: ("", "")}
    assert decide("accept", "On the telephone", LineFilter()) == 2, "what is disputed stays disputed"
    with transaction(house.manager) as uow:
        assert count_freight_lines(uow, invoice_id=done.invoice_id, wanted=amount) == (0, 2)
        assert count_freight_lines(uow, invoice_id=done.invoice_id, wanted=LineFilter()) == (0, 4)
    assert decide("", wanted=LineFilter(search=second.tracking_number)) == 1
    assert decisions()[3] == ("", "")
    assert decide("", wanted=LineFilter()) == 3
    assert set(decisions().values()) == {("", "")}
    assert decide("", wanted=LineFilter()) == 0


def test_lines_are_filtered_sorted_and_read_page_by_page() -> None:
    house = build_house()
    first, second, third = shipped(house)
    done = take(house, billed(2, first), billed(3, second, over=10), billed(4, third))

    assert [each.line for each in lines_of(house.manager, done.invoice_id, sort="-disputed")] == [4, 3, 2]
    assert [each.line for each in lines_of(house.manager, done.invoice_id, LineFilter(cause="label_voided"))] == [4]
    search = LineFilter(search=second.tracking_number.lower())
    assert [each.line for each in lines_of(house.manager, done.invoice_id, search)] == [3]
    with transaction(house.manager) as uow:
        page = freight_lines(uow, done.invoice_id, LineFilter(), limit=2)
        rest = freight_lines(uow, done.invoice_id, LineFilter(), limit=2, cursor=page.next)
        with pytest.raises(Invalid):
            freight_lines(uow, done.invoice_id, LineFilter(), sort="cause; drop table label")
    assert [each.line for each in (*page.items, *rest.items)] == [2, 3, 4]
    assert rest.next is None


def test_a_parcel_without_prices_on_its_day_is_kept_and_not_disputed() -> None:
    house = build_house()
    first, _, _ = shipped(house)

    def forget(uow: UnitOfWork) -> None:
        uow.session.execute(text("update label set service = 'gone' where id = :id"), {"id": first.label_id})

    run(system(), forget)
    (line,) = lines_of(house.manager, take(house, billed(2, first, over=99)).invoice_id)
    assert (line.cause, line.expected_minor, line.disputed_minor) == ("unpriced", None, 0)
