from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from kernel.access.queries import get_merchant
from kernel.actors import ALL_TENANTS, Actor
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid
from kernel.web.access import requires
from kernel.web.acting import Answer, act
from notifications.commands import edit_endpoint, register_endpoint, switch_endpoint
from notifications.queries import EndpointView, find_endpoints, get_endpoint, newest_secret
from notifications.routes.versions import tagged, version_of

router = APIRouter(prefix="/v1", tags=["notifications"])
Manager = Annotated[Actor, Depends(requires("webhooks:manage"))]
IfMatch = Annotated[str | None, Header(max_length=40, description="The ETag that the edit is based on")]
Filter = Annotated[str, Field(pattern=r"^([a-z0-9_.]{1,100}\*?|\*)$")]
Filters = Annotated[list[Filter], Field(max_length=100, examples=[["fulfillment.*", "shipping.parcel_delivered.v1"]])]
Url = Annotated[str, Field(min_length=1, max_length=2000, examples=["https://crm.nordhus.example/hooks/pickstream"])]
Text = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]


class EndpointIn(BaseModel):
    """A receiver to be registered. Staff name the merchant; a merchant's own key does not."""

    model_config = ConfigDict(extra="forbid")
    url: Url
    types: Filters = Field(default_factory=list, description="Event types or beginnings with *; empty is all.")
    description: Text = ""
    merchant_id: Annotated[str, Field(max_length=40, pattern=r"^[^\x00]*$")] = ""


class EndpointEdit(BaseModel):
    """What is to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid")
    url: Url | None = None
    types: Filters | None = None
    description: Text | None = None


class RotationIn(BaseModel):
    """How long the replaced secret signs beside the new one."""

    model_config = ConfigDict(extra="forbid")
    overlap_seconds: int = Field(default=86_400, ge=0, le=7 * 86_400, examples=[86_400])


class EndpointSecret(BaseModel):
    """The part of the answer that no other one has: the signing secret. Store it."""

    id: str
    secret: str = Field(examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"])
    version: int


class EndpointList(BaseModel):
    """The endpoints that the caller may see, oldest first."""

    items: list[EndpointView]


_ENDPOINT: dict[int | str, dict[str, Any]] = {200: {"model": EndpointView}}


@router.post(
    "/webhook-endpoints", operation_id="registerWebhookEndpoint", summary="Register a webhook endpoint",
    status_code=201, responses={201: {"model": EndpointSecret}},
)  # fmt: skip
def register(request: Request, endpoint: EndpointIn, actor: Manager) -> Response:
    """Register a receiver for what happens from now on. The secret is in this answer and nowhere else."""

    def work(uow: UnitOfWork) -> Answer:
        facts = endpoint.model_dump(exclude={"merchant_id"})
        tenant_id = _tenant(uow, actor, endpoint.merchant_id)
        endpoint_id = register_endpoint.register_endpoint(uow, tenant_id=tenant_id, **facts)
        return Answer(get_endpoint(uow, endpoint_id), 201)

    return with_secret(actor, act(request, actor, endpoint.model_dump(), work))


@router.get(
    "/webhook-endpoints", operation_id="listWebhookEndpoints", summary="List webhook endpoints",
    response_model=EndpointList,
)  # fmt: skip
def list_endpoints(actor: Manager) -> object:
    """Return the endpoints with how many deliveries wait; secrets are not stored and cannot be shown."""
    with transaction(actor) as uow:
        return {"items": msgspec.to_builtins(find_endpoints(uow))}


@router.get(
    "/webhook-endpoints/{endpoint_id}", operation_id="getWebhookEndpoint", summary="Get a webhook endpoint",
    responses=_ENDPOINT,
)  # fmt: skip
def read_endpoint(endpoint_id: str, actor: Manager) -> Response:
    """Return an endpoint; the ETag is for an edit's If-Match."""
    with transaction(actor) as uow:
        view = get_endpoint(uow, endpoint_id)
    return tagged(Response(msgspec.json.encode(view), media_type="application/json"))


@router.patch(
    "/webhook-endpoints/{endpoint_id}", operation_id="updateWebhookEndpoint", summary="Change a webhook endpoint",
    responses=_ENDPOINT,
)  # fmt: skip
def update(
    request: Request, endpoint_id: str, edit: EndpointEdit, actor: Manager, if_match: IfMatch = None
) -> Response:
    """Change URL, filter or description; a new filter holds for what happens from now on."""
    version = version_of(if_match)
    changes = edit.model_dump(exclude_unset=True)
    payload = {"version": version} | changes

    def work(uow: UnitOfWork) -> Answer:
        edit_endpoint.update_endpoint(uow, endpoint_id=endpoint_id, version=version, **changes)
        return Answer(get_endpoint(uow, endpoint_id))

    return tagged(act(request, actor, payload, work))


