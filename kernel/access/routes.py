from dataclasses import replace
from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from kernel.access import commands, queries
from kernel.access.secrets import derived_token
from kernel.actors import Actor, Role
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Forbidden, Invalid
from kernel.settings import settings
from kernel.web.access import requires
from kernel.web.acting import Answer, act
from kernel.web.values import Instant

router = APIRouter(prefix="/v1", tags=["access"])
Manager = Annotated[Actor, Depends(requires("access:manage"))]


class KeyIn(BaseModel):
    """A key to be issued: for which merchant, called what, allowed what."""

    model_config = ConfigDict(extra="forbid")
    merchant_id: str = Field(max_length=40, examples=["mer_01jd3v6qk0f0a8m3q2n6x5w7yz"])
    name: str = Field(min_length=1, max_length=100, examples=["Shop backend"])
    scopes: list[str] = Field(min_length=1, max_length=30, examples=[["orders:read", "orders:write"]])
    expires_at: Instant | None = None


class KeyIssued(BaseModel):
    """A new key. The secret is in this answer and nowhere else: a repetition of the request has it empty."""

    id: str
    prefix: str
    secret: str = Field(examples=["psk_live_4r7c..."])


class KeyOut(BaseModel):
    """A key without its secret."""

    id: str
    tenant_id: str
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class KeyList(BaseModel):
    """The keys that the caller may see, newest first."""

    items: list[KeyOut]


class MerchantIn(BaseModel):
    """A merchant to be taken into a site."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(pattern="^[a-z0-9][a-z0-9-]{0,39}$", examples=["nordhus"])
    name: str = Field(min_length=1, max_length=120, examples=["Nordhus & Co"])
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["EUR"])
    site_code: str = Field(max_length=40, examples=["main"])
    support_email: str = Field(default="", max_length=200, examples=["help@nordhus.example"])


class Created(BaseModel):
    """The id of what was created."""

    id: str


class UserIn(BaseModel):
    """A person who will sign in."""

    model_config = ConfigDict(extra="forbid")
    email: str = Field(pattern=r"^[^@\s\x00]+@[^@\s\x00]+$", max_length=200, examples=["ana@dc.example"])
    name: str = Field(min_length=1, max_length=120, examples=["Ana"])
    role: Role = Field(examples=["picker"])
    password: str = Field(min_length=10, max_length=200)
    site_code: str | None = Field(default=None, max_length=40)
    merchant_code: str | None = Field(default=None, max_length=40)


@router.get("/keys", operation_id="listKeys", summary="List API keys", response_model=KeyList)
def list_keys(actor: Manager) -> object:
    """Return all keys; secrets are not stored and cannot be shown."""
    with transaction(actor) as uow:
        return {"items": msgspec.to_builtins(queries.find_keys(uow))}


@router.post(
    "/keys", operation_id="issueKey", summary="Issue an API key", status_code=201, responses={201: {"model": KeyIssued}}
)
def issue_key(request: Request, key: KeyIn, actor: Manager) -> Response:
    """Create a key; store the secret, it is shown once. Who missed it revokes the key and issues another."""
    made: list[commands.IssuedKey] = []

    def work(uow: UnitOfWork) -> Answer:
        queries.get_merchant(uow, key.merchant_id)
        made[:] = [
            commands.issue_key(
                uow, tenant_id=key.merchant_id, name=key.name, scopes=key.scopes, expires_at=key.expires_at
            )
        ]
        # The answer is stored with its Idempotency-Key, where nobody shall find the secret.
        return Answer(replace(made[0], secret=""), 201)

    answer = act(request, actor, key.model_dump(mode="json"), work)
    if not made:
        return answer
    return Response(msgspec.json.encode(made[0]), status_code=201, media_type="application/json")


@router.post("/keys/{key_id}/revoke", operation_id="revokeKey", summary="Revoke an API key")
def revoke_key(request: Request, key_id: str, actor: Manager) -> Response:
    """End a key: the next request with it is refused."""

    def work(uow: UnitOfWork) -> Answer:
        commands.revoke_key(uow, key_id=key_id)
        return Answer({"id": key_id, "revoked_at": uow.now})

    return act(request, actor, None, work)


@router.post(
    "/merchants", operation_id="createMerchant", summary="Take in a merchant", status_code=201,
    responses={201: {"model": Created}},
)  # fmt: skip
def create_merchant(request: Request, merchant: MerchantIn, actor: Manager) -> Response:
    """Create a merchant and let a site serve it; an existing code returns that merchant."""

    def work(uow: UnitOfWork) -> Answer:
        site = _site(uow, merchant.site_code)
        facts = merchant.model_dump(exclude={"site_code"})
        merchant_id = commands.create_merchant(uow, **facts)
        commands.serve_merchants(uow, site_id=site, merchant_ids=[merchant_id])
        return Answer({"id": merchant_id}, 201)

    return act(request, actor, merchant.model_dump(), work)


@router.post(
    "/users", operation_id="createUser", summary="Create a staff user", status_code=201,
    responses={201: {"model": Created}},
)  # fmt: skip
def create_user(request: Request, user: UserIn, actor: Manager) -> Response:
    """Create a person with a role at a site or for a merchant."""

    def work(uow: UnitOfWork) -> Answer:
        merchant = queries.merchant_by_code(uow, user.merchant_code) if user.merchant_code else None
        if user.merchant_code and merchant is None:
            raise Invalid("There is no merchant with this code.", pointer="/merchant_code")
        user_id = commands.create_user(
            uow, email=user.email, name=user.name, role=user.role, password=user.password,
            site_id=_site(uow, user.site_code) if user.site_code else None,
            merchant_id=merchant.id if merchant else None,
        )  # fmt: skip
        return Answer({"id": user_id}, 201)

    # What is kept of the request is a fast hash, which must not betray the password to whoever reads it.
    password = derived_token(settings().secret_key, "password", user.password)
    return act(request, actor, user.model_dump() | {"password": password}, work)


@router.post("/users/{user_id}/deactivate", operation_id="deactivateUser", summary="Close a user's access")
def deactivate_user(request: Request, user_id: str, actor: Manager) -> Response:
    """Close the account and end its sessions at once."""
    if user_id == actor.id:
        raise Forbidden("You cannot close your own account.", remedy="Ask another administrator.")

    def work(uow: UnitOfWork) -> Answer:
        commands.deactivate_user(uow, user_id=user_id)
        return Answer({"id": user_id, "active": False})

    return act(request, actor, None, work)


def _site(uow: UnitOfWork, code: str) -> str:
    for site in queries.find_sites(uow):
        if site.code == code:
            return site.id
    raise Invalid("There is no site with this code.", pointer="/site_code")
