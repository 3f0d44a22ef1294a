from functools import lru_cache

import msgspec

from kernel.settings import settings
from kernel.vault import VaultClosed, take_out
from shipping.gateways.account_carriers import (
    AccountGateway,
    AccountUnusableError,
    CarrierAccountTerms,
    SealedAccount,
    vault_purpose,
)
from shipping.gateways.carrier_http import HttpCarrier, carrier_client
from shipping.gateways.carriers import CarrierGateway, OfflineCarrier
from shipping.gateways.karrio_carrier import KarrioCarrier

OFFLINE = OfflineCarrier()


def gateway_for(mode: str) -> CarrierGateway:
    """Return the carrier's API when the carrier has one and its address is configured, else our own number range."""
    return OFFLINE if is_offline(mode) else _api(settings().carrier_url, settings().carrier_api_key)


def account_gateway(account: SealedAccount) -> AccountGateway:
    """Return a real carrier under an account; what it learned (such as a token) is kept while the account stays.

    Raises:
        AccountUnusableError: its settings cannot be read under the house's present key.
    """
    return _carrier(account, settings().secret_key)


def is_offline(mode: str) -> bool:
    """Say whether a carrier is dealt with from our own tables, without any call outside."""
    return mode != "http" or not settings().carrier_url


@lru_cache
def _api(url: str, key: str) -> CarrierGateway:
    return HttpCarrier(carrier_client(url, key))


@lru_cache(maxsize=64)
def _carrier(account: SealedAccount, _house_key: str) -> AccountGateway:
    try:
        given = msgspec.json.decode(take_out(vault_purpose(account.id), account.sealed), type=dict[str, str])
    except VaultClosed as closed:
        raise AccountUnusableError(f"{closed.detail} {closed.remedy}") from closed
    terms = CarrierAccountTerms(
        account.id, account.connector, tuple(sorted(given.items())), test_mode=account.test_mode,
        server_url=account.server_url,
    )  # fmt: skip
    return KarrioCarrier(terms)
