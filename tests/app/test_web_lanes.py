"""A lead opens lanes and compares before closing; a packer scans parcels onto them and into containers."""

from collections.abc import Callable
from html import unescape

import pytest
from conftest import Visitor
from web_house import WebHouse, labelled

pytestmark = [pytest.mark.usefixtures("house"), pytest.mark.thorough]
LANE = {"code": "lane-1", "carrier": "northpost", "services": "", "routes": "", "requires_staging": "yes"}


def test_lanes_are_opened_scanned_onto_compared_and_closed(
    house: WebHouse, signed_in: Callable[[str], Visitor]
) -> None:
    lead, packer = signed_in("manager"), signed_in("packer")
    empty = unescape(packer.page("/lanes"))
    assert "nobody has to scan" in empty
    assert "A new lane" not in empty
    assert "A new lane" in unescape(lead.page("/lanes"))
    assert lead.submit("/lanes", "/lanes", **(LANE | {"routes": "Germany"})).status_code == 422
    assert lead.submit("/lanes", "/lanes", **LANE).status_code == 303
    assert "LANE-1" in unescape(packer.page("/lanes"))
    first, second = labelled(house, "ord_a"), labelled(house, "ord_b")
    carrier, day = first.carrier, first.ship_date
    assert carrier == "northpost"

    address = f"/manifests/reconciliation?carrier={carrier}&ship_date={day}"
    assert address.replace("&", "&amp;") in lead.page("/manifests")
    before = unescape(lead.page(address))
    assert "Nothing would be on a manifest closed now." in before
    assert before.count("Not scanned onto its lane") == 2
    scan = {"parcel": f"(00){first.sscc}", "target": "lane-1"}
    assert packer.submit("/lanes", "/lanes/scan/stage", **scan).status_code == 303
    stopped = packer.submit("/lanes", "/lanes/scan/stage", parcel="nothing", target="LANE-1")
    assert stopped.status_code == 404
    told = lead.get("/v1/manifests/reconciliation", params={"carrier": carrier, "ship_date": str(day)}).json()
    assert (told["labelled"], told["staged"], told["going"]) == (2, 1, 1)
    assert [each["parcel_id"] for each in told["differences"]] == [second.id]
    assert "would hold 1 of 2 labelled parcels" in unescape(lead.page(address))

    closed = lead.submit("/manifests", f"/manifests/close/{carrier}/{day}")
    assert closed.status_code == 303
    assert "1 not scanned onto its lane" in unescape(lead.page("/manifests"))
    fill_a_container(house, lead, packer)


def fill_a_container(house: WebHouse, lead: Visitor, packer: Visitor) -> None:
    """A container on the lane that is there: opened, filled, closed, labelled, reopened, loaded."""
    (lane,) = packer.get("/v1/lanes").json()["items"]
    parcel = labelled(house, "ord_c")
    assert packer.submit("/lanes", "/containers", lane=lane["id"], kind="cage").status_code == 303
    (box,) = packer.get("/v1/containers").json()["items"]
    assert packer.submit("/lanes", f"/containers/{box['id']}/close").status_code == 409
    assert packer.submit("/lanes", "/lanes/scan/stage", parcel=parcel.sscc, target=box["sscc"]).status_code == 303
    assert packer.submit("/lanes", f"/containers/{box['id']}/close").status_code == 303
    document = packer.get(f"/v1/containers/{box['id']}/label.pdf")
    assert document.content.startswith(b"%PDF")
    assert packer.submit("/lanes", f"/containers/{box['id']}/reopen").status_code == 303
    assert packer.submit("/lanes", f"/containers/{box['id']}/close").status_code == 303
    assert packer.submit("/lanes", "/lanes/scan/load", unit=box["sscc"]).status_code == 303
    assert packer.get("/v1/containers").json()["items"] == []
    closing = lead.submit("/lanes", f"/lanes/{lane['id']}/close")
    assert closing.status_code == 409
    assert "stand on LANE-1" in unescape(closing.text)
    changed = lead.submit("/lanes", f"/lanes/{lane['id']}", carrier="northpost", services="tracked", routes="DE-04")
    assert changed.status_code == 303
    (lane,) = lead.get("/v1/lanes").json()["items"]
    assert (lane["services"], lane["routes"], lane["requires_staging"]) == (["tracked"], ["DE-04"], False)
