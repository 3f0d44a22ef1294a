"""The bill of lading of a manifest: its number, what it says, and what is printed."""

from collections.abc import Iterator
from datetime import date

import pypdfium2
import pytest
import zxingcpp

from kernel import clock
from kernel.actors import Actor, Role
from kernel.db.transactions import transaction
from kernel.errors import Invalid, NotFound
from shipping.api import (
    BillOfLading,
    LadingLine,
    LadingParcel,
    LaneDraft,
    NoBillYet,
    ParcelView,
    bill_of_lading,
    bill_of_lading_pdf,
    issue_bill_of_lading,
    known_scac,
    open_container,
    open_lane,
    pull_parcel,
    stage_parcel,
)
from shipping.documents.values import PostalAddress
from shipping.domain.gs1 import InvalidGs1Value, build_gsin, has_valid_check_digit
from tests.shipping.house import NOON, TODAY, House, as_manager, as_packer, assert_sound, build_house, close, ready

NUMBER = build_gsin("4012345", 1)
LONG = PostalAddress(
    "The Extremely Long Warehouse Name of Brothers, Sisters & Sons", ("شارع الملك فهد 12", "東京都千代田区"), "Leipzig",
    "04158", "DE",
)  # fmt: skip
PARCEL = LadingParcel("NP0000000001", "ORD-1", "DE", "04109", 1_250, "", False)


@pytest.fixture
def house(database: object) -> Iterator[House]:
    with clock.at(NOON):
        yield build_house()


def bill_of(lines: tuple[LadingLine, ...], parcels: tuple[LadingParcel, ...], name: str = "Northpost") -> BillOfLading:
    return BillOfLading(NUMBER, "M-7Q2X5W", LONG, name, "", "PRO-9", "", "", date(2026, 11, 24), lines, parcels)


def words(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]


@pytest.mark.parametrize(
    ("prefix", "serial", "number"),
    [("4012345", 1, "40123450000000016"), ("061414", 1_234_567, None), ("401234567890", 9_999, None)],
)
def test_a_number_has_seventeen_digits_and_a_right_check_digit(prefix: str, serial: int, number: str | None) -> None:
    built = build_gsin(prefix, serial)
    assert len(built) == 17
    assert built.startswith(prefix)
    assert has_valid_check_digit(built)
    assert number in (None, built)


@pytest.mark.parametrize(("prefix", "serial"), [("123", 1), ("401234567890", 10_000), ("4012345", -1), ("40x2345", 1)])
def test_a_number_without_room_is_refused(prefix: str, serial: int) -> None:
    with pytest.raises(InvalidGs1Value):
        build_gsin(prefix, serial)


def test_the_printed_number_decodes_as_gsin_and_any_script_and_length_is_drawn() -> None:
    lines = (LadingLine("Pallet", 2, 400, 500_000, False, "General merchandise " * 12),)
    pdf = bill_of_lading_pdf(bill_of(lines, (PARCEL,) * 400, "Very Long Carrier Name " * 9))

    image = pypdfium2.PdfDocument(pdf)[0].render(scale=203 / 72).to_pil()
    codes = {(code.symbology_identifier, code.bytes.decode()) for code in zxingcpp.read_barcodes(image)}
    assert ("]C1", f"402{NUMBER}") in codes
    pages = words(pdf)
    assert len(pages) > 5
    assert "500.000" in pages[0]
    assert all(f"Page {number}" in page for number, page in enumerate(pages, start=1))
    assert sum(page.count("NP0000000001") for page in pages) == 400
    for page in pypdfium2.PdfDocument(pdf):
        text = page.get_textpage()
        boxes = [text.get_rect(n) for n in range(text.count_rects())]
        assert min(box[0] for box in boxes) >= 36
        assert max(box[2] for box in boxes) <= 595 - 36


def test_a_bill_keeps_its_number_and_its_totals_are_those_of_the_manifest(house: House) -> None:
    found = [parcel for parcel, _ in ready(house, 4)]
    into_a_cage(house, found[:2])
    manifest = close(house, "northpost", TODAY)
    with transaction(house.manager) as uow, pytest.raises(NoBillYet):
        bill_of_lading(uow, manifest_id=manifest.id)

    first = as_manager(house, lambda uow: issue_bill_of_lading(uow, manifest_id=manifest.id, scac="npst"))
    again = as_manager(house, lambda uow: issue_bill_of_lading(uow, manifest_id=manifest.id, scac="NPST", seal="S-1"))
    bill = as_manager(house, lambda uow: bill_of_lading(uow, manifest_id=manifest.id, dangerous={found[0].id}))

    assert first == again == bill.number
    assert (bill.scac, bill.seal, bill.packages, bill.units) == ("NPST", "S-1", 4, 3)
    assert bill.weight_g == manifest.total_weight_g == sum(parcel.weight_g for parcel in bill.parcels)
    assert [(line.kind, line.units, line.packages, line.is_dangerous) for line in bill.lines] == [
        ("Carton", 2, 2, False), ("Cage", 1, 2, True),
    ]  # fmt: skip
    assert sum(parcel.is_dangerous for parcel in bill.parcels) == 1
    assert f"{bill.weight_g / 1000:,.3f}" in words(bill_of_lading_pdf(bill))[0]
    assert as_manager(house, lambda uow: known_scac(uow, house.site, "northpost")) == "NPST"
    assert_sound()


def test_what_was_pulled_is_not_on_the_bill_and_the_next_bill_has_another_number(house: House) -> None:
    (kept, _), (pulled, _) = ready(house, 2)
    first = close(house, "northpost", TODAY)
    as_manager(house, lambda uow: pull_parcel(uow, tenant_id=house.tenant, parcel_id=pulled.id, reason="cancelled"))
    ready(house, 1)
    second = close(house, "northpost", TODAY)

    numbers = [
        as_manager(house, lambda uow, one=one: issue_bill_of_lading(uow, manifest_id=one.id)) for one in (first, second)
    ]

    assert len(set(numbers)) == 2
    bill = as_manager(house, lambda uow: bill_of_lading(uow, manifest_id=first.id))
    assert (bill.packages, bill.weight_g) == (1, kept.expected_g)


def test_other_sites_see_no_bill_and_what_is_wrong_is_refused(house: House) -> None:
    ready(house, 1)
    manifest = close(house, "northpost", TODAY)
    stranger = Actor("usr_else", Role.MANAGER, "Else", site="sit_elsewhere")
    with transaction(stranger) as uow:
        for ask in (bill_of_lading, issue_bill_of_lading):
            with pytest.raises(NotFound):
                ask(uow, manifest_id=manifest.id)
    for told in ({"scac": "N1"}, {"scac": "NORTH"}, {"seal": "S" * 31}):
        with pytest.raises(Invalid):
            as_manager(house, lambda uow, told=told: issue_bill_of_lading(uow, manifest_id=manifest.id, **told))
    with transaction(house.manager) as uow, pytest.raises(NoBillYet):
        bill_of_lading(uow, manifest_id=manifest.id)


def into_a_cage(house: House, parcels: list[ParcelView]) -> None:
    draft = LaneDraft("northpost", requires_staging=False)
    place = as_manager(house, lambda uow: open_lane(uow, site_id=house.site, code="lane-1", draft=draft))
    cage = as_packer(house, lambda uow: open_container(uow, lane_id=place.id, kind="cage"))
    for parcel in parcels:
        as_packer(
            house, lambda uow, one=parcel: stage_parcel(uow, site_id=house.site, parcel=one.sscc, target=cage.sscc)
        )
