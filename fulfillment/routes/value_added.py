from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from fulfillment import api
from fulfillment.routes.callers import Key, MerchantId, Reader, json_response, tenant_of
from fulfillment.routes.value_added_schemas import ExcuseIn, PerformIn, PhotoOut, ServiceIn, ServicePatch, StepOut
from kernel.access.queries import site_of_merchant
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import VersionConflict
from kernel.web.access import requires
from kernel.web.acting import Answer, act
from kernel.web.etags import is_based_on
from kernel.web.values import Day

router = APIRouter(prefix="/v1")
Packer = Annotated[Actor, Depends(requires("work:pack"))]
Lead = Annotated[Actor, Depends(requires("audit:release"))]
Keeper = Annotated[Actor, Depends(requires("stock:write"))]
Since = Annotated[Day, Query(description="The first day, in the zone of the merchant's site")]
Until = Annotated[Day, Query(description="The last day")]


async def _picture(request: Request) -> bytes:
    """Return the body, as far as it is no larger than a picture may be."""
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > api.MAX_PHOTO_BYTES:
            break
    return content


def _etag(service: api.OfferView) -> str:
    return f'"v{service.version}"'


@router.get(
    "/value-added-services", operation_id="listValueAddedServices", summary="Services that orders can ask for",
    tags=["services"], responses={200: {"model": list[api.OfferView]}},
)  # fmt: skip
def list_services(actor: Reader, merchant_id: MerchantId = "") -> Response:
    """Return what a merchant has done to goods while they are packed, such as gift wrap; those offered now first."""
    with transaction(actor) as uow:
        found = api.services_of(uow, tenant_of(uow, actor, merchant_id))
    return json_response(found)


@router.post(
    "/value-added-services", operation_id="offerValueAddedService", summary="Offer a service", tags=["services"],
    status_code=201, responses={201: {"model": api.OfferView}},
)  # fmt: skip
def post_service(request: Request, actor: Keeper, body: ServiceIn, merchant_id: MerchantId = "") -> Response:
    """Offer a service: what one weighs, how long it takes, what the merchant pays, and whether a photo proves it."""

    def work(uow: UnitOfWork) -> Answer:
        return Answer(api.offer_service(uow, tenant_id=tenant_of(uow, actor, merchant_id), draft=body.draft()), 201)

    return act(request, actor, [merchant_id, body.model_dump(mode="json")], work)


@router.patch(
    "/value-added-services/{service_id}", operation_id="changeValueAddedService", summary="Change a service",
    tags=["services"], responses={200: {"model": api.OfferView}},
)  # fmt: skip
def patch_service(request: Request, actor: Keeper, service_id: Key, body: ServicePatch) -> Response:
    """Change a service for orders that come in from now on; `If-Match` carries `"v<version>"` as it was read."""

    def work(uow: UnitOfWork) -> Answer:
        known = api.get_service(uow, service_id)
        if not is_based_on(request, _etag(known)):
            raise VersionConflict("The service was changed since you read it.", remedy="Read it again, then repeat.")
        return Answer(api.change_offer(uow, service_id=service_id, draft=body.over(known), version=known.version))

    return act(request, actor, [service_id, body.model_dump(mode="json")], work)


@router.post(
    "/orders/{order_id}/services/{asked_id}/perform", operation_id="performService", summary="Confirm a pack step",
    tags=["packing"], status_code=201, responses={201: {"model": StepOut}},
)  # fmt: skip
def perform(request: Request, actor: Packer, order_id: Key, asked_id: Key, body: PerformIn) -> Response:
    """Confirm that what an order asks for is done. A parcel is closed only when all of it is; then it is charged."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id = api.get_order(uow, order_id).tenant_id
        step = api.perform_service(uow, tenant_id=tenant_id, order_id=order_id, asked_id=asked_id, seconds=body.seconds)
        return Answer({"step_id": step}, 201)

    return act(request, actor, [order_id, asked_id, body.model_dump(mode="json")], work)


@router.post(
    "/orders/{order_id}/services/{asked_id}/excuse", operation_id="excuseService", summary="Excuse a pack step",
    tags=["packing"], status_code=201, responses={201: {"model": StepOut}},
)  # fmt: skip
def excuse(request: Request, actor: Lead, order_id: Key, asked_id: Key, body: ExcuseIn) -> Response:
    """Let the order go out without what is not possible. Nothing is charged, a note and the story say why."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id = api.get_order(uow, order_id).tenant_id
        step = api.excuse_service(uow, tenant_id=tenant_id, order_id=order_id, asked_id=asked_id, reason=body.reason)
        return Answer({"step_id": step}, 201)

    return act(request, actor, [order_id, asked_id, body.model_dump(mode="json")], work)


@router.post(
    "/orders/{order_id}/services/{asked_id}/photos", operation_id="addServicePhoto", summary="Add a photo of a step",
    tags=["packing"], status_code=201, responses={201: {"model": PhotoOut}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}}
                for kind in ("image/jpeg", "image/png", "image/webp")
            },
        }
    },
)  # fmt: skip
def add_photo(
    request: Request, actor: Packer, order_id: Key, asked_id: Key, content: Annotated[bytes, Depends(_picture)]
) -> Response:
    """Keep a picture, up to 2 MB, as the proof of the step. What a camera writes beside the pixels is not kept."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id = api.get_order(uow, order_id).tenant_id
        photo = api.keep_photo(uow, tenant_id=tenant_id, order_id=order_id, asked_id=asked_id, content=content)
        return Answer({"photo_id": photo}, 201)

    return act(request, actor, [order_id, asked_id, content.hex()], work)


@router.get(
    "/orders/{order_id}/service-photos/{photo_id}", operation_id="getServicePhoto", summary="Get a photo of a step",
    tags=["packing"], response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The photo"}},
)  # fmt: skip
def photo(actor: Reader, order_id: Key, photo_id: Key) -> Response:
    """Return a photo, to its merchant and to the site's own staff."""
    with transaction(actor) as uow:
        content = api.get_photo(uow, order_id=order_id, photo_id=photo_id)
    headers = {"cache-control": "private, no-store", "x-content-type-options": "nosniff"}
    return Response(content, media_type="image/jpeg", headers=headers)


@router.get(
    "/service-charges", operation_id="listServiceCharges", summary="What is owed for services", tags=["services"],
    responses={200: {"model": list[api.ChargeView]}},
)  # fmt: skip
def list_charges(actor: Reader, since: Since, until: Until, merchant_id: MerchantId = "") -> Response:
    """Return the charges of a range of days, oldest first; a step whose parcel was opened again is taken back."""
    return json_response(_charges(actor, merchant_id, since, until))


@router.get(
    "/service-charges.csv", operation_id="getServiceChargesFile", summary="Charges for services as CSV",
    tags=["services"], responses={200: {"content": {"text/csv": {}}}}, response_class=Response,
)  # fmt: skip
def charges_file(actor: Reader, since: Since, until: Until, merchant_id: MerchantId = "") -> Response:
    """Return the same charges as a file."""
    text = api.charges_to_csv(_charges(actor, merchant_id, since, until))
    headers = {"content-disposition": 'attachment; filename="service-charges.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _charges(actor: Actor, merchant_id: str, since: date, until: date) -> tuple[api.ChargeView, ...]:
    with transaction(actor) as uow:
        tenant_id = tenant_of(uow, actor, merchant_id)
        zone = site_of_merchant(uow, tenant_id).time_zone
        return api.service_charges(uow, tenant_id=tenant_id, since=since, until=until, zone=zone)
