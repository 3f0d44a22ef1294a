"""Carriers' invoices as they come: any usual name of a column, any separator, and nothing guessed."""

from datetime import date

import pytest

from app.importers.freight import cells
from app.importers.freight.invoices import read_invoices
from kernel.errors import Invalid
from shipping.api import BilledInvoice

HEAD = "Invoice number,Invoice date,Tracking number,Service,Billed weight,Zone,Base charge,Surcharges,Total,Currency"


def read(*rows: str, head: str = HEAD) -> tuple[BilledInvoice, ...]:
    return read_invoices("\n".join((head, *rows)).encode(), "bill.csv")


def test_a_plain_file_is_read_to_the_cent() -> None:
    (invoice,) = read('N1,2026-11-30, sp 001 ,Ground,2.5 kg,Zone 3,12.40,"FUEL 0.74; PEAK 1.00",14.14,EUR')
    (line,) = invoice.lines
    assert (invoice.number, invoice.invoice_date, invoice.currency) == ("N1", date(2026, 11, 30), "EUR")
    assert (line.tracking_number, line.weight, line.weight_unit) == ("SP001", "2.5", "kg")
    assert (line.base_minor, line.surcharges, line.total_minor) == (1_240, (("FUEL", 74), ("PEAK", 100)), 1_414)
    assert line.faults == ()
    assert line.charge("EUR").weight_g == 2_500


@pytest.mark.parametrize(
    ("head", "row"),
    [
        (
            "Invoice No.;Date;AWB;Product;Chargeable weight (kg);Total amount;Curr.",
            "N1;30.11.2026;SP001;Ground;2,5;1.234,50;EUR",
        ),
        (
            "invoice_number\ttracking_id\tbillable_weight_kgs\tamount_due\tcurrency_code\tInvoice Date",
            "N1\tSP001\t2.500\t1,234.50\teur\t20261130",
        ),
        ("Currency|Total|Weight|Weight unit|Tracking #|Invoice|Date", "EUR|€1'234.50|2.5|KGS|SP001|N1|30/11/2026"),
    ],
)
def test_names_separators_and_notations_of_the_trade_are_understood(head: str, row: str) -> None:
    (invoice,) = read(row, head=head)
    (line,) = invoice.lines
    assert line.faults == ()
    assert (line.tracking_number, line.total_minor, line.charge("EUR").weight_g) == ("SP001", 123_450, 2_500)
    assert (invoice.currency, invoice.invoice_date) == ("EUR", date(2026, 11, 30))


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("N1,2026-11-30,,G,2 kg,3,,,1.00,EUR", "Tracking number is empty."),
        ("N1,2026-11-30,A,G,2,3,,,1.00,EUR", "Billed weight: 2 is no weight with a unit"),
        ("N1,2026-11-30,A,G,2 st,3,,,1.00,EUR", "Billed weight: 2 st is no weight"),
        ('N1,2026-11-30,A,G,2 kg,3,,,"1,234",EUR', "Total: 1,234 can be read in two ways"),
        ("N1,03/04/2026,A,G,2 kg,3,,,1.00,EUR", "Invoice date: 03/04/2026 can be read in two ways"),
        ("N1,2026-11-30,A,G,2 kg,3,,,free,EUR", "Total: free can be read"),
        ("N1,2026-11-30,A,G,2 kg,3,,,1.005,EUR", "Total: 1.005 can be read"),
        ("N1,2026-11-30,A,G,2 kg,3,,,1.00,euros", "Currency: EUROS is none"),
        ("N1,2026-11-30,A,G,2 kg,3,1.00,0.50,1.00,EUR", "Base charge and Surcharges do not add up to Total."),
        ("N1,2026-11-30,A,G,2 kg,3,1.00,some fuel,1.00,EUR", "Surcharges: some fuel cannot be read"),
        ("N1,2026-11-30,A,G,2 kg", "5 fields under 10 columns"),
        (",2026-11-30,A,G,2 kg,3,,,1.00,EUR", "The row names no invoice."),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_understood_is_kept_and_named(row: str, fault: str) -> None:
    (invoice,) = read("N1,2026-11-30,GOOD,G,2 kg,3,,,1.00,EUR", row)
    good, bad = invoice.lines
    assert good.faults == ()
    assert bad.line == 3
    assert any(fault in told for told in bad.faults), bad.faults
    assert bad.raw


def test_several_invoices_of_a_file_are_told_apart_and_rows_that_contradict_theirs_are_named() -> None:
    first, second = read(
        "N1,2026-11-30,A,G,,,,,1.00,EUR", "N2,2026-12-01,B,G,,,,,2.00,GBP", "N1,2026-11-29,C,G,,,,,3.00,USD"
    )
    assert [len(each.lines) for each in (first, second)] == [2, 1]
    assert second.currency == "GBP"
    assert [told[:10] for told in first.lines[1].faults] == ["Currency: ", "Invoice da"]


def test_the_digest_follows_the_content_and_not_the_place_in_the_file() -> None:
    rows = "N1,2026-11-30,A,G,2 kg,3,,,1.00,EUR", "N1,2026-11-30,B,G,2 kg,3,,,1.00,EUR"
    assert read(*rows)[0].digest == read("", *rows)[0].digest
    assert read(*rows)[0].digest != read(rows[0], rows[1].replace("1.00", "1.01"))[0].digest


@pytest.mark.parametrize(
    "text", ["", "Invoice number,Total\nN1,1.00", f"{HEAD}\n,,A,,,,,,1.00,EUR", f"{HEAD},Amount\n"]
)
def test_a_file_that_is_no_invoice_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_invoices(text.encode(), "bill.csv")


@pytest.mark.parametrize(
    ("text", "minor"),
    [("12", 1_200), ("12.5", 1_250), ("1.234.567,89", 123_456_789), ("1,234,567", 123_456_700), ("(3.20)", -320),
     ("3.20-", -320), ("EUR 3.20", 320), ("3.20 €", 320), ("1.2.3", None), ("1,23,456.00", None), ("0,125", None),
     ("1e3", None), ("", None), ("--3", None)],
)  # fmt: skip
def test_amounts_mean_one_thing_or_nothing(text: str, minor: int | None) -> None:
    assert cells.amount(text, "EUR") == minor


def test_weights_are_exact_in_the_carriers_own_unit() -> None:
    (invoice,) = read("N1,,A,G,3 lbs,,,,1.00,EUR")
    charge = invoice.lines[0].charge("EUR")
    assert charge.weight_g is not None
    assert (charge.weight_g.numerator, charge.weight_g.denominator) == (136077711, 100000)
