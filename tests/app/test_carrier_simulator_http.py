import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from app.simulators.carrier_desk import CarrierDesk
from app.simulators.carrier_model import CarrierModel, Odds
from app.simulators.carrier_pushes import CarrierSimulator, VirtualClock
from app.simulators.carrier_wire import Faults, ManifestOrder, ShipmentOrder
from shipping.gateways.carrier_webhooks import parse_tracking_webhook, verify_tracking_webhook
from shipping.gateways.carriers import RawScan
from tests.carrier_server import API_KEY, SECRET, START, carrier_simulator, serving

pytestmark = pytest.mark.thorough

HOME = {
    "name": "Ada",
    "street": "Rua A 1",
    "city": "Manaus",
    "postal_code": "69000-000",
    "country": "BR",
    "region": "AM",
}
WAREHOUSE = HOME | {"name": "Warehouse", "city": "São Paulo", "postal_code": "01000-000", "region": "SP"}
SHIPMENT = {
    "reference": "lbl_1",
    "carrier": "swift_parcel",
    "service": "ground",
    "weight_g": 1_200,
    "length_mm": 300,
    "width_mm": 200,
    "height_mm": 100,
    "ship_from": WAREHOUSE,
    "ship_to": HOME,
}
LATER = {"to": (START + timedelta(days=40)).isoformat()}


@dataclass
class Shipper:
    """Receives pushes as the warehouse would; `refusals` of them it does not take."""

    refusals: int = 0
    bodies: list[bytes] = field(default_factory=list)
    scans: list[RawScan] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)

    def post(self, body: bytes, headers: dict[str, str]) -> bool:
        if self.refusals:
            self.refusals -= 1
            return False
        now = START.fromtimestamp(int(headers["carrier-signature"].split(",")[0][2:]), START.tzinfo)
        verify_tracking_webhook(body, headers, SECRET, now=now)
        self.bodies.append(body)
        self.scans += parse_tracking_webhook(body)
        self.arrived.set()
        return True


@pytest.fixture
def shipper() -> Shipper:
    return Shipper()


@pytest.fixture
def api(shipper: Shipper) -> Iterator[httpx.Client]:
    with (
        serving(carrier_simulator(shipper.post)) as url,
        httpx.Client(base_url=url, headers={"authorization": f"Bearer {API_KEY}"}, trust_env=False) as client,
    ):
        yield client


def book(api: httpx.Client, reference: str = "lbl_1", **changes: object) -> dict[str, Any]:
    answer = api.post("/shipments", json=SHIPMENT | {"reference": reference} | changes)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def hand_over(api: httpx.Client, *numbers: str, reference: str = "man_1") -> httpx.Response:
    order = {
        "reference": reference,
        "carrier": "swift_parcel",
        "ship_date": "2026-11-20",
        "tracking_numbers": list(numbers),
    }
    return api.post("/manifests", json=order)


def test_a_label_is_sold_once_for_each_reference(api: httpx.Client) -> None:
    first = book(api)
    assert first == book(api)
    assert first["cost_minor"] == 650 + 3 * 90
    assert book(api, "lbl_2")["tracking_number"] != first["tracking_number"]
    found = api.get("/shipments", params={"carrier": "swift_parcel", "reference": "lbl_1"})
    assert found.json() == first


def test_a_quote_is_honored(api: httpx.Client) -> None:
    sold = book(api, quote={"amount_minor": 1234, "currency": "BRL"})
    assert (sold["cost_minor"], sold["currency"]) == (1234, "BRL")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"weight_g": 0}, 422, "invalid_request"),
        ({"weight_g": "heavy"}, 422, "invalid_request"),
        ({"weight_g": 31_501}, 422, "too_heavy"),
        ({"service": "teleport"}, 422, "unknown_service"),
        ({"carrier": "nobody"}, 422, "invalid_request"),
        ({"reference": ""}, 422, "invalid_request"),
        ({"reference": "a\nb"}, 422, "invalid_request"),
        ({"ship_to": HOME | {"country": "Brazil"}}, 422, "invalid_request"),
        ({"ship_to": {}}, 422, "invalid_request"),
        ({"extra": 1}, 422, "invalid_request"),
    ],
    ids=str,
)
def test_a_parcel_that_is_not_taken_is_named(
    api: httpx.Client, changes: dict[str, object], status: int, code: str
) -> None:
    answer = api.post("/shipments", json=SHIPMENT | changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert api.get("/shipments", params={"carrier": "swift_parcel", "reference": "lbl_1"}).status_code == 404


def test_another_parcel_under_the_same_reference_is_refused(api: httpx.Client) -> None:
    book(api)
    answer = api.post("/shipments", json=SHIPMENT | {"weight_g": 2})
    assert (answer.status_code, answer.json()["code"]) == (409, "reference_reused")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"null", b"[" * 10_000, b"x" * 300_000])
