"""Real carriers through karrio's SDK: one account, one call at a time, every end of a call named."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from urllib.error import HTTPError
from urllib.request import Request

import msgspec

from kernel.money import Money
from shipping.domain.customs_areas import leaves_customs_area
from shipping.gateways import karrio_ups as ups
from shipping.gateways.account_carriers import AccountUnusableError, CannotTell, CarrierAccountTerms, FindOutcome
from shipping.gateways.carriers import (
    LabelRequest,
    Purchased,
    PurchaseOutcome,
    Refused,
    TrackingHistory,
    TrackingOutcome,
    Unavailable,
    UnknownOutcome,
    Voided,
    VoidOutcome,
)
from shipping.gateways.karrio_answers import label_document, readable, refused, said, scans_of
from shipping.gateways.karrio_exports import UPS, UndeclarableError
from shipping.gateways.karrio_requests import mend_shipment, rate_request, shipment_request
from shipping.gateways.karrio_transport import (
    Karrio,
    KarrioMissingError,
    NoAnswerError,
    NothingHappenedError,
    load_karrio,
    send_once,
)

_NEXT_STEP: Final = (
    "The answer to the purchase was lost, and this carrier cannot be asked by our reference. Look for {reference} in"
    " the carrier's own tool, then say here whether the label was bought."
)

_NO_RETURN: Final = (
    "This connection cannot say that goods come back, and who imports them: make this label in the carrier's own tool,"
    " with the pro forma invoice of this parcel."
)
_NO_FACTS: Final = (
    "It crosses a customs border, and customs is not told all that it asks: ask for its label again to see what."
)

T = TypeVar("T")


@dataclass(slots=True)
class KarrioCarrier:
    """A carrier behind one of karrio's connectors.

    UPS is asked for a label by our reference when the answer to its purchase was lost. No other connector can be
    asked, so there `find_label` says `CannotTell`, and nothing is bought again before a person has said so.
    """

    account: CarrierAccountTerms
    _tokens: Any = field(default=None, init=False)

    def purchase_label(self, request: LabelRequest) -> PurchaseOutcome:
        """Buy a label; when the answer is lost, look for it at once.

        A parcel that leaves the customs area is refused without its customs facts: left alone, connectors declare it
        as worth one unit of money, or not at all.
        """
        unfit = self._undeclarable(request)
        if unfit is not None:
            return unfit
        try:
            karrio, gateway = self._open()
            # The verb for returns adds no more than an option of ours at UPS, and cannot read decimals.
            verb = "return_shipment" if request.is_return and self.account.connector != UPS else "shipment"
            number = gateway.settings.account_number or ""
            wanted = shipment_request(karrio, self.account.connector, request, number)
            asked = _built(getattr(gateway.mapper, f"create_{verb}_request"), wanted)
            mend_shipment(self.account.connector, asked, request)
        except _Unfit as error:
            return Refused("unfit_request", str(error))
        except UndeclarableError as error:
            return Refused("customs_data_missing", str(error))
        except (KarrioMissingError, NothingHappenedError, AccountUnusableError) as error:
            return _unavailable(error)
        outcome = self._buy(gateway, verb, asked, request)
        if isinstance(outcome, UnknownOutcome):
            found = self.find_label(request)
            return found if isinstance(found, Purchased) else outcome
        return outcome

    def find_label(self, request: LabelRequest) -> FindOutcome:
        """Ask UPS for the label by our reference; of other carriers, say that they cannot be asked."""
        if self.account.connector != UPS:
            return CannotTell(_NEXT_STEP.format(reference=request.reference))
        try:
            _, gateway = self._open()
            body = ups.recovery_request(request, gateway.settings.account_number or "")
            token = gateway.proxy.get_token()
            answer = send_once(_json_request(f"{gateway.settings.server_url}/api/labels/v2409/recovery", token, body))
        except HTTPError as error:
            return ups.read_refused_recovery(_ups_errors(error.read()))
        except (KarrioMissingError, NothingHappenedError, NoAnswerError, AccountUnusableError) as error:
            return _unavailable(error)
        return ups.read_recovery(answer.read(), request)

    def void_label(self, *, carrier: str, reference: str, tracking_number: str) -> VoidOutcome:  # noqa: ARG002 - the port's names
        """Take a label back; a carrier that says it is void already has done it."""
        try:
            karrio, gateway = self._open()
            if "cancel_shipment" not in gateway.proxy_methods:
                return Refused("no_void", "This carrier takes no label back over its API: cancel it in its own tool.")
            asked = gateway.mapper.create_cancel_shipment_request(karrio.models.ShipmentCancelRequest(tracking_number))
            details, messages = gateway.mapper.parse_cancel_shipment_response(gateway.proxy.cancel_shipment(asked))
        except (KarrioMissingError, NothingHappenedError, AccountUnusableError) as error:
            return _unavailable(error)
        except NoAnswerError as error:
            return UnknownOutcome(str(error))
        except Exception as error:  # noqa: BLE001 - a third party's parser fails in ways that nobody can list
            return UnknownOutcome(readable(f"The answer cannot be read: {type(error).__name__}"))
        if (details is not None and details.success) or any(m.code == ups.VOIDED_ALREADY for m in messages):
            return Voided(tracking_number)
        return refused(messages)

    def fetch_tracking(self, *, carrier: str, tracking_number: str) -> TrackingOutcome:
        """Ask for the scans of a parcel; a scan whose instant nobody can tell is left out rather than guessed."""
        try:
            karrio, gateway = self._open()
            asked = gateway.mapper.create_tracking_request(karrio.models.TrackingRequest([tracking_number]))
            response = gateway.proxy.get_tracking(asked)
            raw = _first(response)
            details, messages = gateway.mapper.parse_tracking_response(response)
        except (KarrioMissingError, NothingHappenedError, NoAnswerError, AccountUnusableError) as error:
            return _unavailable(error)
        except Exception as error:  # noqa: BLE001 - a third party's parser fails in ways that nobody can list
            return Unavailable(readable(f"The answer cannot be read: {type(error).__name__}"))
        if not details:
            return refused([message for message in messages if message.code] or messages)
        instants = ups.moments(raw) if self.account.connector == UPS else []
        return TrackingHistory(scans_of(details[0].events, instants, carrier, tracking_number))

    def try_out(self, request: LabelRequest) -> str:
        """Ask the carrier what the parcel would cost.

        Raises:
            AccountUnusableError: the carrier could not be asked, or declined.
        """
        try:
            karrio, gateway = self._open()
        except (KarrioMissingError, NothingHappenedError) as error:
            raise AccountUnusableError(readable(str(error))) from error
        try:
            asked = gateway.mapper.create_rate_request(rate_request(karrio, request))
            rates, messages = gateway.mapper.parse_rate_response(gateway.proxy.get_rates(asked))
        except (NothingHappenedError, NoAnswerError) as error:
            raise AccountUnusableError(readable(str(error))) from error
        except Exception as error:
            detail = f"The carrier's answer cannot be read: {type(error).__name__}"
            raise AccountUnusableError(detail) from error
        if not rates:
            raise AccountUnusableError(said(messages) or "The carrier offers no service for a sample parcel.")
        best = min(rates, key=lambda rate: float(rate.total_charge or 0))
        price = f"{best.service} for {float(best.total_charge or 0):.2f} {best.currency or ''}".strip()
        return f"The carrier answered with {len(rates)} prices; the lowest is {readable(price)}."

    def _undeclarable(self, request: LabelRequest) -> Refused | None:
        if not _is_for_customs(request):
            return None
        if request.is_return and self.account.connector != UPS:
            return Refused("customs_data_missing", _NO_RETURN)
        if request.customs is None:
            return Refused("customs_data_missing", _NO_FACTS)
        return None

    def _open(self) -> tuple[Karrio, Any]:
        """Return the library and a connection that has proven who we are.

        Raises:
            KarrioMissingError, NothingHappenedError, AccountUnusableError: nothing was asked of the carrier.
        """
        karrio = load_karrio()
        self._tokens = self._tokens or karrio.caching.Cache()
        gateway = _gateway(karrio, self.account, self._tokens)
        if "authenticate" not in vars(type(gateway.proxy)):
            return karrio, gateway
        try:
            gateway.proxy.authenticate(None)
        except NoAnswerError as error:
            raise NothingHappenedError(f"The log-in failed: {error}") from error
        except NothingHappenedError as error:
            self._tokens = None
            raise NothingHappenedError(f"The log-in failed: {error}", error.retry_after_s) from error
        except Exception as error:
            self._tokens = None
            why = said(getattr(error, "messages", [])) or type(error).__name__
            raise AccountUnusableError(f"The log-in failed: {why}") from error
        return karrio, gateway

    def _buy(self, gateway: Any, verb: str, asked: Any, request: LabelRequest) -> PurchaseOutcome:  # noqa: ANN401 - see Karrio
        try:
            response = getattr(gateway.proxy, f"create_{verb}")(asked)
            details, messages = getattr(gateway.mapper, f"parse_{verb}_response")(response)
            raw = response.deserialize()
        except NothingHappenedError as error:
            self._tokens = None
            return Unavailable(str(error), error.retry_after_s)
        except Exception as error:  # noqa: BLE001 - the request went out: whatever went wrong since, a label may be paid for
            return UnknownOutcome(readable(str(error) if isinstance(error, NoAnswerError) else type(error).__name__))
        if details is None:
            return refused(messages) if messages else UnknownOutcome("The answer says neither yes nor no")
        if not details.tracking_number:
            return UnknownOutcome("The answer has no tracking number")
        return Purchased(
            readable(details.tracking_number), self._cost(details, raw, request.quote),
            readable(details.shipment_identifier or ""), label_document(details),
        )  # fmt: skip

    def _cost(self, details: Any, raw: object, quote: Money) -> Money:  # noqa: ANN401 - see Karrio
        """Return what the carrier says it charges, where it says so in the quote's currency; else the quote."""
        rate = details.selected_rate
        told = ups.charged(raw) if self.account.connector == UPS and isinstance(raw, Mapping) else None
        if told is None and rate is not None and rate.total_charge:
            told = ups.money(rate.total_charge, rate.currency or quote.currency)
        return told if told is not None and told.currency == quote.currency else quote


