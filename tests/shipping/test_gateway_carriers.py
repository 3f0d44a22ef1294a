import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import httpx
import pytest

from app.simulators.carrier_pushes import CarrierSimulator
from app.simulators.carrier_wire import Faults
from kernel.money import Money
from shipping.domain.tracking_numbers import is_valid_tracking_number, tracking_number
from shipping.gateways.carrier_http import HttpCarrier, carrier_client
from shipping.gateways.carriers import (
    CarrierAddress,
    CarrierGateway,
    LabelRequest,
    ManifestAcknowledged,
    ManifestRequest,
    OfflineCarrier,
    Purchased,
    Refused,
    TrackingHistory,
    Unavailable,
    UnknownOutcome,
    Voided,
)
from shipping.gateways.recording_carrier import RecordingCarrier
from tests.carrier_server import API_KEY, START, carrier_simulator, serving

HOME = CarrierAddress("Ada", "Rua A 1", "Manaus", "69000-000", "BR", "AM")
WAREHOUSE = replace(HOME, name="Warehouse", city="São Paulo", region="SP")
REQUEST = LabelRequest(
    reference="lbl_1",
    carrier="swift_parcel",
    service="ground",
    weight_g=1_200,
    length_mm=300,
    width_mm=200,
    height_mm=100,
    ship_from=WAREHOUSE,
    ship_to=HOME,
    quote=Money(1234, "BRL"),
    serial=1,
)
SECOND = replace(REQUEST, reference="lbl_2", serial=2)


def manifest(*numbers: str, reference: str = "man_1") -> ManifestRequest:
    return ManifestRequest(reference, "swift_parcel", date(2026, 11, 20), numbers, START)


@dataclass
class Cuts(httpx.BaseTransport):
    """Passes calls on and then loses the answers of those that `loses` names."""

    loses: Callable[[httpx.Request], bool]
    inner: httpx.HTTPTransport = field(default_factory=httpx.HTTPTransport)
    calls: list[str] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(f"{request.method} {request.url.path}")
        response = self.inner.handle_request(request)
        if not self.loses(request):
            return response
        response.read()
        raise httpx.ReadTimeout("the answer went missing", request=request)

    def close(self) -> None:
        self.inner.close()


@pytest.fixture
def simulator() -> CarrierSimulator:
    return carrier_simulator()


@pytest.fixture
def carrier_url(simulator: CarrierSimulator) -> Iterator[str]:
    with serving(simulator) as url:
        yield url


@pytest.fixture(params=["http", "offline", "recording"])
def gateway(request: pytest.FixtureRequest) -> Iterator[CarrierGateway]:
    """Every implementation of the port."""
    if request.param == "offline":
        yield OfflineCarrier()
    elif request.param == "recording":
        yield RecordingCarrier()
    else:
        url = request.getfixturevalue("carrier_url")
        with carrier_client(url, API_KEY) as client:
            yield HttpCarrier(client)


def purchase(gateway: CarrierGateway, request: LabelRequest = REQUEST) -> Purchased:
    bought = gateway.purchase_label(request)
    assert isinstance(bought, Purchased)
    return bought


def test_every_carrier_sells_one_label_for_each_reference(gateway: CarrierGateway) -> None:
    first = purchase(gateway)
    assert purchase(gateway) == first
    assert purchase(gateway, SECOND).tracking_number != first.tracking_number
    assert is_valid_tracking_number("swift_parcel", first.tracking_number)
    assert first.cost == Money(1234, "BRL")


@pytest.mark.parametrize("changes", [{"weight_g": 0}, {"height_mm": -1}], ids=str)
def test_every_carrier_refuses_an_impossible_parcel(gateway: CarrierGateway, changes: dict[str, int]) -> None:
    refused = gateway.purchase_label(replace(REQUEST, **changes))
    assert isinstance(refused, Refused)
    assert refused.code == "invalid_request"


def test_every_carrier_takes_labels_that_we_wrote_ourselves(gateway: CarrierGateway) -> None:
    number = tracking_number("swift_parcel", 900_000)
    for _ in range(2):
        assert gateway.register_label(REQUEST, number) == Purchased(number, REQUEST.quote)
    assert isinstance(gateway.transmit_manifest(manifest(number)), ManifestAcknowledged)
    refused = gateway.register_label(SECOND, "XX1")
    assert isinstance(refused, Refused)
    assert refused.tracking_numbers == ("XX1",)
    assert isinstance(gateway.register_label(replace(SECOND, weight_g=0), number), Refused)


