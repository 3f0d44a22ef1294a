"""What the routes of all kinds of files share."""

from collections.abc import Callable
from hashlib import sha256
from typing import Literal, TypeVar

from fastapi import Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from app.importers import stored_runs
from app.importers.intake import Intake, Report
from kernel.access.queries import merchant_by_code
from kernel.actors import ALL_TENANTS, Actor
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from kernel.web.acting import Answer, act

T = TypeVar("T")


class ImportWaiting(BaseModel):
    """A file that the worker takes; `getImport` shows how far it is."""

    run_id: str = Field(examples=["imp_01kas0d9m2fvk9hq6z8n3x7r5t"])
    state: Literal["waiting"] = "waiting"


async def file_body(request: Request) -> bytes:
    """Read a file; it is not read before the caller is known to be one who may send it."""
    return await request.body()


def receive(
    request: Request, actor: Actor, intake: Intake[T], *, content: bytes, merchant: str, file: str,
    answer: Callable[[Report], object],
) -> Response:  # fmt: skip
    """Take a merchant's file and answer with its report, or with 202 where the worker takes it."""
    name = file_name(file, otherwise=f"{intake.noun}.csv")

    def work(uow: UnitOfWork) -> Answer:
        done = intake.receive(uow, tenant_id=tenant_named(uow, actor, merchant), content=content, file=name)
        if isinstance(done, str):
            return Answer(ImportWaiting(run_id=done).model_dump(), 202)
        return Answer(answer(done))

    return act(request, actor, [sha256(content).hexdigest(), merchant, file], work)


def told_run(
    uow: UnitOfWork, run: stored_runs.StoredRun, names: tuple[str, str], *, outcome: str, after_line: int, limit: int
) -> dict[str, object]:
    """Tell how far an import is and what became of its lines; `names` are those of what stands there and of our id."""
    outcomes = stored_runs.count_outcomes(uow, run.id)
    results = stored_runs.results_of(uow, run.id, outcome=outcome, after_line=after_line, limit=limit + 1)
    following = results[limit - 1].line if len(results) > limit else None
    number, found = names
    return {
        "id": run.id, "file": run.name, "state": run.state, "done": run.done, "of": run.of, "failed": run.failed,
        "outcomes": outcomes, "next": following,
        "results": [
            {"line": each.line, number: each.number, "outcome": each.outcome, found: each.order_id,
             "faults": each.faults}
            for each in results[:limit]
        ],
    }  # fmt: skip


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
