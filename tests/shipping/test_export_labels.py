"""Labels over a customs border: nothing is bought before customs is told all, then what was sold is declared."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.simulators.ups import UpsDesk
from kernel import clock
from kernel.actors import system
from kernel.db.transactions import run
from kernel.errors import Invalid, VersionConflict
from shipping.api import (
    ExportFactsMissing,
    ExportGoods,
    ExportTerms,
    ParcelView,
    create_return_label,
    declare_goods,
    export_terms,
    purchase_pending_labels,
    retell_goods,
    set_export_terms,
)
from tests.shipping.accounts import house, house_key, labels, ups, ups_url
from tests.shipping.house import (
    ANN,
    NOON,
    House,
    as_manager,
    assert_sound,
    content,
    everything,
    label,
    pack,
    weigh,
)

pytestmark = pytest.mark.thorough

__all__ = ["house", "house_key", "ups", "ups_url"]
BERN = replace(ANN, city="Bern", postal_code="3000", country="CH", phone="+41 31 555 01 02")
TERMS = ExportTerms("DE1234567", "DE811111111", "Petra Muster", "+4930123456", "DAP")


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def tell_terms(house: House, terms: ExportTerms = TERMS) -> None:
    as_manager(house, lambda uow: set_export_terms(uow, tenant_id=house.tenant, terms=terms))


def declare(house: House, parcel: ParcelView, **changes: Any) -> None:
    goods = [
        replace(ExportGoods(each.line_id, each.item_id, "691200", "CN", 1_999), **changes) for each in parcel.contents
    ]
    run(
        system(),
        lambda uow: declare_goods(
            uow, tenant_id=parcel.tenant_id, parcel_id=parcel.id, invoice_number="10482-1", goods=goods
        ),
    )


def abroad(house: House, **options: Any) -> ParcelView:
    parcel = pack(house, [content(1, quantity=3)], **{"ship_to": BERN} | options)
    declare(house, parcel)
    weigh(house, parcel)
    return parcel


def test_what_is_missing_is_named_with_where_to_tell_it_before_anything_is_asked(house: House, ups: UpsDesk) -> None:
    parcel = pack(house, ship_to=replace(BERN, phone=""))
    weigh(house, parcel)
    before = everything("label", "rate_quote", "parcel")
    with pytest.raises(ExportFactsMissing) as refused:
        label(parcel)
    missing = refused.value.problem()["missing"]
    assert missing["SKU-1"]["facts"] == ["HS code", "country of origin", "value"]
    assert missing["exporter"]["facts"] == ["signer", "phone", "EORI number"]
    assert missing["exporter"]["where"] == f"Tell it at /export-terms?merchant={house.tenant}."
    assert missing["recipient"]["facts"] == ["phone"]
    assert (everything("label", "rate_quote", "parcel"), ups.books.paid, ups.log_ins) == (before, [], 0)


def test_goods_are_declared_at_what_they_were_sold_for(house: House, ups: UpsDesk) -> None:
    tell_terms(house)
    bought = label(abroad(house))
    (sold,) = ups.books.paid
    assert (bought.state, bought.tracking_number) == ("purchased", sold.number)
    (product,) = sold.forms["Product"]
    assert (product["Unit"]["Value"], product["Unit"]["Number"], product["ProductWeight"]["Weight"]) == (
        "19.99", "3", "0.900",
    )  # fmt: skip
    assert (sold.forms["InvoiceNumber"], sold.forms["InvoiceDate"]) == ("10482-1", "20261124")
    assert_sound()


def test_what_became_known_of_goods_since_is_declared(house: House, ups: UpsDesk) -> None:
    tell_terms(house)
    parcel = abroad(house)
    declare(house, parcel, hs_code="", country_of_origin="")
    with pytest.raises(ExportFactsMissing, match="SKU-1: HS code and country of origin"):
        label(parcel)
    values = {"tenant_id": house.tenant, "hs_code": "691200", "country_of_origin": "PT"}
    assert run(system(), lambda uow: retell_goods(uow, item_id="itm_1", **values)) == [parcel.id]
    assert run(system(), lambda uow: retell_goods(uow, item_id="itm_2", **values)) == []
    assert label(parcel).state == "purchased"
    assert ups.books.paid[0].forms["Product"][0]["OriginCountryCode"] == "PT"
    assert run(system(), lambda uow: retell_goods(uow, item_id="itm_1", **values)) == [], "it has its label"


def test_facts_that_were_lost_meanwhile_refuse_the_label_unsent(house: House, ups: UpsDesk) -> None:
    tell_terms(house)
    parcel = abroad(house)
    ups.faults.busy = 1
    assert label(parcel).state == "requested"
    tell_terms(house, replace(TERMS, signer=""))
    with clock.at(NOON.replace(hour=12)):
        assert purchase_pending_labels() == 1
    assert (labels()[0][0], ups.books.paid) == ("refused", [])


def test_inside_the_customs_area_nothing_is_asked(house: House, ups: UpsDesk) -> None:
    belfast = replace(ANN, city="Belfast", postal_code="BT1 5GS", country="GB")
    for there in (ANN, belfast):
        parcel = pack(house, reference=f"ord_{there.city}", ship_to=there)
        weigh(house, parcel)
        assert label(parcel).state == "purchased"
    assert [sold.forms for sold in ups.books.paid] == [{}, {}]


def test_terms_are_checked_versioned_and_a_merchants_own(house: House) -> None:
    def work(terms: ExportTerms, version: int | None = None) -> None:
        as_manager(
            house, lambda uow: set_export_terms(uow, tenant_id=house.tenant, terms=terms, version=version)
        )  # fmt: skip

    work(TERMS, 0)
    with pytest.raises(VersionConflict):
        work(TERMS, 0)
    wrong = ExportTerms("1234", "§", "x" * 36, "ring me", "EXW")
    with pytest.raises(Invalid) as refused:
        work(wrong)
    assert [each.pointer for each in refused.value.errors] == [
        "/eori", "/vat_number", "/signer", "/phone", "/incoterm",
    ]  # fmt: skip
    told = run(system(), lambda uow: (export_terms(uow, house.tenant), export_terms(uow, house.other_tenant)))
    assert (told[0].terms, told[0].version, told[1].terms, told[1].version) == (TERMS, 1, ExportTerms(), 0)


@pytest.mark.parametrize("gone", ["eori", "signer", "phone"])
def test_each_term_that_is_missing_is_named(house: House, ups: UpsDesk, gone: str) -> None:
    tell_terms(house, replace(TERMS, **{gone: ""}))
    parcel = abroad(house)
    with pytest.raises(ExportFactsMissing) as refused:
        label(parcel)
    told = {"eori": "EORI number"}.get(gone, gone)
    assert refused.value.facts["missing"] == {
        "exporter": {"facts": [told], "where": f"Tell it at /export-terms?merchant={house.tenant}."}
    }
    assert ups.books.paid == []


def come_back(house: House, sent: ParcelView, units: int = 1, **changes: Any) -> ParcelView:
    back = [replace(each, quantity=units) for each in sent.contents]
    return as_manager(
        house,
        lambda uow: create_return_label(
            uow, tenant_id=house.tenant, site_id=house.site, reference=sent.reference, party="cus_1",
            ship_from=replace(BERN, **changes), contents=back,
        ),
    )  # fmt: skip


def test_what_comes_back_over_the_border_is_declared_with_its_export(house: House, ups: UpsDesk) -> None:
    tell_terms(house)
    sent = abroad(house)
    waybill = label(sent).tracking_number
    back = come_back(house, sent)
    with clock.at(NOON.replace(hour=12)):
        assert purchase_pending_labels() == 1
    sold = ups.books.paid[-1]
    assert (sold.is_return, sold.forms["ReasonForExport"], sold.forms["TermsOfShipment"]) == (True, "RETURN", "DDP")
    assert sold.forms["InvoiceNumber"] == f"10482-1-R{back.sscc[-5:]}"
    assert sold.forms["Comments"] == f"Returned goods: invoice 10482-1 of 2026-11-24, waybill {waybill}"
    (product,) = sold.forms["Product"]
    assert (product["Unit"]["Number"], product["Unit"]["Value"], product["OriginCountryCode"]) == ("1", "19.99", "CN")
    assert product["ProductWeight"]["Weight"] == "0.300"
    assert_sound()


def test_a_return_that_lacks_facts_names_them_before_anything_is_asked(house: House, ups: UpsDesk) -> None:
    tell_terms(house)
    sent = abroad(house)
    label(sent)
    tell_terms(house, replace(TERMS, eori="", signer=""))
    before = everything("label", "rate_quote", "parcel")
    with pytest.raises(ExportFactsMissing) as refused:
        come_back(house, sent, phone="")
    missing = refused.value.problem()["missing"]
    assert missing["importer"]["facts"] == ["signer", "EORI number"]
    assert missing["sender"]["facts"] == ["phone"]
    assert (everything("label", "rate_quote", "parcel"), len(ups.books.paid)) == (before, 1)


def test_a_return_of_what_was_never_exported_says_so(house: House, ups: UpsDesk) -> None:
    tell_terms(house)
    sent = pack(house, ship_to=BERN)
    with pytest.raises(ExportFactsMissing, match="export invoice") as refused:
        come_back(house, sent)
    assert "the carrier's own tool" in refused.value.remedy
    assert ups.books.paid == []