def test_a_number_belongs_to_one_shipment(carrier_url: str) -> None:
    with carrier_client(carrier_url, API_KEY) as client:
        for gateway in (HttpCarrier(client), RecordingCarrier()):
            bought = purchase(gateway).tracking_number
            assert gateway.register_label(REQUEST, bought) == Purchased(bought, REQUEST.quote)
            taken = gateway.register_label(SECOND, bought)
            assert isinstance(taken, Refused)
            assert taken.code == "number_taken"


def test_every_carrier_voids_a_label_as_often_as_asked(gateway: CarrierGateway) -> None:
    number = purchase(gateway).tracking_number
    for _ in range(2):
        voided = gateway.void_label(carrier="swift_parcel", reference="lbl_1", tracking_number=number)
        assert voided == Voided(number)


def test_every_carrier_takes_a_manifest_as_often_as_sent(gateway: CarrierGateway) -> None:
    numbers = [purchase(gateway, request).tracking_number for request in (REQUEST, SECOND)]
    first = gateway.transmit_manifest(manifest(*numbers))
    assert isinstance(first, ManifestAcknowledged)
    assert gateway.transmit_manifest(manifest(*numbers)) == first


def test_every_carrier_names_parcels_it_does_not_know(gateway: CarrierGateway) -> None:
    number = purchase(gateway).tracking_number
    refused = gateway.transmit_manifest(manifest(number, "XX1"))
    assert isinstance(refused, Refused)
    assert refused.tracking_numbers == ("XX1",)
    for answer in (
        gateway.fetch_tracking(carrier="swift_parcel", tracking_number="XX1"),
        gateway.void_label(carrier="swift_parcel", reference="lbl_x", tracking_number="XX1"),
    ):
        assert isinstance(answer, Refused)
        assert answer.code == "not_found"


def test_every_carrier_answers_a_question_about_scans(gateway: CarrierGateway) -> None:
    number = purchase(gateway).tracking_number
    assert isinstance(gateway.fetch_tracking(carrier="swift_parcel", tracking_number=number), TrackingHistory)


def test_an_offline_carrier_needs_a_serial_in_its_range() -> None:
    for serial in (None, -1, 10**12):
        assert isinstance(OfflineCarrier().purchase_label(replace(REQUEST, serial=serial)), Refused)


def test_the_recording_carrier_fails_as_told() -> None:
    gateway = RecordingCarrier(answers={"lbl_1": UnknownOutcome("told so")})
    assert gateway.purchase_label(REQUEST) == UnknownOutcome("told so")
    assert gateway.labels == {}


def test_scans_keep_the_carriers_words_and_local_time(simulator: CarrierSimulator, carrier_url: str) -> None:
    with carrier_client(carrier_url, API_KEY) as client:
        gateway = HttpCarrier(client)
        number = purchase(gateway).tracking_number
        gateway.transmit_manifest(manifest(number))
        simulator.advance(START + timedelta(days=40))
        history = gateway.fetch_tracking(carrier="swift_parcel", tracking_number=number)
    assert isinstance(history, TrackingHistory)
    told = [(scan.event_id, scan.raw_code, scan.occurred_at) for scan in history.scans]
    known = [(scan.event_id, scan.code, scan.occurred_at) for scan in simulator.desk.shipment(number).scans]
    assert told == known
    assert history.scans[1].occurred_at.utcoffset() == timedelta(hours=-3)
    assert history.scans[1].place == "São Paulo, SP, BR"


def test_a_label_is_found_when_only_the_answer_was_lost(carrier_url: str, simulator: CarrierSimulator) -> None:
    cuts = Cuts(loses=lambda request: request.method == "POST")
    with carrier_client(carrier_url, API_KEY, transport=cuts) as client:
        bought = purchase(HttpCarrier(client))
        voided = HttpCarrier(client).void_label(
            carrier="swift_parcel", reference="lbl_1", tracking_number=bought.tracking_number
        )
    assert cuts.calls[:2] == ["POST /shipments", "GET /shipments"]
    assert voided == Voided(bought.tracking_number)
    found = simulator.desk.find_shipment("swift_parcel", "lbl_1")
    assert found is not None
    assert found.tracking_number == bought.tracking_number


