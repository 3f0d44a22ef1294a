from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from fulfillment import api
from fulfillment.routes.callers import Key, MerchantId, Reader, Writer, json_response, tenant_of
from fulfillment.routes.schemas import OrderPolicyPatch, ShortfallIn
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import VersionConflict
from kernel.web.acting import Answer, act
from kernel.web.etags import is_based_on

router = APIRouter(prefix="/v1")


def _etag(policy: api.OrderPolicy) -> str:
    return f'"v{policy.version}"'


@router.get(
    "/order-policy", operation_id="getOrderPolicy", summary="How orders are taken", tags=["orders"],
    responses={200: {"model": api.OrderPolicy}},
)  # fmt: skip
def get_policy(actor: Reader, merchant_id: MerchantId = "") -> Response:
    """Return what becomes of orders that lack stock, and how far ahead orders lock any. The ETag is for changing it."""
    with transaction(actor) as uow:
        policy = api.order_policy(uow, tenant_of(uow, actor, merchant_id))
    return json_response(policy, headers={"etag": _etag(policy)})


@router.patch(
    "/order-policy", operation_id="editOrderPolicy", summary="Change how orders are taken", tags=["orders"],
    responses={200: {"model": api.OrderPolicy}},
)  # fmt: skip
def patch_policy(request: Request, actor: Writer, body: OrderPolicyPatch, merchant_id: MerchantId = "") -> Response:
    """Change how orders are taken from now on; `If-Match` carries the ETag that was read."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id = tenant_of(uow, actor, merchant_id)
        known = api.order_policy(uow, tenant_id)
        if not is_based_on(request, _etag(known)):
            raise VersionConflict("The policy was changed since you read it.", remedy="Read it again, then repeat.")
        changed = api.set_order_policy(
            uow, tenant_id=tenant_id, version=known.version, on_shortage=body.on_shortage or known.on_shortage,
            horizon_days=known.horizon_days if body.horizon_days is None else body.horizon_days,
            when_short=body.when_short(known.when_short), customs_facts=body.customs_facts or "",
            dangerous_facts=body.dangerous_facts or "",
        )  # fmt: skip
        return Answer(changed)

    return act(request, actor, [merchant_id, body.model_dump(mode="json")], work)


@router.post(
    "/orders/{order_id}/shortfall", operation_id="settleShortfall", summary="Choose about a shortfall", tags=["orders"],
    responses={200: {"model": api.OrderView}},
)  # fmt: skip
def settle_shortfall(request: Request, actor: Writer, order_id: Key, body: ShortfallIn) -> Response:
    """Choose what becomes of an order whose cart expired before it was paid: it waits for what lacks, its rest goes out
    first, or what lacks is cancelled.
    """

    def work(uow: UnitOfWork) -> Answer:
        order = api.get_order(uow, order_id)
        api.settle_shortfall(
            uow, tenant_id=order.tenant_id, order_id=order_id, choice=body.choice, reason=body.reason
        )  # fmt: skip
        uow.session.flush()
        return Answer(api.get_order(uow, order_id))

    return act(request, actor, [order_id, body.model_dump(mode="json")], work)
