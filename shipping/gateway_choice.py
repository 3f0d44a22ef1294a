from functools import lru_cache

from kernel.settings import settings
from shipping.gateways.carrier_http import HttpCarrier, carrier_client
from shipping.gateways.carriers import CarrierGateway, OfflineCarrier

OFFLINE = OfflineCarrier()


def gateway_for(mode: str) -> CarrierGateway:
    """Return the carrier's API when the carrier has one and its address is configured, else our own number range."""
    return OFFLINE if is_offline(mode) else _api(settings().carrier_url, settings().carrier_api_key)


def is_offline(mode: str) -> bool:
    """Say whether a carrier is dealt with from our own tables, without any call outside."""
    return mode != "http" or not settings().carrier_url


@lru_cache
def _api(url: str, key: str) -> CarrierGateway:
    return HttpCarrier(carrier_client(url, key))