def test_a_manifest_is_found_when_only_the_answer_was_lost(carrier_url: str) -> None:
    with carrier_client(carrier_url, API_KEY) as client:
        number = purchase(HttpCarrier(client)).tracking_number
    with carrier_client(carrier_url, API_KEY, transport=Cuts(lambda request: request.method == "POST")) as client:
        assert isinstance(HttpCarrier(client).transmit_manifest(manifest(number)), ManifestAcknowledged)


def test_when_nothing_comes_through_the_outcome_is_unknown_and_a_repetition_is_safe(carrier_url: str) -> None:
    with carrier_client(carrier_url, API_KEY, transport=Cuts(lambda _: True)) as client:
        assert HttpCarrier(client).purchase_label(REQUEST) == UnknownOutcome("ReadTimeout")
        assert isinstance(HttpCarrier(client).fetch_tracking(carrier="x", tracking_number="y"), Unavailable)
    with carrier_client(carrier_url, API_KEY) as client:
        first = purchase(HttpCarrier(client))
        assert first == purchase(HttpCarrier(client))


def test_a_closed_port_means_that_nothing_happened() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with carrier_client(url, API_KEY) as client:
        assert HttpCarrier(client).purchase_label(REQUEST) == Unavailable("ConnectError")


def test_a_wrong_key_is_no_verdict_on_the_parcel(carrier_url: str) -> None:
    with carrier_client(carrier_url, "wrong") as client:
        assert HttpCarrier(client).purchase_label(REQUEST) == Unavailable("status 401")


def test_a_busy_carrier_names_its_pause(carrier_url: str) -> None:
    with carrier_client(carrier_url, API_KEY) as client:
        client.put("/simulator/faults", json={"error_rate": 1.0})
        assert HttpCarrier(client).purchase_label(REQUEST) == Unavailable("status 503", 2)


def answering(status: int, content: bytes = b"", **headers: str) -> HttpCarrier:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=content, headers=headers))
    return HttpCarrier(carrier_client("http://carrier.test", API_KEY, transport=transport))


@pytest.mark.parametrize(
    ("status", "content", "outcome"),
    [
        (500, b"", UnknownOutcome("status 500")),
        (302, b"", UnknownOutcome("status 302")),
        (200, b"<html>", UnknownOutcome("The answer cannot be read")),
        (201, b'{"tracking_number":1}', UnknownOutcome("The answer cannot be read")),
        (404, b"<html>", Refused("status_404", "")),
        (422, b'{"code":"too_heavy","detail":"31 kg"}', Refused("too_heavy", "31 kg")),
        (429, b"", Unavailable("status 429")),
    ],
)
def test_odd_answers_have_a_named_end(status: int, content: bytes, outcome: object) -> None:
    assert answering(status, content).purchase_label(REQUEST) == outcome


def test_a_number_cannot_leave_its_place_in_the_path() -> None:
    paths: list[bytes] = []

    def record(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.raw_path)
        return httpx.Response(404)

    gateway = HttpCarrier(carrier_client("http://carrier.test", API_KEY, transport=httpx.MockTransport(record)))
    gateway.fetch_tracking(carrier="x", tracking_number="../shipments?a=b#c")
    assert paths == [b"/tracking/..%2Fshipments%3Fa%3Db%23c"]


@pytest.mark.thorough
def test_five_hundred_purchases_through_faults_buy_one_label_each(simulator: CarrierSimulator) -> None:
    faults = Faults(error_rate=0.1, cut_after_commit_rate=0.3)
    bought: dict[str, set[str]] = {}
    with serving(simulator, faults) as url, carrier_client(url, API_KEY) as client:
        gateway = HttpCarrier(client)
        for number in range(500):
            request = replace(REQUEST, reference=f"lbl_{number}")
            outcome = gateway.purchase_label(request)
            while not isinstance(outcome, Purchased):
                assert isinstance(outcome, Unavailable | UnknownOutcome)
                outcome = gateway.purchase_label(request)
            bought.setdefault(outcome.tracking_number, set()).add(request.reference)
    assert len(bought) == 500
    assert all(len(references) == 1 for references in bought.values())
    assert bought.keys() == simulator.desk._shipments.keys()
