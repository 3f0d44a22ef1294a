"""Real carriers through karrio, over HTTP to a simulated UPS that sells a second label when it is asked twice."""

import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from app.simulators.ups import UpsDesk, UpsFaults
from app.simulators.ups_books import UpsScan
from kernel.money import Money
from shipping.domain.tracking_status import TrackingStatus
from shipping.gateways import karrio_transport
from shipping.gateways.account_carriers import AccountUnusableError, CannotTell, CarrierAccountTerms, NotBought
from shipping.gateways.carriers import (
    CarrierAddress,
    LabelRequest,
    Purchased,
    Refused,
    TrackingHistory,
    Unavailable,
    UnknownOutcome,
    Voided,
)
from shipping.gateways.karrio_carrier import KarrioCarrier
from shipping.scan_intake import meaning_of
from tests.ups_server import ACCOUNT, serving_ups

pytestmark = pytest.mark.thorough

REQUEST = LabelRequest(
    reference="lbl_0001", carrier="ups", service="ups_standard", weight_g=1_850, length_mm=306, width_mm=226,
    height_mm=96, ship_from=CarrierAddress("House One", "Lagerweg 1", "Berlin", "10115", "DE"),
    ship_to=CarrierAddress("Ann Example", "Weg 1", "Leipzig", "04109", "DE"), quote=Money(1_200, "EUR"),
)  # fmt: skip


@pytest.fixture
def desk() -> UpsDesk:
    return UpsDesk()


@pytest.fixture
def carrier(desk: UpsDesk) -> Iterator[KarrioCarrier]:
    with serving_ups(desk) as url:
        yield KarrioCarrier(CarrierAccountTerms("cac_1", "ups", ACCOUNT, test_mode=True, server_url=url))


def test_a_label_comes_with_its_number_its_price_and_its_picture(desk: UpsDesk, carrier: KarrioCarrier) -> None:
    bought = carrier.purchase_label(REQUEST)
    (sold,) = desk.books.paid
    assert isinstance(bought, Purchased)
    assert (bought.tracking_number, bought.shipment_identifier) == (sold.number, sold.number)
    assert (sold.reference, bought.cost) == (REQUEST.reference, Money(sold.cost_minor, "EUR"))
    assert bought.document is not None
    assert (bought.document.media_type, bought.document.content[:5]) == ("application/pdf", b"%PDF-")
    assert isinstance(carrier.purchase_label(replace(REQUEST, reference="lbl_0002")), Purchased)
    assert desk.log_ins == 1, "the token is kept between calls"


@pytest.mark.parametrize("fault", ["lose_after", "fail_after", "garble_after"])
def test_a_purchase_whose_answer_is_lost_is_looked_up_at_once(
    desk: UpsDesk, carrier: KarrioCarrier, fault: str
) -> None:
    setattr(desk.faults, fault, 1)
    bought = carrier.purchase_label(REQUEST)
    (sold,) = desk.books.paid
    assert isinstance(bought, Purchased)
    assert (bought.tracking_number, bought.cost) == (sold.number, REQUEST.quote)
    assert bought.document is not None
    assert bought.document.content.startswith(b"%PDF-")


def test_when_the_look_up_fails_too_the_outcome_is_unknown_and_nothing_is_bought_again(
    desk: UpsDesk, carrier: KarrioCarrier
) -> None:
    desk.faults = UpsFaults(lose_after=1, blind=2)
    assert isinstance(carrier.purchase_label(REQUEST), UnknownOutcome)
    assert isinstance(carrier.find_label(REQUEST), Unavailable)
    found = carrier.find_label(REQUEST)
    assert isinstance(found, Purchased)
    assert [each.number for each in desk.books.paid] == [found.tracking_number]


def test_a_label_that_was_never_sold_is_not_found(desk: UpsDesk, carrier: KarrioCarrier) -> None:
    desk.faults = UpsFaults(fail_before=1)
    assert isinstance(carrier.purchase_label(REQUEST), UnknownOutcome)
    assert carrier.find_label(REQUEST) == NotBought()
    assert desk.books.paid == []


