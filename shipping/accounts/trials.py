from kernel.access.queries import get_site
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork, run, transaction
from kernel.money import Money
from shipping.account_labels import sealed
from shipping.accounts.commands.keep_carrier_account import record_trial
from shipping.accounts.queries import CarrierAccountView, account_row
from shipping.carrier_requests import site_address
from shipping.gateway_choice import account_gateway
from shipping.gateways.account_carriers import AccountUnusableError, SealedAccount
from shipping.gateways.carriers import LabelRequest


def try_account(actor: Actor, *, account_id: str) -> CarrierAccountView:
    """Ask the carrier, under an account, what a sample parcel would cost, and keep what it said. Nothing is bought.

    Raises:
        NotFound: there is no such account for this actor.
    """
    with transaction(actor) as uow:
        account, sample = _sample(uow, account_id)
    try:
        said, is_well = account_gateway(account).try_out(sample), True
    except AccountUnusableError as error:
        said, is_well = str(error), False
    return run(actor, lambda uow: record_trial(uow, account_id=account_id, is_well=is_well, said=said))


def _sample(uow: UnitOfWork, account_id: str) -> tuple[SealedAccount, LabelRequest]:
    row = account_row(uow, account_id)
    here = site_address(get_site(uow, row.site_id))
    return sealed(row), LabelRequest(
        reference="trial", carrier=row.connector, service="", weight_g=1_000, length_mm=300, width_mm=200,
        height_mm=100, ship_from=here, ship_to=here, quote=Money(0, "EUR"),
    )  # fmt: skip
