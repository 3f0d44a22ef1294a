"""Carriers that speak our JSON API, over HTTP without hidden retries."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TypeVar
from urllib.parse import quote

import httpx
import msgspec

from kernel.money import Money
from shipping.gateways.carrier_webhooks import MalformedTrackingError, WireScan
from shipping.gateways.carriers import (
    CarrierAddress,
    LabelRequest,
    ManifestAcknowledged,
    ManifestOutcome,
    ManifestRequest,
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

TIMEOUT = httpx.Timeout(10.0, connect=3.0, pool=2.0)

_OK = range(200, 300)
_REFUSED = range(400, 500)
# Turned away before it was looked at; a wrong key (401, 403) is for the operator to mend, not a verdict on the parcel.
_TURNED_AWAY = frozenset({401, 403, 408, 429, 503})
# Before anything was sent; every other failure of the transport leaves the outcome open.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

T = TypeVar("T")


class _Label(msgspec.Struct, frozen=True):
    tracking_number: str
    cost_minor: int
    currency: str
    state: str


class _Manifest(msgspec.Struct, frozen=True):
    carrier_reference: str


class _Tracking(msgspec.Struct, frozen=True):
    carrier: str
    events: list[WireScan]


class _Problem(msgspec.Struct, frozen=True):
    code: str = "refused"
    detail: str = ""
    tracking_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HttpCarrier:
    """A carrier's JSON API.

    A purchase, void or manifest whose answer did not arrive is looked up by its reference before it is reported as
    unknown; the carrier keeps to one effect for each reference, so a repetition is safe as well.

    Attributes:
        client: has the carrier's base URL, timeouts and bearer token; see :func:`carrier_client`.
    """

    client: httpx.Client

    def purchase_label(self, request: LabelRequest) -> PurchaseOutcome:
        """Buy a label, or find the one that was bought when the answer went missing."""
        return self._ship(request, _label_json(request))

    def register_label(self, request: LabelRequest, tracking_number: str) -> PurchaseOutcome:
        """Tell of a label under our own number, or find it told when the answer went missing."""
        return self._ship(request, _label_json(request) | {"tracking_number": tracking_number})

    def void_label(self, *, carrier: str, reference: str, tracking_number: str) -> VoidOutcome:
        """Take a label back."""
        answer = self._call("POST", f"/shipments/{quote(tracking_number, safe='')}/void", _Label)
        if isinstance(answer, UnknownOutcome):
            answer = self._look_up("/shipments", carrier, reference, _Label, answer)
        if not isinstance(answer, _Label):
            return answer
        if answer.state != "voided":
            return Unavailable("The label is not voided yet")
        return Voided(answer.tracking_number)

    def transmit_manifest(self, request: ManifestRequest) -> ManifestOutcome:
        """Hand over a list."""
        answer = self._call("POST", "/manifests", _Manifest, json=_manifest_json(request))
        if isinstance(answer, UnknownOutcome):
            answer = self._look_up("/manifests", request.carrier, request.reference, _Manifest, answer)
        return ManifestAcknowledged(answer.carrier_reference) if isinstance(answer, _Manifest) else answer

    def fetch_tracking(self, *, carrier: str, tracking_number: str) -> TrackingOutcome:
        """Ask for the scans of a parcel; asking has no effect, so a missing answer is only a delay."""
        answer = self._call("GET", f"/tracking/{quote(tracking_number, safe='')}", _Tracking)
        if isinstance(answer, UnknownOutcome):
            return Unavailable(answer.detail)
        if not isinstance(answer, _Tracking):
            return answer
        try:
            return TrackingHistory(tuple(event.scan(carrier) for event in answer.events))
        except MalformedTrackingError as error:
            return Unavailable(str(error))

    def _ship(self, request: LabelRequest, document: dict[str, object]) -> PurchaseOutcome:
        answer = self._call("POST", "/shipments", _Label, json=document)
        if isinstance(answer, UnknownOutcome):
            answer = self._look_up("/shipments", request.carrier, request.reference, _Label, answer)
        if isinstance(answer, _Label):
            return Purchased(answer.tracking_number, Money(answer.cost_minor, answer.currency))
        return answer

    def _look_up(
        self, path: str, carrier: str, reference: str, form: type[T], unknown: UnknownOutcome
    ) -> T | Refused | Unavailable | UnknownOutcome:
        found = self._call("GET", path, form, params={"carrier": carrier, "reference": reference})
        if isinstance(found, Refused) and found.code == "not_found":
            return Unavailable(f"{unknown.detail}; the carrier does not know the reference")
        return unknown if isinstance(found, Refused | Unavailable | UnknownOutcome) else found

    def _call(
        self,
        method: str,
        path: str,
        form: type[T],
        *,
        json: dict[str, object] | None = None,
        params: dict[str, str] | None = None,
    ) -> T | Refused | Unavailable | UnknownOutcome:
        try:
            response = self.client.request(method, path, json=json, params=params)
        except _NOT_SENT as error:
            return Unavailable(type(error).__name__)
        except httpx.TransportError as error:
            return UnknownOutcome(type(error).__name__)
        return _read(response, form)


def carrier_client(
    base_url: str,
    api_key: str,
    *,
    timeout: httpx.Timeout = TIMEOUT,
    transport: httpx.BaseTransport | None = None,
) -> httpx.Client:
    """Return a client for a carrier: explicit timeouts, no redirects, no proxies of the environment, no retries."""
    return httpx.Client(
        base_url=base_url,
        headers={"authorization": f"Bearer {api_key}"},
        timeout=timeout,
        transport=transport,
        trust_env=False,
    )


def _read(response: httpx.Response, form: type[T]) -> T | Refused | Unavailable | UnknownOutcome:
    status = response.status_code
    if status in _TURNED_AWAY:
        after = response.headers.get("retry-after", "")
        return Unavailable(f"status {status}", int(after[:6]) if after.isascii() and after.isdigit() else None)
    if status in _REFUSED:
        return _refused(response)
    if status not in _OK:
        return UnknownOutcome(f"status {status}")
    try:
        return msgspec.json.decode(response.content, type=form)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return UnknownOutcome("The answer cannot be read")


def _refused(response: httpx.Response) -> Refused:
    try:
        problem = msgspec.json.decode(response.content, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = _Problem(code=f"status_{response.status_code}")
    return Refused(problem.code, problem.detail[:500], problem.tracking_numbers)


def _label_json(request: LabelRequest) -> dict[str, object]:
    return {
        "reference": request.reference,
        "carrier": request.carrier,
        "service": request.service,
        "weight_g": request.weight_g,
        "length_mm": request.length_mm,
        "width_mm": request.width_mm,
        "height_mm": request.height_mm,
        "ship_from": _address_json(request.ship_from),
        "ship_to": _address_json(request.ship_to),
        "quote": {"amount_minor": request.quote.minor, "currency": request.quote.currency},
    }


def _address_json(address: CarrierAddress) -> dict[str, str]:
    return {name: value for name, value in asdict(address).items() if name != "phone"}


def _manifest_json(request: ManifestRequest) -> dict[str, object]:
    return {
        "reference": request.reference,
        "carrier": request.carrier,
        "ship_date": _iso(request.ship_date),
        "tracking_numbers": list(request.tracking_numbers),
        "handed_over_at": _iso(request.handed_over_at) if request.handed_over_at else None,
    }


def _iso(moment: date | datetime) -> str:
    return moment.isoformat()
