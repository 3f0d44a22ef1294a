from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from app.simulators.carrier_books import DeskRefusalError
from app.simulators.carrier_codes import tracking_number
from app.simulators.carrier_desk import CarrierDesk
from app.simulators.carrier_model import CarrierModel, Journey, Odds, Place
from app.simulators.carrier_pushes import CarrierSimulator, VirtualClock
from app.simulators.carrier_wire import Address, ManifestOrder, ShipmentOrder
from tests.carrier_server import SECRET, START

LEIPZIG = Address("Leipzig DC", "Am Umschlag 12", "Leipzig", "04158", "DE", "SN")
VIENNA = Address("Ana Kovac", "Ring 1", "Vienna", "1010", "AT")


class Shipper:
    """Takes every push and remembers the ids of the scans."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def post(self, body: bytes, _headers: dict[str, str]) -> bool:
        self.bodies.append(body)
        return True

    @property
    def scans(self) -> list[str]:
        return [part.split(b'"')[0].decode() for body in self.bodies for part in body.split(b'"event_id":"')[1:]]


def simulator(journal: Path, shipper: Shipper, pace: float = 1.0) -> CarrierSimulator:
    desk = CarrierDesk(CarrierModel(7, Odds(pushed_twice=0)), journal=journal, pace=pace)
    return CarrierSimulator(desk, VirtualClock(START), shipper.post, SECRET)


def sell(desk: CarrierDesk, reference: str) -> str:
    order = ShipmentOrder(reference, "swift_parcel", "ground", 800, 200, 150, 100, LEIPZIG, VIENNA)
    return desk.create_shipment(order, START).tracking_number


def hand_over(desk: CarrierDesk, reference: str, *numbers: str) -> None:
    desk.close_manifest(ManifestOrder(reference, "swift_parcel", START.date(), list(numbers)), START)


@pytest.mark.parametrize("pace", [2.0, 60.0, 600.0])
def test_a_parcel_at_a_pace_tells_the_same_story_sooner(pace: float) -> None:
    model, vienna = CarrierModel(7), Place("Vienna", "", "AT", "Europe/Vienna")
    leipzig = Place("Leipzig", "SN", "DE", "Europe/Berlin")
    journey = Journey("swift_parcel", "SW1", "ground", leipzig, vienna, datetime(2026, 11, 20, 20, tzinfo=UTC))
    fast = Journey("swift_parcel", "SW1", "ground", leipzig, vienna, journey.handed_over_at, pace)
    slow_scans, fast_scans = model.history(journey), model.history(fast)
    assert [scan.event_id for scan in slow_scans] == [scan.event_id for scan in fast_scans]
    for slow, quick in zip(slow_scans, fast_scans, strict=True):
        expected = (slow.occurred_at - journey.handed_over_at) / pace
        assert abs((quick.occurred_at - journey.handed_over_at) - expected) < timedelta(milliseconds=1)
        assert quick.occurred_at.utcoffset() == timedelta(hours=1), "still local time"
    delays = [push.sent_at - push.scan.occurred_at for push in model.pushes(fast_scans, pace)]
    assert all(timedelta() < delay <= timedelta(hours=7) / pace for delay in delays)


def test_a_restart_at_another_pace_loses_and_repeats_nothing(tmp_path: Path) -> None:
    shipper = Shipper()
    first = simulator(tmp_path / "journal", shipper, pace=60)
    numbers = [sell(first.desk, f"lbl_{n}") for n in range(5)]
    hand_over(first.desk, "man_1", *numbers)
    first.advance(START + timedelta(minutes=20))
    told = list(shipper.scans)
    again = simulator(tmp_path / "journal", shipper, pace=600)
    again.advance(START + timedelta(days=30))
    everything = {scan.event_id for number in numbers for scan in again.desk.shipment(number).scans}
    assert set(told) < set(shipper.scans) == everything
    assert not set(told) & set(shipper.scans[len(told) :])


def test_what_came_to_its_end_is_forgotten_and_the_rest_survives_a_restart(tmp_path: Path) -> None:
    journal, shipper = tmp_path / "journal", Shipper()
    before = simulator(journal, shipper)
    done = [sell(before.desk, f"lbl_{n}") for n in range(3)]
    hand_over(before.desk, "man_1", *done)
    before.advance(START + timedelta(days=90))
    waiting, voided = sell(before.desk, "lbl_3"), sell(before.desk, "lbl_4")
    before.desk.void(voided, START + timedelta(days=90))
    size = journal.stat().st_size
    assert before.desk.forget_finished(START + timedelta(hours=1)) == 3
    assert journal.stat().st_size < size
    for desk in (before.desk, simulator(journal, shipper).desk):
        with pytest.raises(DeskRefusalError, match="no shipment"):
            desk.shipment(done[0])
        assert (desk.shipment(waiting).state, desk.shipment(voided).state) == ("created", "voided")
        assert sell(desk, "lbl_3") == waiting
    after = simulator(journal, shipper)
    assert sell(after.desk, "lbl_5") not in {*done, waiting, voided}
    hand_over(after.desk, "man_2", waiting)
    assert after.desk.find_manifest("swift_parcel", "man_2") != before.desk.find_manifest("swift_parcel", "man_1")
    assert after.desk.forget_finished(START + timedelta(days=3)) == 1, "the voided one, once its day is over"


def test_a_label_of_the_shippers_own_travels_under_its_number_and_survives_a_restart(tmp_path: Path) -> None:
    journal = tmp_path / "carrier.journal"
    desk = CarrierDesk(CarrierModel(seed=3), journal=journal)
    number = tracking_number("swift_parcel", 77)
    order = ShipmentOrder(
        "own_1", "swift_parcel", "ground", 800, 200, 150, 100, LEIPZIG, VIENNA, tracking_number=number
    )
    assert desk.create_shipment(order, START).tracking_number == number
    with pytest.raises(DeskRefusalError, match="another shipment"):
        desk.create_shipment(msgspec.structs.replace(order, reference="own_2"), START)
    hand_over(desk, "man_own", number)
    again = CarrierDesk(CarrierModel(seed=3), journal=journal)
    assert again.shipment(number).scans == desk.shipment(number).scans
    assert again.create_shipment(order, START).tracking_number == number
    assert len(again.shipment(number).scans) > 1