@router.delete(
    "/webhook-endpoints/{endpoint_id}", operation_id="deleteWebhookEndpoint", summary="Delete a webhook endpoint"
)
def delete(request: Request, endpoint_id: str, actor: Manager, if_match: IfMatch = None) -> Response:
    """Remove an endpoint with its deliveries; the events stay in the feed."""
    version = version_of(if_match)

    def work(uow: UnitOfWork) -> Answer:
        edit_endpoint.delete_endpoint(uow, endpoint_id=endpoint_id, version=version)
        return Answer({"id": endpoint_id})

    return act(request, actor, {"version": version}, work)


@router.post(
    "/webhook-endpoints/{endpoint_id}/rotate-secret", operation_id="rotateWebhookSecret",
    summary="Rotate the signing secret", responses={200: {"model": EndpointSecret}},
)  # fmt: skip
def rotate(request: Request, endpoint_id: str, rotation: RotationIn, actor: Manager) -> Response:
    """Make a new secret; deliveries carry both signatures until the overlap is over."""

    def work(uow: UnitOfWork) -> Answer:
        overlap = timedelta(seconds=rotation.overlap_seconds)
        edit_endpoint.rotate_secret(uow, endpoint_id=endpoint_id, overlap=overlap)
        return Answer(get_endpoint(uow, endpoint_id))

    return with_secret(actor, act(request, actor, rotation.model_dump(), work))


@router.post(
    "/webhook-endpoints/{endpoint_id}/pause", operation_id="pauseWebhookEndpoint", summary="Pause an endpoint",
    responses=_ENDPOINT,
)  # fmt: skip
def pause(request: Request, endpoint_id: str, actor: Manager) -> Response:
    """Stop deliveries; they wait and go on in order when the endpoint is resumed."""
    return _act_on(request, actor, endpoint_id, switch_endpoint.pause_endpoint)


@router.post(
    "/webhook-endpoints/{endpoint_id}/resume", operation_id="resumeWebhookEndpoint", summary="Resume an endpoint",
    responses=_ENDPOINT,
)  # fmt: skip
def resume(request: Request, endpoint_id: str, actor: Manager) -> Response:
    """Deliver all that waited and happened meanwhile, also after the endpoint was disabled."""
    return _act_on(request, actor, endpoint_id, switch_endpoint.resume_endpoint)


@router.post(
    "/webhook-endpoints/{endpoint_id}/test", operation_id="testWebhookEndpoint", summary="Send a test event",
    status_code=202, responses={202: {"model": EndpointView}},
)  # fmt: skip
def send_test(request: Request, endpoint_id: str, actor: Manager) -> Response:
    """Send a `notifications.endpoint_tested.v1` event the same way as all others; see the deliveries."""
    return _act_on(request, actor, endpoint_id, edit_endpoint.send_test_event, status=202)


def _tenant(uow: UnitOfWork, actor: Actor, merchant_id: str) -> str:
    wanted = merchant_id or (actor.tenant if actor.tenant != ALL_TENANTS else "")
    if not wanted:
        raise Invalid("Whose events?", remedy="Name the merchant.", pointer="/merchant_id")
    return get_merchant(uow, wanted).id


def with_secret(actor: Actor, response: Response) -> Response:
    """Add the secret to an answer only now: the stored answer to the Idempotency-Key must not hold it."""
    shown = msgspec.json.decode(response.body)
    with transaction(actor) as uow:
        shown["secret"] = newest_secret(uow, shown["id"])
    kept = {"idempotency-replayed": "true"} if "idempotency-replayed" in response.headers else {}
    body = msgspec.json.encode(shown)
    answer = Response(body, status_code=response.status_code, media_type="application/json", headers=kept)
    answer.headers["cache-control"] = "no-store"
    return tagged(answer)


def _act_on(
    request: Request, actor: Actor, endpoint_id: str, command: Callable[..., None], *, status: int = 200
) -> Response:
    def work(uow: UnitOfWork) -> Answer:
        command(uow, endpoint_id=endpoint_id)
        view: EndpointView = get_endpoint(uow, endpoint_id)
        return Answer(view, status)

    return tagged(act(request, actor, None, work))
