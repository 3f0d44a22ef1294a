"""The list of moves in the order that somebody asked for, as a file, and of what one delivery brought."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from conftest import Visitor
from web_house import WebHouse, do, place, project

from inventory import api as inventory

pytestmark = pytest.mark.thorough

SignIn = Callable[[str], Visitor]


def received(house: WebHouse, number: str, **units: int) -> str:
    """An arrival of these items, all of it on the dock and planned for."""
    whose = {"tenant_id": house.tenant, "site_id": house.site}
    lines = tuple(inventory.ArrivalLineDraft(sku, quantity) for sku, quantity in units.items())
    draft = inventory.ArrivalDraft(number, datetime.now(UTC).date(), lines)
    arrival = do(lambda uow: inventory.announce_arrival(uow, draft=draft, **whose)).arrival.id
    for sku, quantity in units.items():
        do(
            lambda uow, sku=sku, quantity=quantity: inventory.receive_arrival(
                uow, arrival_id=arrival, barcode=sku, quantity=quantity, location_code="DOCK"
            ),
            house["manager"],
        )
    project()
    for step in inventory.MOVE_PLANNING:
        do(step)
    return arrival


def test_moves_of_one_arrival_sorted_and_as_a_file(house: WebHouse, signed_in: SignIn) -> None:
    place(house, ("LAMP", 42))
    project()
    other = received(house, "ASN-M1", TOWEL=30)
    arrival = received(house, "ASN-M2", LAMP=6)
    lead = signed_in("manager")
    page = lead.page(f"/arrivals/{arrival}")
    assert (f"/moves?arrival={arrival}" in page, "Moves" in page) == (True, True)
    assert "Cross-docks" in page
    listed = lead.page(f"/moves?arrival={arrival}")
    assert ("Desk lamp" in listed, "Tea towel" in listed, "Arrival ASN-M2" in listed) == (True, False, True)
    assert f"/moves?arrival={arrival}&amp;sort=-units" in lead.page(f"/moves?arrival={arrival}&sort=units")

    for sort, reverse in (("units", False), ("-units", True), ("item", False), ("-since", True)):
        rows = list(csv.DictReader(lead.page(f"/moves.csv?sort={sort}").splitlines()))
        key = {"units": "units", "item": "sku", "since": "wanted_at"}[sort.removeprefix("-")]
        values = [int(row[key]) if key == "units" else row[key] for row in rows]
        assert (len(values) >= 2, values) == (True, sorted(values, reverse=reverse))
    (first,) = list(csv.DictReader(lead.page(f"/moves.csv?arrival={other}").splitlines()))
    assert (first["from"], first["sku"], first["units"], first["state"]) == ("DOCK", "TOWEL", "30", "open")
    assert lead.get("/moves?arrival=arr_nowhere").status_code == 404


def test_a_sorted_list_goes_on_where_it_ended(house: WebHouse) -> None:
    for sort in inventory.MOVE_SORTS:
        seen, cursor = [], ""
        while True:
            found = do(
                lambda uow, s=sort, c=cursor: inventory.find_moves(
                    uow, site_id=house.site, sort=f"-{s}", cursor=c, limit=1
                )
            )
            seen += [each.id for each in found.items]
            if found.next is None:
                break
            cursor = found.next
        assert len(seen) == len(set(seen)) == sum(do(inventory.waiting_moves).values())