def test_a_timeout_is_an_unknown_outcome(
    desk: UpsDesk, carrier: KarrioCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = httpx.Client(timeout=httpx.Timeout(0.3), trust_env=False)
    monkeypatch.setattr(karrio_transport, "_client", lambda: impatient)
    assert isinstance(carrier.try_out(REQUEST), str)
    desk.faults = UpsFaults(hold_s=0.8)
    assert carrier.purchase_label(REQUEST) == UnknownOutcome("No answer came (ReadTimeout)")
    assert len(desk.books.paid) == 1


def test_a_refusal_carries_the_words_of_the_carrier_without_control_characters(
    desk: UpsDesk, carrier: KarrioCarrier
) -> None:
    nowhere = replace(REQUEST, ship_to=replace(REQUEST.ship_to, postal_code="00000"))
    refused = carrier.purchase_label(nowhere)
    text = "Address Validation Error on ShipTo address: the postal code is unknown"
    assert refused == Refused("120802", text)
    assert desk.books.paid == []


def test_a_busy_carrier_and_a_wrong_key_cost_nothing_and_may_be_asked_again(
    desk: UpsDesk, carrier: KarrioCarrier
) -> None:
    assert isinstance(carrier.try_out(REQUEST), str)
    desk.faults = UpsFaults(busy=1)
    assert carrier.purchase_label(REQUEST) == Unavailable("The carrier answered with status 503", 7)
    assert isinstance(carrier.purchase_label(REQUEST), Purchased)
    wrong = replace(carrier.account, settings=(*ACCOUNT[:3], ("client_secret", "wrong")))
    stranger = KarrioCarrier(wrong)
    assert stranger.purchase_label(REQUEST) == Unavailable("The log-in failed: The carrier answered with status 401")
    with pytest.raises(AccountUnusableError, match="status 401"):
        stranger.try_out(REQUEST)
    nobody = KarrioCarrier(replace(carrier.account, server_url="http://127.0.0.1:9"))
    assert nobody.purchase_label(REQUEST) == Unavailable(
        "The log-in failed: The carrier was not reached (ConnectError)"
    )
    misfit = KarrioCarrier(replace(carrier.account, settings=(("password", "x"),)))
    assert isinstance(misfit.purchase_label(REQUEST), Unavailable)
    assert len(desk.books.paid) == 1


def test_a_label_is_taken_back_once_and_twice_and_not_after_its_journey_began(
    desk: UpsDesk, carrier: KarrioCarrier
) -> None:
    bought = carrier.purchase_label(REQUEST)
    assert isinstance(bought, Purchased)
    number = bought.tracking_number
    taken = carrier.void_label(carrier="ups", reference="lbl_0001", tracking_number=number)
    again = carrier.void_label(carrier="ups", reference="lbl_0001", tracking_number=number)
    assert (taken, again, desk.books.paid) == (Voided(number), Voided(number), [])
    other = carrier.purchase_label(replace(REQUEST, reference="lbl_0002"))
    assert isinstance(other, Purchased)
    desk.books.shipments[other.tracking_number].scans.append(UpsScan("I", "OR", "Origin scan", datetime.now(UTC)))
    late = carrier.void_label(carrier="ups", reference="lbl_0002", tracking_number=other.tracking_number)
    assert late == Refused("190104", "The package is past the time in which it may be voided")


def test_scans_come_with_their_instant_and_a_status_that_is_known(desk: UpsDesk, carrier: KarrioCarrier) -> None:
    bought = carrier.purchase_label(REQUEST)
    assert isinstance(bought, Purchased)
    noon = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
    book = desk.books.shipments[bought.tracking_number]
    book.scans[:] = [
        UpsScan("M", "MP", "Label created", noon - timedelta(hours=20), 60),
        UpsScan("I", "DP", "Departed from Facility", noon, -300, "Louisville", "US"),
        UpsScan("D", "FS", "DELIVERED", noon + timedelta(hours=5), 60, "Leipzig"),
    ]
    history = carrier.fetch_tracking(carrier="ups", tracking_number=bought.tracking_number)
    assert isinstance(history, TrackingHistory)
    assert [scan.occurred_at for scan in history.scans] == [scan.at for scan in book.scans]
    assert history.scans[1].occurred_at.utcoffset() == timedelta(hours=-5)
    assert [scan.raw_code for scan in history.scans] == [
        "karrio:pending:MP", "karrio:in_transit:DP", "karrio:delivered:FS",
    ]  # fmt: skip
    meanings = [meaning_of("ups", scan.raw_code).status for scan in history.scans]
    assert meanings == [TrackingStatus.PRE_TRANSIT, TrackingStatus.IN_TRANSIT, TrackingStatus.DELIVERED]
    unknown = carrier.fetch_tracking(carrier="ups", tracking_number="1Z0000000000000000")
    assert unknown == Refused("TW0001", "Tracking Information Not Found")


def test_a_status_that_the_library_does_not_know_is_unknown_and_never_in_transit() -> None:
    meaning = meaning_of("ups", "karrio::QQ")
    assert (meaning.status, meaning.is_known) == (TrackingStatus.UNKNOWN, False)


def test_a_return_label_is_bought_as_a_return(desk: UpsDesk, carrier: KarrioCarrier) -> None:
    back = replace(REQUEST, ship_from=REQUEST.ship_to, ship_to=REQUEST.ship_from, is_return=True)
    assert isinstance(carrier.purchase_label(back), Purchased)
    assert [each.is_return for each in desk.books.paid] == [True]


def test_a_thermal_label_stays_zpl(desk: UpsDesk, carrier: KarrioCarrier) -> None:
    settings = (*ACCOUNT, ("label_type", "ZPL_6x4"))
    bought = KarrioCarrier(replace(carrier.account, settings=settings)).purchase_label(REQUEST)
    assert isinstance(bought, Purchased)
    assert bought.document is not None
    assert (bought.document.media_type, bought.document.content[:3]) == ("application/zpl", b"^XA")


def test_within_the_us_the_reference_stands_where_ups_takes_it(desk: UpsDesk, carrier: KarrioCarrier) -> None:
    here = CarrierAddress("House Two", "1 Main St", "Reno", "89501", "US", "NV")
    domestic = replace(
        REQUEST, service="ups_ground", ship_from=here, ship_to=replace(here, name="Bob"), quote=Money(900, "USD")
    )
    desk.faults = UpsFaults(lose_after=1)
    assert isinstance(carrier.purchase_label(domestic), Purchased)
    assert len(desk.books.paid) == 1


def test_what_customs_has_to_see_is_not_sent_undeclared(desk: UpsDesk, carrier: KarrioCarrier) -> None:
    abroad = replace(REQUEST, ship_to=CarrierAddress("Bob", "1 Main St", "Reno", "89501", "US", "NV"))
    refused = carrier.purchase_label(abroad)
    assert isinstance(refused, Refused)
    assert refused.code == "customs_data_missing"
    assert desk.books.paid == []


def test_a_carrier_that_cannot_be_asked_by_reference_says_so() -> None:
    dhl = CarrierAccountTerms("cac_2", "dhl_express", (("password", "p"), ("site_id", "s")), test_mode=True)
    told = KarrioCarrier(dhl).find_label(REQUEST)
    assert isinstance(told, CannotTell)
    assert "lbl_0001" in told.next_step


def test_loading_the_library_leaves_certificates_verified() -> None:
    karrio_transport.load_karrio()
    assert ssl._create_default_https_context().verify_mode is ssl.CERT_REQUIRED


@pytest.mark.thorough
def test_nothing_loads_the_library_at_start() -> None:
    names = ("karrio", "lxml", "loguru", "cryptography.hazmat")
    code = f"import sys, app.main, app.worker, app.lanes; print([m for m in {names} if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
