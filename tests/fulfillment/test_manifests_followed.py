from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event

from fulfillment import api
from fulfillment.commands.follow_manifest import follow_manifest
from fulfillment.subscriptions import SUBSCRIPTIONS
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from shipping import api as shipping
from tests.fulfillment import house as h

pytestmark = pytest.mark.thorough


def labelled(uow: UnitOfWork, house: h.House, count: int) -> list[tuple[str, shipping.ParcelView]]:
    """Return orders with one labelled parcel each."""
    orders = [h.order(uow, house, ("A", 1)) for _ in range(count)]
    uow.session.flush()
    for _ in h.to_floor(uow, house):
        h.pick_all(uow, house)
    found = []
    for order in orders:
        (parcel,) = api.pack_order(uow, tenant_id=house.tenant, order_id=order.id)
        shipping.weigh_parcel(
            uow, tenant_id=house.tenant, parcel_id=parcel.id, reading_g=parcel.expected_g, scale_code="PACK-1"
        )
        shipping.request_label(uow, tenant_id=house.tenant, parcel_id=parcel.id)
        found.append((order.id, parcel))
    uow.session.flush()
    return found


def close_all(uow: UnitOfWork, house: h.House, parcels: list[shipping.ParcelView]) -> list[shipping.ManifestView]:
    bought = [shipping.get_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id) for parcel in parcels]
    days = {(parcel.carrier, parcel.ship_date) for parcel in bought if parcel.ship_date}
    return [shipping.close_manifest(uow, site_id=house.site, carrier=c, ship_date=d) for c, d in sorted(days)]


def relay_all(uow: UnitOfWork, since: int) -> None:
    """Hand the events to the orders' subscription in one batch, as the relay does."""
    (subscription,) = SUBSCRIPTIONS
    assert subscription.bulk is not None
    told = [e for e in uow.emitted[since:] if e.TYPE in subscription.handlers]
    subscription.bulk(uow, [h.envelope(each, number) for number, each in enumerate(told, start=1)])
    uow.session.flush()


@contextmanager
def counted(connection: Connection) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(connection, "before_cursor_execute", note)
    yield statements
    event.remove(connection, "before_cursor_execute", note)


def test_orders_follow_their_parcels_onto_the_manifest_and_off_it(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 9})
        since = len(uow.emitted)
        parcels = labelled(uow, house, 3)
        relay_all(uow, since)
        assert {h.state(uow, order) for order, _ in parcels} == {"READY_TO_MANIFEST"}

        since = len(uow.emitted)
        manifests = close_all(uow, house, [parcel for _, parcel in parcels])
        relay_all(uow, since)

        assert {h.state(uow, order) for order, _ in parcels} == {"MANIFESTED"}
        assert {api.get_order(uow, order).next_step for order, _ in parcels} == {"Hand over to the carrier"}
        assert h.told(uow).count("OrderShipped") == 0
        assert h.broken_invariants(uow) == []
        since = len(uow.emitted)
        for manifest in manifests:
            shipping.hand_over_manifest(uow, manifest_id=manifest.id)
        relay_all(uow, since)
        assert {h.state(uow, order) for order, _ in parcels} == {"SHIPPED"}
        follow_manifest(uow, [(house.tenant, parcel.id) for _, parcel in parcels])
        assert {h.state(uow, order) for order, _ in parcels} == {"SHIPPED"}
        assert h.broken_invariants(uow) == []


@pytest.mark.parametrize("asked", ["before", "after"])
def test_an_order_that_the_truck_left_behind_waits_for_the_next_and_can_be_cancelled(
    database: Connection, asked: str
) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 9})
        since = len(uow.emitted)
        (stays, left), (goes, loaded) = labelled(uow, house, 2)
        carrier = shipping.get_parcel(uow, tenant_id=house.tenant, parcel_id=left.id).carrier
        rules = shipping.LaneDraft(carrier, loads_by_scan=True)
        lane = shipping.open_lane(uow, site_id=house.site, code="LANE-1", draft=rules)
        for parcel in (left, loaded):
            shipping.stage_parcel(uow, site_id=house.site, parcel=parcel.sscc, target=lane.code)
        (manifest,) = close_all(uow, house, [left, loaded])
        shipping.load_unit(uow, site_id=house.site, unit=loaded.sscc)
        relay_all(uow, since)
        assert h.state(uow, stays) == "MANIFESTED"
        if asked == "before":
            api.cancel_order(uow, tenant_id=house.tenant, order_id=stays, reason="Changed her mind")
            assert [each.parcel_id for each in api.parcels_to_pull(uow, site_id=house.site)] == [left.id]

        since = len(uow.emitted)
        shipping.hand_over_manifest(uow, manifest_id=manifest.id, left_behind=[left.id])
        relay_all(uow, since)
        assert (h.state(uow, goes), h.state(uow, stays)) == ("SHIPPED", "READY_TO_MANIFEST")
        assert h.broken_invariants(uow) == []
        if asked == "before":
            api.pull_parcel(uow, tenant_id=house.tenant, parcel_id=left.id, reason="Found at the door")
        else:
            api.cancel_order(uow, tenant_id=house.tenant, order_id=stays, reason="Changed her mind")
        uow.session.flush()
        assert h.state(uow, stays) == "CANCELLED"
        assert h.broken_invariants(uow) == []


def test_one_parcel_of_two_on_the_manifest_does_not_make_the_order_manifested(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 900})
        order, parcels = h.packed(uow, house, ("A", 900))
        assert len(parcels) > 1
        follow_manifest(uow, [(house.tenant, parcels[0].id)])
        assert h.state(uow, order.id) == "PACKED"
        follow_manifest(uow, [(house.tenant, parcel.id) for parcel in parcels])
        assert h.state(uow, order.id) == "MANIFESTED"
        assert h.broken_invariants(uow) == []


def test_many_orders_take_no_more_queries_than_one(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 40})
        parcels = [(house.tenant, parcel.id) for _, parcel in labelled(uow, house, 12)]
        counts = []
        for some in (parcels[:1], parcels[1:]):
            with counted(database) as statements:
                follow_manifest(uow, some)
                uow.session.flush()
            counts.append(len(statements))
        assert counts[0] == counts[1]
