"""What the routes of all kinds of files share."""

from typing import Literal

from fastapi import Request
from pydantic import BaseModel, Field

from kernel.access.queries import merchant_by_code
from kernel.actors import ALL_TENANTS, Actor
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound


class ImportWaiting(BaseModel):
    """A file that the worker takes; `getImport` shows how far it is."""

    run_id: str = Field(examples=["imp_01kas0d9m2fvk9hq6z8n3x7r5t"])
    state: Literal["waiting"] = "waiting"


async def file_body(request: Request) -> bytes:
    """Read a file; it is not read before the caller is known to be one who may send it."""
    return await request.body()


def tenant_named(uow: UnitOfWork, actor: Actor, code: str) -> str:
    """Return the merchant that a file belongs to: the one whose key sends it, or the one named.

    Raises:
        NotFound: there is no such merchant.
    """
    if actor.tenant and actor.tenant != ALL_TENANTS and not code:
        return actor.tenant
    found = merchant_by_code(uow, code)
    if found is None:
        raise NotFound("There is no such merchant.", remedy="Name its code in `merchant`.", pointer="/merchant")
    return found.id


def file_name(told: str, otherwise: str = "orders.csv") -> str:
    """Return what a sender calls a file, without folders and unprintable characters; `otherwise` without a name."""
    last = told.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable())[:200].strip() or otherwise
