"""DHL Express through karrio, over HTTP to a simulated one that sells twice when it is asked twice."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings

from app.simulators.account_faults import AccountFaults
from app.simulators.dhl_express import PASSWORD, SITE_ID, DhlDesk, create_dhl_app
from app.simulators.dhl_express_books import DhlScan
from kernel.money import Money, decimals
from shipping.gateways.account_carriers import CannotTell, CarrierAccountTerms
from shipping.gateways.carriers import LabelRequest, Purchased, Refused, TrackingHistory, Unavailable, UnknownOutcome
from shipping.gateways.karrio_carrier import KarrioCarrier
from tests.shipping.test_karrio_exports import BERLIN, FACTS, MUG, PLACES, REQUESTS, TERMS, UNION
from tests.shipping.test_karrio_exports import REQUEST as UPS_REQUEST

pytestmark = pytest.mark.thorough

ABROAD = replace(UPS_REQUEST, carrier="dhl_express", service="dhl_express_worldwide_nondoc")
HOME = replace(
    ABROAD, service="dhl_express_domestic", ship_to=replace(BERLIN, name="Ann Example", street="Weg 1"), customs=None
)
ACCOUNT = (("account_number", "123456789"), ("password", PASSWORD), ("site_id", SITE_ID))


@pytest.fixture(scope="module")
def desk() -> DhlDesk:
    return DhlDesk()


@pytest.fixture(scope="module")
def carrier(desk: DhlDesk) -> Iterator[KarrioCarrier]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_dhl_app(desk), log_level="critical", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield KarrioCarrier(CarrierAccountTerms("cac_1", "dhl_express", ACCOUNT, test_mode=True, server_url=url))
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture(autouse=True)
def untroubled(desk: DhlDesk) -> None:
    desk.faults = AccountFaults()
    desk.books.shipments.clear()


def sold(desk: DhlDesk, carrier: KarrioCarrier, request: LabelRequest) -> Purchased:
    bought = carrier.purchase_label(request)
    assert isinstance(bought, Purchased), bought
    assert bought.tracking_number in desk.books.shipments
    return bought


def test_a_label_comes_with_its_number_its_price_and_its_picture(desk: DhlDesk, carrier: KarrioCarrier) -> None:
    bought = sold(desk, carrier, HOME)
    (shipment,) = desk.books.shipments.values()
    assert (shipment.reference, bought.cost) == ("lbl_0001", Money(shipment.cost_minor, "EUR"))
    assert bought.document is not None
    assert (bought.document.media_type, bought.document.content[:5]) == ("application/pdf", b"%PDF-")


@pytest.mark.parametrize("fault", ["lose_after", "fail_after", "garble_after"])
def test_an_answer_that_is_lost_is_in_doubt_and_a_person_has_to_look(
    desk: DhlDesk, carrier: KarrioCarrier, fault: str
) -> None:
    setattr(desk.faults, fault, 1)
    assert isinstance(carrier.purchase_label(HOME), UnknownOutcome)
    assert len(desk.books.shipments) == 1
    assert isinstance(carrier.find_label(HOME), CannotTell)


def test_asked_twice_it_sells_twice(desk: DhlDesk, carrier: KarrioCarrier) -> None:
    assert sold(desk, carrier, HOME).tracking_number != sold(desk, carrier, HOME).tracking_number


def test_a_busy_carrier_a_wrong_password_and_a_place_unknown_cost_nothing(
    desk: DhlDesk, carrier: KarrioCarrier
) -> None:
    desk.faults = AccountFaults(busy=1)
    assert carrier.purchase_label(HOME) == Unavailable("The carrier answered with status 503", 7)
    wrong = replace(carrier.account, settings=(*ACCOUNT[:1], ("password", "x"), ACCOUNT[2]))
    assert KarrioCarrier(wrong).purchase_label(HOME) == Refused("PI001", "The site id or its password is wrong")
    nowhere = carrier.purchase_label(replace(HOME, ship_to=replace(HOME.ship_to, postal_code="00000")))
    assert nowhere == Refused("SVC005", "The consignee's postal code is not valid")
    assert desk.books.shipments == {}


def test_prices_and_checkpoints_are_read(desk: DhlDesk, carrier: KarrioCarrier) -> None:
    assert "The carrier answered with" in carrier.try_out(HOME)
    number = sold(desk, carrier, HOME).tracking_number
    noon = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
    desk.books.shipments[number].scans[:] = [
        DhlScan("PU", "Shipment picked up", noon), DhlScan("OK", "Delivered", noon + timedelta(days=1), "LEIPZIG"),
    ]  # fmt: skip
    history = carrier.fetch_tracking(carrier="dhl_express", tracking_number=number)
    assert isinstance(history, TrackingHistory)
    assert [scan.raw_code for scan in history.scans] == ["karrio:picked_up:PU", "karrio:delivered:OK"]
    unknown = carrier.fetch_tracking(carrier="dhl_express", tracking_number="9999999999")
    assert isinstance(unknown, Refused)
    assert unknown.code == "209"


def test_goods_are_declared_by_unit_and_by_line_as_they_were_sold(desk: DhlDesk, carrier: KarrioCarrier) -> None:
    declared = desk.books.shipments[sold(desk, carrier, ABROAD).tracking_number].declared
    assert declared is not None
    line = "ExportDeclaration/ExportLineItem"
    told = {
        "Dutiable/DeclaredValue": "59.97", "Dutiable/TermsOfTrade": "DAP", f"{line}/Value": "19.99",
        f"{line}/Quantity": "3", f"{line}/Weight/Weight": "1.05", f"{line}/ManufactureCountryCode": "CN",
        "ExportDeclaration/SignatureName": "Petra Muster", "ExportDeclaration/InvoiceNumber": "10482-000018",
        "Shipper/EORI_No": "DE1234567", "Shipper/CompanyName": "Nordhus",
    }  # fmt: skip
    assert {path: declared.findtext(path) for path in told} == told


def test_with_ddp_our_account_pays_the_duties(desk: DhlDesk, carrier: KarrioCarrier) -> None:
    paid = replace(ABROAD, customs=replace(FACTS, terms=replace(TERMS, incoterm="DDP")))
    declared = desk.books.shipments[sold(desk, carrier, paid).tracking_number].declared
    assert declared is not None
    assert declared.findtext("Billing/DutyAccountNumber") == "123456789"


@pytest.mark.parametrize("here", ["DE", "CH", "GB", "Belfast", "US"])
@pytest.mark.parametrize("there", sorted(PLACES))
def test_what_crosses_a_border_is_declared_and_nothing_else(
    desk: DhlDesk, carrier: KarrioCarrier, here: str, there: str
) -> None:
    groups = [UNION | {"Belfast"}, {"CH", "LI"}, {"GB", "Belfast"}, {"US"}]
    is_inside = here == there or any({here, there} <= group for group in groups)
    journey = replace(ABROAD, ship_from=PLACES[here], ship_to=PLACES[there])
    if is_inside:
        bought = sold(desk, carrier, replace(journey, customs=None))
        assert desk.books.shipments[bought.tracking_number].declared is None
    elif {journey.ship_from.country, journey.ship_to.country} <= {"DE", "ES", "IT"}:
        refused = carrier.purchase_label(journey)
        assert isinstance(refused, Refused)
        assert refused.code == "customs_data_missing"
    else:
        assert desk.books.shipments[sold(desk, carrier, journey).tracking_number].declared is not None


@pytest.mark.parametrize(
    "change", [{"hs_code": "6912"}, {"country_of_origin": "XX"}, {"quantity": 0}, {"unit_value_minor": 0}]
)
def test_goods_that_are_not_told_as_it_takes_them_are_refused(
    desk: DhlDesk, carrier: KarrioCarrier, change: dict[str, str | int]
) -> None:
    goods = replace(MUG, **change)  # type: ignore[arg-type]  # fields by name
    assert isinstance(carrier.purchase_label(replace(ABROAD, customs=replace(FACTS, items=(goods,)))), Refused)
    assert desk.books.shipments == {}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(request=REQUESTS.filter(lambda each: each.ship_to.country != "ES"))
def test_any_shipment_is_declared_to_the_cent(desk: DhlDesk, carrier: KarrioCarrier, request: LabelRequest) -> None:
    bought = sold(desk, carrier, replace(request, service=ABROAD.service))
    declared, facts = desk.books.shipments[bought.tracking_number].declared, request.customs
    assert declared is not None
    assert facts is not None
    lines = declared.findall("ExportDeclaration/ExportLineItem")
    places = 10 ** decimals(facts.currency)
    assert [Decimal(each.findtext("Value") or "0") * places for each in lines] == [
        item.unit_value_minor for item in facts.items
    ]
    assert [int(each.findtext("Quantity") or "0") for each in lines] == [item.quantity for item in facts.items]
    assert [Decimal(each.findtext("Weight/Weight") or "0") * 1_000 for each in lines] == [
        item.net_weight_g for item in facts.items
    ]
    assert (declared.findtext("Dutiable/TermsOfTrade"), declared.findtext("Dutiable/DeclaredCurrency")) == (
        facts.terms.incoterm, facts.currency,
    )  # fmt: skip
