import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from kernel import clock
from kernel.actors import system
from kernel.db.relay import relay
from kernel.db.transactions import transaction
from shipping.api import (
    SUBSCRIPTIONS,
    ParcelView,
    carton_stock,
    count_cartons,
    get_parcel,
    purchase_label,
    purchase_pending_labels,
    reopen_parcel,
    request_label,
)
from shipping.gateways.recording_carrier import RecordingCarrier
from tests.shipping.house import NOON, assert_sound, build_house, content, pack, weigh

pytestmark = pytest.mark.usefixtures("fresh_database")


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def state_of(parcel: ParcelView) -> str:
    with transaction(system()) as uow:
        return get_parcel(uow, tenant_id=parcel.tenant_id, parcel_id=parcel.id).state


def labels() -> list[str]:
    with transaction(system()) as uow:
        return list(uow.session.scalars(text("select state from label")))


def test_a_cleared_parcel_gets_its_label_by_itself() -> None:
    house = build_house()
    parcel = pack(house)
    weigh(house, parcel)
    held = pack(house, [content(1, 3)], "ord_2")
    weigh(house, held, held.expected_g - 300)
    relay(SUBSCRIPTIONS)
    relay(SUBSCRIPTIONS)
    assert (state_of(parcel), state_of(held)) == ("labelled", "held")
    assert len(labels()) == 1
    assert_sound()


def test_two_workers_at_once_buy_one_label() -> None:
    house = build_house()
    parcel = pack(house)
    weigh(house, parcel)
    carrier = RecordingCarrier()
    barrier = threading.Barrier(4)
    found: list[str] = []

    def buy() -> None:
        barrier.wait()
        found.append(purchase_label(tenant_id=house.tenant, parcel_id=parcel.id, gateway=carrier).tracking_number)

    threads = [threading.Thread(target=buy) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(carrier.labels) == 1
    assert labels() == ["purchased"]
    assert_sound()


def test_parcels_packed_at_once_never_share_a_number() -> None:
    house = build_house()
    found: list[str] = []

    def work() -> None:
        found.extend(pack(house, reference=f"ord_{n}").sscc for n in range(10))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 40


def test_a_label_that_was_made_at_once_is_owed_a_void_when_its_parcel_is_opened_again() -> None:
    house = build_house()
    parcel = pack(house)
    weigh(house, parcel)
    with transaction(system()) as uow:
        assert request_label(uow, tenant_id=house.tenant, parcel_id=parcel.id).state == "purchased"
    with transaction(system()) as uow:
        reopen_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id, reason="cancelled")
    assert_sound()
    assert purchase_pending_labels() == 1
    with transaction(system()) as uow:
        assert uow.session.execute(text("select state, carrier_void from label")).one() == ("voided", "done")


def test_packers_at_many_benches_use_up_each_carton_once() -> None:
    house = build_house()
    with transaction(system()) as uow:
        count_cartons(uow, site_id=house.site, carton_code="XL", on_hand=20, reorder_point=0)
    barrier = threading.Barrier(4)

    def bench(n: int) -> None:
        barrier.wait()
        for k in range(3):
            pack(house, reference=f"ord_{n}_{k}", carton_code="XL")

    threads = [threading.Thread(target=bench, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with transaction(system()) as uow:
        counts = {each.carton_code: each.on_hand for each in carton_stock(uow, site_id=house.site)}
        told = list(uow.session.scalars(text("select on_hand from carton_movement order by on_hand")))
    assert counts["XL"] == 8
    assert told == list(range(8, 21))
