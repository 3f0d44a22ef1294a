"""The port to real carriers under accounts of ours, which keep no reference of ours as a key."""

from dataclasses import dataclass
from typing import Protocol

from shipping.gateways.carriers import (
    LabelRequest,
    Purchased,
    PurchaseOutcome,
    TrackingOutcome,
    Unavailable,
    VoidOutcome,
)


@dataclass(frozen=True, slots=True)
class CarrierAccountTerms:
    """An account at a real carrier, with everything that a call needs.

    Attributes:
        connector: the carrier's name in the library, as "ups".
        settings: names and values of the connector's settings, credentials among them, sorted.
        server_url: the API's address where it is not the carrier's own; empty for that.
    """

    id: str
    connector: str
    settings: tuple[tuple[str, str], ...]
    test_mode: bool
    server_url: str = ""

    def __repr__(self) -> str:
        return f"CarrierAccountTerms({self.id!r}, {self.connector!r})"


@dataclass(frozen=True, slots=True)
class SealedAccount:
    """The same as it is kept: `sealed` holds the settings as a JSON object under the house's key."""

    id: str
    connector: str
    sealed: str
    test_mode: bool
    server_url: str = ""


def vault_purpose(account_id: str) -> str:
    """Return what an account's settings are locked away for: they open for no other account."""
    return f"carrier-account:{account_id}"


@dataclass(frozen=True, slots=True)
class NotBought:
    """The carrier knows no label with this reference."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The carrier has no way to ask for a label by our reference: a person has to find out, `next_step` says how."""

    next_step: str


FindOutcome = Purchased | NotBought | CannotTell | Unavailable


class AccountUnusableError(Exception):
    """A carrier account does not work as it stands; the text says why, in the carrier's words where it said some."""


class AccountGateway(Protocol):
    """A real carrier. A purchase that may have taken hold is never repeated before `find_label` has said `NotBought`.
    Never raises for what the carrier or the network does, but for `try_out`.
    """

    def purchase_label(self, request: LabelRequest) -> PurchaseOutcome:
        """Buy a label; `UnknownOutcome` when nobody knows whether it was sold."""
        ...

    def find_label(self, request: LabelRequest) -> FindOutcome:
        """Ask for a label whose purchase has an unknown outcome. It has no effect."""
        ...

    def void_label(self, *, carrier: str, reference: str, tracking_number: str) -> VoidOutcome:
        """Take a label back. `tracking_number` is the shipment's own identifier where the carrier gave one."""
        ...

    def fetch_tracking(self, *, carrier: str, tracking_number: str) -> TrackingOutcome:
        """Ask for all scans of a parcel; `carrier` is what it is called here."""
        ...

    def try_out(self, request: LabelRequest) -> str:
        """Ask for a price, which has no effect, and return in a sentence what came back.

        Raises:
            AccountUnusableError: the carrier could not be asked, or declined.
        """
        ...
