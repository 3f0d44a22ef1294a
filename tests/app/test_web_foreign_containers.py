"""Stating what somebody else's container weighs empty, on its parcel's page."""

from collections.abc import Callable

import pytest
from conftest import Visitor
from web_house import WebHouse, do, pick_everything, place, project, to_floor

from fulfillment import api as fulfillment
from shipping import api as shipping

pytestmark = pytest.mark.thorough

SignIn = Callable[[str], Visitor]


def test_a_packer_states_what_the_empty_container_weighs(house: WebHouse, signed_in: SignIn) -> None:
    packer, service = signed_in("packer"), signed_in("service")
    order_id = place(house, ("LAMP", 1))
    project()
    to_floor(house)
    pick_everything(house)
    (parcel,) = do(
        lambda uow: fulfillment.pack_order(uow, tenant_id=house.tenant, order_id=order_id, carton_code="foreign"),
        house["packer"],
    )
    address = f"/parcels/{parcel.id}"
    assert "not weighed empty yet" in packer.page(address)
    assert f"{address}/container" not in service.page(address)
    wrong = packer.submit(address, f"{address}/container", tare_g="much", source="On its lid.")
    assert (wrong.status_code, "On its lid." in wrong.text) == (422, True)
    assert packer.submit(address, f"{address}/container", tare_g="1250", source="On its lid.").status_code == 303
    page = packer.page(address)
    assert "stated: On its lid." in page
    seen = do(lambda uow: shipping.get_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id))
    assert seen.expected_g == parcel.expected_g + 1_250