def test_broken_bodies_are_refused(api: httpx.Client, body: bytes) -> None:
    assert 400 <= api.post("/shipments", content=body).status_code < 500


def test_nothing_is_told_without_the_key(api: httpx.Client) -> None:
    for key in ("", "Bearer wrong", f"bearer {API_KEY}", API_KEY):
        answer = api.post("/shipments", json=SHIPMENT, headers={"authorization": key})
        assert answer.status_code == 401
    assert api.get("/shipments", params={"carrier": "swift_parcel", "reference": "lbl_1"}).status_code == 404


def test_a_label_can_be_voided_until_it_is_manifested(api: httpx.Client) -> None:
    voided, shipped = book(api, "lbl_1")["tracking_number"], book(api, "lbl_2")["tracking_number"]
    for _ in range(2):
        assert api.post(f"/shipments/{voided}/void").json()["state"] == "voided"
    assert hand_over(api, shipped).status_code == 201
    assert api.post(f"/shipments/{shipped}/void").json()["code"] == "already_manifested"
    assert api.post("/shipments/SW0/void").status_code == 404


def test_a_manifest_takes_all_its_parcels_or_none(api: httpx.Client) -> None:
    good, voided = book(api, "lbl_1")["tracking_number"], book(api, "lbl_2")["tracking_number"]
    api.post(f"/shipments/{voided}/void")
    refused = hand_over(api, good, voided, "SW404")
    assert (refused.status_code, refused.json()["tracking_numbers"]) == (422, [voided, "SW404"])
    accepted = hand_over(api, good)
    assert accepted.json() == hand_over(api, good).json()
    assert hand_over(api, good, reference="man_2").status_code == 422
    assert hand_over(api, "SW404").json()["code"] == "reference_reused"


def test_scans_are_pushed_signed_as_time_goes_on_and_can_be_fetched(api: httpx.Client, shipper: Shipper) -> None:
    number = book(api)["tracking_number"]
    hand_over(api, number)
    before = api.get(f"/tracking/{number}").json()["events"]
    assert [event["code"] for event in before] == ["MP"]
    answer = api.post("/simulator/advance", json=LATER)
    fetched = api.get(f"/tracking/{number}").json()["events"]
    assert answer.json()["received"] == len(shipper.scans) >= len(fetched)
    assert {scan.event_id for scan in shipper.scans} == {event["event_id"] for event in fetched}
    assert [event["code"] for event in fetched[:4]] == ["MP", "PU", "AR", "DP"]
    assert fetched[1]["occurred_at"].endswith("-03:00")
    assert fetched[1]["location"] == {"city": "São Paulo", "region": "SP", "country": "BR"}
    assert b"Ada" not in b"".join(shipper.bodies)
    assert b"Rua" not in b"".join(shipper.bodies)


def test_time_does_not_run_backwards(api: httpx.Client) -> None:
    api.post("/simulator/advance", json=LATER)
    api.post("/simulator/advance", json={"to": START.isoformat()})
    assert api.get("/simulator/clock").json()["now"].startswith(LATER["to"][:19])


def test_a_push_that_is_not_taken_is_repeated() -> None:
    shipper = Shipper(refusals=1)
    simulator = carrier_simulator(shipper.post)
    simulator.desk.create_shipment(shipment_order(), START)
    assert simulator.advance(START + timedelta(minutes=2)) == 0
    assert simulator.advance(START + timedelta(minutes=6)) == 0
    assert simulator.advance(START + timedelta(minutes=8)) == 1
    assert [scan.raw_code for scan in shipper.scans] == ["MP"]


