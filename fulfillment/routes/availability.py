import hashlib
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Query
from pydantic import Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from fulfillment import api
from fulfillment.routes.callers import MerchantId, tenant_of
from fulfillment.routes.schemas import PRINTABLE
from kernel.actors import Actor
from kernel.db.transactions import transaction
from kernel.errors import Invalid
from kernel.quantity import MAX_QUANTITY
from kernel.web.access import requires
from kernel.web.etags import is_current

router = APIRouter(prefix="/v1")
MAX_SKUS = 200
StockReader = Annotated[Actor, Depends(requires("stock:read"))]
Sku = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE)]
Skus = Annotated[list[Sku], Query(min_length=1, max_length=MAX_SKUS, examples=[["MUG-0042"]])]
Quantities = Annotated[
    list[Annotated[int, Field(ge=1, le=MAX_QUANTITY)]],
    Query(
        max_length=MAX_SKUS, examples=[[2]],
        description="Units that are wanted: one figure for every `sku`, or as many as there are, in their order",
    ),
]  # fmt: skip
Country = Annotated[str, Query(max_length=16, pattern=PRINTABLE, examples=["DE"], description="ISO 3166-1 alpha-2")]
Channel = Annotated[str, Query(max_length=64, pattern=PRINTABLE, description="Whose safety stock counts")]
PostalCode = Annotated[str, Query(max_length=16, pattern=PRINTABLE, examples=["20095"])]


@dataclass(frozen=True, slots=True)
class DatedAvailability:
    """What can be sold of each SKU asked for, and when all units that are wanted of it would be delivered."""

    destination: api.Destination
    service: str
    items: tuple[api.DatedItem, ...]


@router.get(
    "/availability/dates", operation_id="getDeliveryDates", summary="When it could be delivered", tags=["stock"],
    responses={200: {"model": DatedAvailability}, 304: {"description": "As it was when you got this ETag."}},
)  # fmt: skip
def get_delivery_dates(
    request: Request,
    actor: StockReader,
    sku: Skus,
    country: Country,
    postal_code: PostalCode = "",
    service: Literal["standard", "express"] = "standard",
    channel: Channel = "",
    quantity: Quantities = [],  # noqa: B006 - FastAPI copies the default of a query
    merchant_id: MerchantId = "",
) -> Response:
    """Return what can be sold of 1 to 200 SKUs, and between which days the units you want (one of each, unless you say
    otherwise) would all arrive at a postal code: from the site that ships your orders, and from each site. `latest` is
    the day that an order placed now would be promised; it is a working day at both ends. What is not in stock counts
    from the delivery with which the last of the units comes; where nothing is known the dates are null and `reason`
    says why. An unknown SKU has such an answer as well, and does not refuse the others. A SKU named twice is wanted
    twice.

    This is a route of its own: the plain question, `/v1/availability`, is one round trip to the database and stays it.
    """
    destination = api.destination_of(country, postal_code)
    wanted = _wanted(sku, quantity)
    errors = tuple(api.destination_faults(destination))
    if errors:
        raise Invalid(errors[0].message, remedy="Correct the destination.", errors=errors)
    with transaction(actor) as uow:
        tenant_id = tenant_of(uow, actor, merchant_id)
        items = api.delivery_dates(
            uow, tenant_id=tenant_id, skus=sku, destination=destination, service_level=service, channel=channel,
            quantities=wanted,
        )  # fmt: skip
    return _tagged(request, msgspec.json.encode(DatedAvailability(destination, service, tuple(items))))


def _wanted(skus: list[str], quantities: list[int]) -> dict[str, int]:
    """Return how many units are wanted of each SKU.

    Raises:
        Invalid: there are neither as many quantities as SKUs nor one, or they add up to more than an order can have.
    """
    if len(quantities) not in (0, 1, len(skus)):
        raise Invalid(
            f"{len(quantities)} quantities do not belong to {len(skus)} SKUs.",
            remedy="Give one for all, or one for each SKU in the same order.", pointer="/quantity",
        )  # fmt: skip
    wanted = dict.fromkeys(skus, 0)
    of_each = quantities if len(quantities) == len(skus) else (quantities or [1]) * len(skus)
    for sku, units in zip(skus, of_each, strict=True):
        wanted[sku] += units
    if max(wanted.values()) > MAX_QUANTITY:
        raise Invalid(f"At most {MAX_QUANTITY} units are asked for.", remedy="Ask for less.", pointer="/quantity")
    return wanted


def _tagged(request: Request, body: bytes) -> Response:
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": "private, no-cache", "vary": "Authorization, Cookie"}
    if is_current(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
