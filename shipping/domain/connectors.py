"""The real carriers that are reached through a connector, and what an account at each consists of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Connector:
    """A carrier's connector: the settings that it needs, those that it takes, and the services most asked for.

    Attributes:
        can_be_asked: whether the carrier finds a label by our reference when the answer to its purchase was lost.
        takes_back: whether a label is voided over the API.
    """

    code: str
    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    services: tuple[str, ...]
    can_be_asked: bool
    takes_back: bool

    @property
    def package(self) -> str:
        """The distribution that holds it."""
        return f"karrio-{self.code}".replace("_", "-")


CONNECTORS: Final[Mapping[str, Connector]] = {
    each.code: each
    for each in (
        Connector(
            "ups", "UPS", ("client_id", "client_secret", "account_number"), ("account_country_code", "label_type"),
            ("ups_standard", "ups_ground", "ups_worldwide_saver", "ups_worldwide_express_plus", "ups_next_day_air"),
            can_be_asked=True, takes_back=True,
        ),
        Connector(
            "dhl_express", "DHL Express", ("site_id", "password", "account_number"),
            ("account_country_code", "label_type"),
            ("dhl_express_worldwide_nondoc", "dhl_express_domestic", "dhl_express_12_00"),
            can_be_asked=False, takes_back=False,
        ),
    )
}  # fmt: skip
OPEN_SETTINGS: Final = frozenset({"account_number", "account_country_code", "label_type"})
"""What may be shown again; everything else of an account is a secret."""