def _is_for_customs(request: LabelRequest) -> bool:
    here, there = request.ship_from, request.ship_to
    return leaves_customs_area((here.country, here.postal_code), (there.country, there.postal_code))


class _Unfit(Exception):
    """The library cannot write the request: nothing was sent, and the same one never can be."""


def _built(build: Callable[[Any], T], payload: object) -> T:
    try:
        return build(payload)
    except Exception as error:
        details = getattr(error, "details", None) or {}
        fields = ", ".join(str(name) for name in details)
        raise _Unfit(readable(f"{fields or type(error).__name__}: {error}")) from error


def _gateway(karrio: Karrio, account: CarrierAccountTerms, tokens: object) -> Any:  # noqa: ANN401 - see Karrio
    """Return a connection; it is made anew for each call, since it keeps a record of all that it sends."""
    connector = karrio.connector(account.connector)
    form = connector.Settings
    if account.server_url:
        url = account.server_url.rstrip("/")
        form = type("Settings", (form,), {"server_url": property(lambda _self: url)})
    try:
        known = {each.name for each in connector.Settings.__attrs_attrs__}
        given, config = _parted(account.settings, known, {each.name for each in connector.connection_configs or ()})
        settings = form(**given, config=config, test_mode=account.test_mode)
    except TypeError as error:
        raise AccountUnusableError(f"The account's settings do not fit: {error}") from error
    tracer = karrio.tracing.Tracer()
    return karrio.sdk.gateway[account.connector].create(settings, tracer, tokens)


def _parted(
    settings: Sequence[tuple[str, str]], known: Container[str], options: Container[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Part what a connector's settings hold from what its options do; neither's is left with the settings."""
    given = {name: value for name, value in settings if name in known or name not in options}
    return given, {name: value for name, value in settings if name not in given}


def _first(response: Any) -> Mapping[str, Any]:  # noqa: ANN401 - see Karrio
    """Return the raw answer to the only question; what went wrong inside the library's threads is raised here."""
    for each in response.value if isinstance(response.value, list) else []:
        if isinstance(each, Exception):
            raise each
    found = response.deserialize()
    entry = found[0] if isinstance(found, list) and found else {}
    raw = entry[1] if isinstance(entry, tuple) else entry
    return raw if isinstance(raw, Mapping) else {}


def _json_request(url: str, token: str, body: Mapping[str, Any]) -> Request:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return Request(url, msgspec.json.encode(body), headers, method="POST")  # noqa: S310 - sent by our own client


def _ups_errors(body: bytes) -> dict[str, str]:
    try:
        errors = msgspec.json.decode(body)["response"]["errors"]
        return {str(error["code"]): readable(str(error.get("message", ""))) for error in errors}
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
        return {}


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(readable(str(error)), getattr(error, "retry_after_s", None))