def test_a_running_clock_pushes_by_itself() -> None:
    shipper = Shipper()
    simulator = carrier_simulator(shipper.post, speed=100_000.0)
    simulator.desk.create_shipment(shipment_order(), simulator.clock.now())
    with serving(simulator):
        assert shipper.arrived.wait(timeout=20)


def shipment_order(reference: str = "lbl_1") -> Any:
    return msgspec.convert(SHIPMENT | {"reference": reference}, type=ShipmentOrder)


def manifest_order(*numbers: str) -> ManifestOrder:
    order = {
        "reference": "man_1",
        "carrier": "swift_parcel",
        "ship_date": "2026-11-20",
        "tracking_numbers": list(numbers),
    }
    return msgspec.convert(order, type=ManifestOrder)


def test_the_books_survive_a_restart_even_in_the_middle_of_a_line(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    model = CarrierModel(7, Odds(pushed_late=0, pushed_twice=0))

    def start(shipper: Shipper) -> CarrierSimulator:
        desk = CarrierDesk(model, journal=journal)
        return CarrierSimulator(desk, VirtualClock(START), shipper.post, SECRET)

    first = Shipper()
    before = start(first)
    sold = [before.desk.create_shipment(shipment_order(f"lbl_{number}"), START) for number in range(3)]
    before.desk.void(sold[2].tracking_number, START)
    before.desk.close_manifest(manifest_order(*(one.tracking_number for one in sold[:2])), START)
    before.advance(START + timedelta(days=1))
    with journal.open("ab") as file:
        file.write(b'{"at":"2026-11-2')

    second = Shipper()
    after = start(second)
    assert after.desk.create_shipment(shipment_order("lbl_3"), START).tracking_number not in {
        one.tracking_number for one in sold
    }
    for one in sold:
        known = after.desk.shipment(one.tracking_number)
        assert asdict(known) == asdict(before.desk.shipment(one.tracking_number))
    after.advance(START + timedelta(days=40))
    once = {scan.event_id for scan in first.scans}
    rest = {scan.event_id for scan in second.scans}
    assert not once & rest
    everything = {scan.event_id for one in sold for scan in after.desk.shipment(one.tracking_number).scans}
    assert everything <= once | rest
    assert start(Shipper()).desk.find_shipment("swift_parcel", "lbl_3") is not None


def test_a_restart_does_not_forget_a_push_that_was_not_taken(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    refusing, taking = Shipper(refusals=1), Shipper()
    first = CarrierSimulator(CarrierDesk(CarrierModel(7), journal=journal), VirtualClock(START), refusing.post, SECRET)
    first.desk.create_shipment(shipment_order("lbl_1"), START)
    first.advance(START + timedelta(minutes=2))
    first.desk.create_shipment(shipment_order("lbl_2"), START)
    assert first.advance(START + timedelta(minutes=3)) == 1
    again = CarrierSimulator(CarrierDesk(CarrierModel(7), journal=journal), VirtualClock(START), taking.post, SECRET)
    again.advance(START + timedelta(hours=8))
    numbers = {again.desk.find_shipment("swift_parcel", name) for name in ("lbl_1", "lbl_2")}
    assert {scan.tracking_number for scan in taking.scans} == {one.tracking_number for one in numbers if one}


def test_faults_refuse_before_or_cut_after_the_effect() -> None:
    headers = {"authorization": f"Bearer {API_KEY}"}
    with (
        serving(carrier_simulator(), Faults(error_rate=1.0)) as url,
        httpx.Client(base_url=url, headers=headers) as api,
    ):
        assert api.post("/shipments", json=SHIPMENT).status_code == 503
        api.put("/simulator/faults", json={"cut_after_commit_rate": 1.0})
        with pytest.raises(httpx.RemoteProtocolError):
            api.post("/shipments", json=SHIPMENT)
        api.put("/simulator/faults", json={})
        found = api.get("/shipments", params={"carrier": "swift_parcel", "reference": "lbl_1"})
        assert found.json()["tracking_number"] == book(api)["tracking_number"]
