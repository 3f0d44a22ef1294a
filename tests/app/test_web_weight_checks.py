"""The page of second weighings: what stops a parcel at the dock, and who sees what when it is gone."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from conftest import Visitor
from web_house import WebHouse, do, pack, pick_everything, place, project, ship, to_floor

from shipping import api as shipping

pytestmark = pytest.mark.thorough

SignIn = Callable[[str], Visitor]


def labelled(house: WebHouse) -> shipping.ParcelView:
    order_id = place(house, ("LAMP", 1))
    project()
    to_floor(house)
    pick_everything(house)
    parcel = pack(house, order_id)
    return do(lambda uow: shipping.get_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id))


def test_a_parcel_is_stopped_seen_on_its_order_and_released(house: WebHouse, signed_in: SignIn) -> None:
    manager, packer, service = signed_in("manager"), signed_in("packer"), signed_in("service")
    assert "Every parcel weighs what its label says." in packer.page("/weight-checks")
    last = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    plate = {"code": "DOCK-1", "sd_g": "12", "interval_g": "20", "max_g": "60000", "calibrated_until": last}
    line = manager.submit("/weight-checks", "/weight-checks/scales", **plate, name="", in_motion="yes")
    assert line.status_code == 303
    assert do(lambda uow: shipping.scales(uow, site_id=house.site))[0].in_motion
    wrong = manager.submit("/weight-checks", "/weight-checks/scales", **(plate | {"sd_g": "much"}), name="")
    assert (wrong.status_code, "This is no number." in wrong.text) == (422, True)
    parcel = labelled(house)
    entered = {"parcel": parcel.sscc, "scale_code": "DOCK-1"}
    moving = packer.submit("/weight-checks", "/weight-checks", **entered, reading_g="S D 0.900 kg")
    assert (moving.status_code, "Wait until it stands still" in moving.text) == (409, True)
    light = str((parcel.weight_g or 0) - 700)
    typed = entered | {"reading_g": light, "typed": "OTHER"}
    unsaid = packer.submit("/weight-checks", "/weight-checks", **typed, note=" ")
    assert (unsaid.status_code, "Say why it was typed." in unsaid.text) == (422, True)
    assert packer.submit("/weight-checks", "/weight-checks", **typed, note="No cable").status_code == 303
    assert "Typed by hand: something else: No cable." in manager.page(f"/parcels/{parcel.id}")
    assert "Parcels stopped by the second weighing" in manager.page("/board")
    page = unescape(manager.page("/weight-checks"))
    assert "Scale DOCK-1 weighed" in page
    (path,) = re.findall(r'action="(/weight-checks/wck_\w+/release)"', page)
    order = unescape(service.page(f"/orders/{parcel.reference}"))
    assert "700 g less than its label says" in order
    assert "stopped before loading" in order
    assert "Stopped, differs" in manager.page(f"/parcels/{parcel.id}")
    assert path not in packer.page("/weight-checks"), "whoever packed it does not judge it"
    assert manager.submit("/weight-checks", path, reason="It leaned.", evidence=" ").status_code == 422
    assert manager.submit("/weight-checks", path, reason="It leaned.", evidence="Weighed alone.").status_code == 303
    assert "Every parcel weighs what its label says." in manager.page("/weight-checks")
    assert "than its label says" not in service.page(f"/orders/{parcel.reference}").split('class="story"')[0]


def test_what_is_gone_is_settled_by_the_service_desk(house: WebHouse, signed_in: SignIn) -> None:
    service, manager = signed_in("service"), signed_in("manager")
    parcel = labelled(house)
    ship(house)
    raw = shipping.RawScan(
        parcel.carrier, parcel.tracking_number, "N20", "", datetime.now(UTC), "Hamburg", f"{parcel.id}-w", 4_000
    )
    do(lambda uow: shipping.record_scans(uow, carrier=parcel.carrier, scans=[raw]))
    project()
    assert "Parcels gone that weigh otherwise than declared" in manager.page("/board")
    assert "It was gone already." in service.page(f"/orders/{parcel.reference}")
    page = service.page("/weight-checks")
    (path,) = re.findall(r'action="(/weight-checks/wck_\w+/settle)"', page)
    assert service.submit("/weight-checks", path, note=" ").status_code == 422
    assert service.submit("/weight-checks", path, note="The carrier weighed two together.").status_code == 303
    project()
    order = service.page(f"/orders/{parcel.reference}")
    assert "It was gone already." not in order
    assert "Difference of the second weighing looked into" in order
    (tracker,) = re.findall(r'href="(/t/[^"]+)"', order)
    told = service.page(tracker)
    assert not [word for word in ("second weighing", "4,000 g", "gone already") if word in told]


def test_a_lead_says_what_a_carrier_tolerates(house: WebHouse, signed_in: SignIn) -> None:
    manager = signed_in("manager")
    told = manager.submit("/weight-checks", "/weight-checks/tolerances", carrier="northpost", grams="50", share="1")
    assert told.status_code == 303
    assert "50 g, 1 %" in manager.page("/weight-checks")
    wrong = manager.submit("/weight-checks", "/weight-checks/tolerances", carrier="northpost", grams="50", share="101")
    assert wrong.status_code == 422
