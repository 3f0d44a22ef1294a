from dataclasses import asdict

from sqlalchemy.dialects.postgresql import insert

from fulfillment.domain.order_policy import OrderPolicy, policy_faults
from fulfillment.domain.substitution import ShortPolicy
from fulfillment.models import OrderPolicyRow
from fulfillment.queries.order_policy import order_policy
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, VersionConflict


def set_order_policy(
    uow: UnitOfWork,
    *,
    tenant_id: str,
    on_shortage: str,
    horizon_days: int,
    version: int | None = None,
    when_short: ShortPolicy | None = None,
    customs_facts: str = "",
    dangerous_facts: str = "",
) -> OrderPolicy:
    """Say how a merchant's orders are taken from now on; those that were taken stay as they are. What becomes of
    missing units stays as it is unless `when_short` is given, and then holds for every order; so do
    `customs_facts` and `dangerous_facts`.

    Raises:
        Invalid: names every value that cannot be right.
        VersionConflict: `version` was given and is not the newest.
    """
    wanted = OrderPolicy(
        on_shortage, horizon_days, 0, when_short or ShortPolicy(), customs_facts or "optional",
        dangerous_facts or "optional",
    )  # fmt: skip
    wrong = tuple(policy_faults(wanted))
    if wrong:
        raise Invalid(wrong[0].message, errors=wrong)
    first = {
        "tenant_id": tenant_id, "on_shortage": OrderPolicy().on_shortage, "horizon_days": OrderPolicy().horizon_days,
        "version": 0,
    }  # fmt: skip
    uow.session.execute(insert(OrderPolicyRow).values(first).on_conflict_do_nothing())
    row = uow.session.get_one(OrderPolicyRow, tenant_id, with_for_update=True, populate_existing=True)
    if version is not None and row.version != version:
        raise VersionConflict("The policy was changed since you read it.", remedy="Read it again, then repeat.")
    row.on_shortage, row.horizon_days, row.version = on_shortage, horizon_days, row.version + 1
    row.customs_facts = customs_facts or row.customs_facts
    row.dangerous_facts = dangerous_facts or row.dangerous_facts
    if when_short:
        row.substitutes, row.on_short = when_short.substitutes, when_short.on_short
        row.answer_hours, row.on_silence = when_short.answer_hours, when_short.on_silence
    uow.session.flush()
    uow.audit(
        "order_policy.changed", subject=tenant_id, tenant_id=tenant_id, on_shortage=on_shortage,
        horizon_days=horizon_days, customs_facts=row.customs_facts, dangerous_facts=row.dangerous_facts,
        **(asdict(when_short) if when_short else {}),
    )  # fmt: skip
    return order_policy(uow, tenant_id)
