"""What is printed through the interface carries the names that people use, the same as from the pages."""

from collections.abc import Callable

import pypdfium2
import pytest
from conftest import Visitor
from web_house import WebHouse, delivered, do

from app.web.labels import manifest_label
from fulfillment import api as fulfillment
from shipping import api as shipping

SignIn = Callable[[str], Visitor]


def words(document: bytes) -> str:
    pages = pypdfium2.PdfDocument(document)
    return "\n".join(page.get_textpage().get_text_bounded() for page in pages)


@pytest.fixture(scope="module")
def order(house: WebHouse) -> fulfillment.OrderView:
    order_id = delivered(house, ("MUG-BL", 1))
    return do(lambda uow: fulfillment.get_order(uow, order_id))


def test_documents_of_a_parcel_name_the_order(house: WebHouse, order: fulfillment.OrderView, signed_in: SignIn) -> None:
    parcel = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order.id))[0]
    packer = signed_in("packer")
    for name in ("label", "packing-slip"):
        answer = packer.get(f"/v1/parcels/{parcel.id}/{name}.pdf")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
        assert order.external_id in words(answer.content)
        assert order.id not in words(answer.content)
        assert answer.content == packer.get(f"/parcels/{parcel.id}/{name}.pdf").content
    assert packer.get("/v1/parcels/par_nobody/label.pdf").status_code == 404


def test_a_label_for_thermal_printers_is_the_same_label(
    house: WebHouse, order: fulfillment.OrderView, signed_in: SignIn
) -> None:
    parcel = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order.id))[0]
    packer = signed_in("packer")

    answer = packer.get(f"/v1/parcels/{parcel.id}/label.zpl")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zpl")
    assert answer.headers["content-disposition"] == f'attachment; filename="label-{parcel.tracking_number}.zpl"'
    assert answer.text.startswith("^XA")
    assert f">;>800{parcel.sscc}" in answer.text
    assert f"Ref {order.external_id}" in answer.text
    assert answer.content == packer.get(f"/parcels/{parcel.id}/label.zpl").content
    assert f"/parcels/{parcel.id}/label.zpl" in packer.get(f"/parcels/{parcel.id}").text
    assert packer.get("/v1/parcels/par_nobody/label.zpl").status_code == 404


def test_a_manifest_names_its_orders(house: WebHouse, order: fulfillment.OrderView, signed_in: SignIn) -> None:
    closed = do(lambda uow: shipping.find_manifests(uow, site_id=house.site)).items[0]
    printed = words(signed_in("manager").get(f"/v1/manifests/{closed.id}/manifest.pdf").content)
    assert order.external_id in printed
    assert manifest_label(closed.id) in printed
    assert order.id not in printed
    assert closed.id not in printed


def test_a_manifest_is_fetched_as_machine_files_under_the_same_names(
    house: WebHouse, order: fulfillment.OrderView, signed_in: SignIn
) -> None:
    closed = do(lambda uow: shipping.find_manifests(uow, site_id=house.site)).items[0]
    parcel = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order.id))[0]
    manager = signed_in("manager")

    notice = manager.get(f"/v1/manifests/{closed.id}/manifest.x12")
    events = manager.get(f"/v1/manifests/{closed.id}/manifest.jsonld")

    assert (notice.status_code, notice.headers["content-type"]) == (200, "application/edi-x12")
    assert (events.status_code, events.headers["content-type"]) == (200, "application/ld+json")
    assert f"PRF*{order.external_id}~" in notice.text
    assert f"MAN*GM*{parcel.sscc}~" in notice.text
    assert f"https://id.gs1.org/00/{parcel.sscc}" in events.json()["epcisBody"]["eventList"][-1]["epcList"]
    assert (
        events.headers["content-disposition"] == f'attachment; filename="manifest-{manifest_label(closed.id)}.jsonld"'
    )
    for name in ("x12", "jsonld"):
        assert manager.get(f"/v1/manifests/man_nobody/manifest.{name}").status_code == 404
        assert signed_in("picker").get(f"/v1/manifests/{closed.id}/manifest.{name}").status_code == 403
