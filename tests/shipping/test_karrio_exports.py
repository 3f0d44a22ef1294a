"""Customs declarations through karrio, over HTTP to a simulated UPS that checks them and refuses what is wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.simulators.ups import UpsDesk
from kernel.money import Money, decimals
from shipping.domain.exports import CustomsFacts, CustomsItem, ExportTerms, OriginalExport
from shipping.gateways.account_carriers import CarrierAccountTerms
from shipping.gateways.carriers import CarrierAddress, LabelRequest, Purchased, Refused
from shipping.gateways.karrio_carrier import KarrioCarrier
from tests.ups_server import ACCOUNT, serving_ups

pytestmark = pytest.mark.thorough

BERLIN = CarrierAddress("House One", "Lagerweg 1", "Berlin", "10115", "DE")
BERN = CarrierAddress("Aña Ünlü", "Weg 1", "Bern", "3000", "CH", phone="+41 31 555 01 02")
TERMS = ExportTerms("DE1234567", "DE811111111", "Petra Muster", "+4930123456", "DAP")
MUG = CustomsItem("MUG-BL", "Stoneware mug, blue", "691200", "CN", 3, 1_050, 1_999)
FACTS = CustomsFacts((MUG,), "EUR", "10482-000018", date(2026, 11, 24), "Nordhus", TERMS)
REQUEST = LabelRequest(
    reference="lbl_0001", carrier="ups", service="ups_standard", weight_g=1_850, length_mm=306, width_mm=226,
    height_mm=96, ship_from=BERLIN, ship_to=BERN, quote=Money(1_200, "EUR"), customs=FACTS,
)  # fmt: skip
PLACES = {
    "CH": BERN,
    "LI": replace(BERN, city="Vaduz", postal_code="9490", country="LI"),
    "GB": replace(BERN, city="London", postal_code="SW1A 1AA", country="GB"),
    "Belfast": replace(BERN, city="Belfast", postal_code="BT1 5GS", country="GB"),
    "US": replace(BERN, city="Reno", postal_code="89501", country="US", region="NV"),
    "DE": replace(BERLIN, phone="+4930555"),
    "FR": replace(BERN, city="Paris", postal_code="75011", country="FR"),
    "GR": replace(BERN, city="Athina", postal_code="10431", country="GR"),
    "MC": replace(BERN, city="Monaco", postal_code="98000", country="MC"),
    "Las Palmas": replace(BERN, city="Las Palmas", postal_code="35001", country="ES"),
    "Ceuta": replace(BERN, city="Ceuta", postal_code="51001", country="ES"),
    "Livigno": replace(BERN, city="Livigno", postal_code="23041", country="IT"),
    "Helgoland": replace(BERN, city="Helgoland", postal_code="27498", country="DE"),
    "JP": replace(BERN, city="Tokyo", postal_code="100-0001", country="JP"),
}
UNION = {"DE", "FR", "GR", "MC", "Las Palmas"}


@pytest.fixture(scope="module")
def desk() -> UpsDesk:
    return UpsDesk()


@pytest.fixture(scope="module")
def carrier(desk: UpsDesk) -> Iterator[KarrioCarrier]:
    with serving_ups(desk) as url:
        settings = (*ACCOUNT, ("label_type", "ZPL_6x4"))
        yield KarrioCarrier(CarrierAccountTerms("cac_1", "ups", settings, test_mode=True, server_url=url))


def declared(desk: UpsDesk, carrier: KarrioCarrier, request: LabelRequest) -> Mapping[str, Any]:
    bought = carrier.purchase_label(request)
    assert isinstance(bought, Purchased), bought
    return desk.books.shipments[bought.tracking_number].forms


def test_goods_are_declared_by_unit_and_by_line_as_they_were_sold(desk: UpsDesk, carrier: KarrioCarrier) -> None:
    forms = declared(desk, carrier, REQUEST)
    (product,) = forms["Product"]
    assert (product["Unit"]["Number"], product["Unit"]["Value"]) == ("3", "19.99")
    assert (product["CommodityCode"], product["OriginCountryCode"]) == ("691200", "CN")
    assert product["ProductWeight"] == {
        "UnitOfMeasurement": {"Code": "KGS", "Description": "weight unit"}, "Weight": "1.050",
    }  # fmt: skip
    assert (forms["InvoiceNumber"], forms["InvoiceDate"]) == ("10482-000018", "20261124")
    assert (forms["TermsOfShipment"], forms["ReasonForExport"], forms["CurrencyCode"]) == ("DDU", "SALE", "EUR")
    assert forms["Contacts"]["SoldTo"]["Address"]["AddressLine"] == ["Weg 1"]


def test_with_ddp_our_account_pays_the_duties(desk: UpsDesk, carrier: KarrioCarrier) -> None:
    paid = replace(FACTS, terms=replace(TERMS, incoterm="DDP"))
    assert declared(desk, carrier, replace(REQUEST, customs=paid))["TermsOfShipment"] == "DDP"


@pytest.mark.parametrize("here", ["DE", "CH", "GB", "Belfast", "US"])
@pytest.mark.parametrize("there", sorted(PLACES))
def test_what_crosses_a_border_is_declared_and_nothing_else(
    desk: UpsDesk, carrier: KarrioCarrier, here: str, there: str
) -> None:
    groups = [UNION | {"Belfast"}, {"CH", "LI"}, {"GB", "Belfast"}, {"US"}]
    is_inside = here == there or any({here, there} <= group for group in groups)
    journey = replace(REQUEST, ship_from=PLACES[here], ship_to=PLACES[there])
    facts = None if is_inside else replace(FACTS, terms=replace(TERMS, eori=""))
    assert bool(declared(desk, carrier, replace(journey, customs=facts))) is not is_inside
    if not is_inside:
        undeclared = carrier.purchase_label(replace(journey, customs=None))
        assert isinstance(undeclared, Refused)
        assert undeclared.code == "customs_data_missing"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"hs_code": "6912"}, "128013"),
        ({"hs_code": "6912.00"}, "128013"),
        ({"country_of_origin": "XX"}, "128014"),
        ({"quantity": 0}, "128011"),
        ({"unit_value_minor": 0}, "128020"),
    ],
)
def test_ups_refuses_goods_that_are_not_told_as_it_takes_them(
    desk: UpsDesk, carrier: KarrioCarrier, change: dict[str, Any], code: str
) -> None:
    before = len(desk.books.paid)
    refused = carrier.purchase_label(replace(REQUEST, customs=replace(FACTS, items=(replace(MUG, **change),))))
    assert isinstance(refused, Refused)
    assert (refused.code, len(desk.books.paid)) == (code, before)


def test_ups_refuses_a_recipient_without_a_phone(carrier: KarrioCarrier) -> None:
    refused = carrier.purchase_label(replace(REQUEST, ship_to=replace(BERN, phone="")))
    assert refused == Refused("120213", "Missing or invalid ShipTo phone number")


ITEMS = st.builds(
    CustomsItem,
    sku=st.text("ABC-123", min_size=1, max_size=64),
    description=st.text("Mug ÄÖ陶器 ,", min_size=1, max_size=120).map(lambda text: " ".join(text.split()) or "Mug"),
    hs_code=st.from_regex(r"[0-9]{6,10}", fullmatch=True),
    country_of_origin=st.sampled_from(["DE", "CN", "US", "GB", "VN"]),
    quantity=st.integers(1, 9_999), net_weight_g=st.integers(1, 70_000), unit_value_minor=st.integers(1, 99_999_999),
)  # fmt: skip
REQUESTS = st.builds(
    lambda items, currency, there, incoterm, name, street: replace(
        REQUEST, ship_to=replace(PLACES[there], name=name, street=street),
        customs=replace(FACTS, items=tuple(items), currency=currency, terms=replace(TERMS, incoterm=incoterm)),
    ),
    st.lists(ITEMS, min_size=1, max_size=12), st.sampled_from(["EUR", "USD", "JPY", "KWD", "GBP"]),
    st.sampled_from(["CH", "GB", "US", "Ceuta", "JP"]), st.sampled_from(["DAP", "DDP"]),
    st.text("Ann Ünlü陶-", min_size=1, max_size=80).map(lambda text: " ".join(text.split()) or "Ann"),
    st.text("Straße 12a,", min_size=1, max_size=90).map(lambda text: " ".join(text.split()) or "Weg 1"),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(request=REQUESTS)
def test_any_shipment_is_declared_to_the_cent(desk: UpsDesk, carrier: KarrioCarrier, request: LabelRequest) -> None:
    forms, facts = declared(desk, carrier, request), request.customs
    assert facts is not None
    places = 10 ** decimals(facts.currency)
    values = [Decimal(each["Unit"]["Value"]) * places for each in forms["Product"]]
    assert values == [item.unit_value_minor for item in facts.items]
    assert [int(each["Unit"]["Number"]) for each in forms["Product"]] == [item.quantity for item in facts.items]
    weights = [Decimal(each["ProductWeight"]["Weight"]) * 1_000 for each in forms["Product"]]
    assert weights == [item.net_weight_g for item in facts.items]
    assert (forms["TermsOfShipment"] == "DDP") is (facts.terms.incoterm == "DDP")


BACK = replace(
    REQUEST, ship_from=BERN, ship_to=BERLIN, is_return=True,
    customs=replace(
        FACTS, invoice_number="10482-000018-R00042", terms=replace(TERMS, incoterm="DDP"),
        originals=(OriginalExport("10482-000018", date(2026, 11, 24), "1ZA1B2C30300000012"),),
    ),
)  # fmt: skip


def test_goods_that_come_back_are_declared_as_returned_to_who_exported_them(
    desk: UpsDesk, carrier: KarrioCarrier
) -> None:
    bought = carrier.purchase_label(BACK)
    assert isinstance(bought, Purchased), bought
    sold = desk.books.shipments[bought.tracking_number]
    forms = sold.forms
    assert (sold.is_return, forms["ReasonForExport"], forms["TermsOfShipment"]) == (True, "RETURN", "DDP")
    assert forms["Comments"] == "Returned goods: invoice 10482-000018 of 2026-11-24, waybill 1ZA1B2C30300000012"
    importer = forms["Contacts"]["SoldTo"]
    assert (importer["Name"], importer["Address"]["CountryCode"]) == ("Nordhus", "DE")
    (product,) = forms["Product"]
    assert (product["CommodityCode"], product["Unit"]["Number"], product["Unit"]["Value"]) == ("691200", "3", "19.99")


@pytest.mark.parametrize(
    ("change", "code"),
    [({"originals": ()}, "128060"), ({"terms": replace(TERMS, incoterm="DDP", eori="", vat_number="")}, "120219")],
)
def test_ups_refuses_a_return_that_does_not_say_what_comes_back_to_whom(
    desk: UpsDesk, carrier: KarrioCarrier, change: dict[str, Any], code: str
) -> None:
    before = len(desk.books.paid)
    facts = BACK.customs
    assert facts is not None
    refused = carrier.purchase_label(replace(BACK, customs=replace(facts, **change)))
    assert isinstance(refused, Refused)
    assert (refused.code, len(desk.books.paid)) == (code, before)


def test_many_exports_are_named_in_the_room_that_ups_has(desk: UpsDesk, carrier: KarrioCarrier) -> None:
    facts = BACK.customs
    assert facts is not None
    comments = declared(desk, carrier, replace(BACK, customs=replace(facts, originals=facts.originals * 5)))["Comments"]
    assert len(comments) <= 150
