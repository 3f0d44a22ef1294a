"""A lead hands a manifest over, and is asked for what nobody scanned onto the truck."""

from collections.abc import Callable
from html import unescape

import pytest
from conftest import Visitor
from web_house import WebHouse, do, labelled

from shipping import api as shipping

pytestmark = pytest.mark.usefixtures("house")


def test_the_hand_over_asks_for_what_nobody_scanned_onto_the_truck(
    house: WebHouse, signed_in: Callable[[str], Visitor]
) -> None:
    lead, packer = signed_in("manager"), signed_in("packer")
    rules = shipping.LaneDraft("northpost", loads_by_scan=True)
    do(lambda uow: shipping.open_lane(uow, site_id=house.site, code="TRUCK-1", draft=rules), house["manager"])
    parcels = [labelled(house, f"ord_truck_{n}") for n in range(3)]
    for parcel in parcels:
        scan = {"parcel": parcel.sscc, "target": "TRUCK-1"}
        assert packer.submit("/lanes", "/lanes/scan/stage", **scan).status_code == 303
    closing = {"site_id": house.site, "carrier": "northpost", "ship_date": parcels[0].ship_date}
    closed = do(lambda uow: shipping.close_manifest(uow, **closing), house["manager"])
    path = f"/manifests/{closed.id}/hand-over"
    assert packer.submit("/lanes", "/lanes/scan/load", unit=parcels[0].sscc).status_code == 303

    assert "Leave 2 parcels behind" in unescape(lead.page("/manifests"))
    stopped = lead.submit("/manifests", path, driver="Dan")
    assert stopped.status_code == 409
    assert parcels[1].sscc[-6:] in unescape(stopped.text)
    both = " ".join(sorted(parcel.id for parcel in parcels[1:]))
    assert packer.submit("/lanes", "/lanes/scan/load", unit=parcels[1].sscc).status_code == 303
    old = lead.submit("/manifests", path, driver="Dan", stays="yes", left_behind=both)
    assert old.status_code == 409
    assert "Leave 1 parcel behind" in unescape(old.text)
    headers = {"idempotency-key": "hand-over-1"}
    problem = lead.post(f"/v1/manifests/{closed.id}/hand-over", json={"driver": "Dan"}, headers=headers).json()
    assert problem["code"] == "not_all_loaded"
    (named,) = problem["parcels"]
    done = lead.submit("/manifests", path, driver="Dan", stays="yes", left_behind=named["parcel_id"])
    assert done.status_code == 303
    assert "2 parcels of" in (told := unescape(lead.page("/manifests")))
    assert "1 parcel left behind for the next collection." in told


def test_the_manifests_link_only_what_their_reader_may_open(signed_in: Callable[[str], Visitor]) -> None:
    for role, may in (("packer", False), ("manager", True)):
        person = signed_in(role)
        assert ('href="/consolidation"' in person.page("/manifests")) is may
        assert person.get("/consolidation").status_code == (200 if may else 403)
        assert person.get("/lanes").status_code == 200
