"""A simulated UPS: log-in, rating, shipping, label recovery, voids and tracking, as its REST API speaks them.

Run it with ``uvicorn app.simulators.ups:create_ups_app --factory``. `PUT /simulator/faults` sets what goes wrong next,
`POST /simulator/scans` scans a parcel.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.simulators.account_faults import AccountFaults, Count
from app.simulators.hangups import Hangup
from app.simulators.ups_books import UpsBooks, UpsScan, UpsShipment, price, services
from app.simulators.ups_refusals import UpsRefusalError

CLIENT_ID, CLIENT_SECRET = "client", "client-secret"
_LIFE_S = 14_399
_TOKEN = "simulated-token"  # noqa: S105 - a simulation's
_STOCK = {"Response": {"ResponseStatus": {"Code": "1", "Description": "Success"}, "TransactionReference": {}}}


class UpsFaults(AccountFaults):
    """What goes wrong besides.

    Attributes:
        blind: label recovery fails with 500.
        lag: label recovery does not find what was sold, as before UPS's index has it.
    """

    blind: Count = 0
    lag: Count = 0


class UpsDesk:
    """The API's handlers over one set of books."""

    def __init__(self, books: UpsBooks | None = None) -> None:
        self.books = books or UpsBooks()
        self.faults = UpsFaults()
        self.log_ins = 0

    async def log_in(self, request: Request) -> Response:
        """Give a token for the client's id and secret."""
        given = request.headers.get("authorization", "").removeprefix("Basic ")
        if given != base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode():
            raise UpsRefusalError(401, "10401", "ClientId is Invalid")
        self.log_ins += 1
        issued = str(int(datetime.now(UTC).timestamp() * 1000))
        return JSONResponse(
            {"token_type": "Bearer", "issued_at": issued, "client_id": CLIENT_ID, "access_token": _TOKEN,
             "expires_in": str(_LIFE_S), "status": "approved"}
        )  # fmt: skip

    async def rate(self, request: Request) -> Response:
        """Price a package by every service."""
        shipment = (await _body(request))["RateRequest"]["Shipment"]
        packages = shipment["Package"]
        package = packages[0] if isinstance(packages, list) else packages
        offers = [_rated(code, price(code, package)) for code in services()]
        return JSONResponse({"RateResponse": {**_STOCK, "RatedShipment": offers}})

    async def ship(self, request: Request) -> Response:
        """Sell a shipment, with the faults that are set."""
        body = await _body(request)
        if self.faults.take("fail_before"):
            return Response("Internal error", 500)
        sold = self.books.ship(body)
        if self.faults.take("fail_after"):
            return Response("Internal error", 500)
        if self.faults.take("garble_after"):
            return Response("<html>accepted</html>", 200, media_type="text/html")
        if self.faults.take("lose_after"):
            return Hangup()
        return JSONResponse({"ShipmentResponse": {**_STOCK, "ShipmentResults": _sold(sold)}})

    async def recover(self, request: Request) -> Response:
        """Give the label that has a reference."""
        asked = (await _body(request))["LabelRecoveryRequest"]["ReferenceValues"]
        if self.faults.take("blind"):
            return Response("Internal error", 500)
        found = self.books.find("" if self.faults.take("lag") else asked["ReferenceNumber"]["Value"])
        label = {"LabelImageFormat": {"Code": "gif"}, "GraphicImage": found.picture}
        result = {"TrackingNumber": found.number, "LabelImage": label}
        answer = {**_STOCK, "ShipmentIdentificationNumber": found.number, "LabelResults": [result]}
        return JSONResponse({"LabelRecoveryResponse": answer})

    async def void(self, request: Request) -> Response:
        """Take a shipment back."""
        self.books.void(request.path_params["number"])
        status = {"Status": {"Code": "1", "Description": "Voided"}}
        return JSONResponse({"VoidShipmentResponse": {**_STOCK, "SummaryResult": status}})

    async def track(self, request: Request) -> Response:
        """Tell the scans of a package, the newest first."""
        number = request.path_params["number"]
        shipment = self.books.shipment(number, "TW0001", "Tracking Information Not Found")
        activity = [_activity(scan) for scan in sorted(shipment.scans, key=lambda scan: scan.at, reverse=True)]
        package = {"trackingNumber": number, "deliveryDate": [], "activity": activity, "packageCount": 1}
        shipments = [{"inquiryNumber": number, "package": [package]}]
        return JSONResponse({"trackResponse": {"shipment": shipments}})

    async def set_faults(self, request: Request) -> Response:
        """Set what goes wrong from now on."""
        self.faults = msgspec.json.decode(await request.body(), type=UpsFaults)
        return JSONResponse(msgspec.to_builtins(self.faults))

    async def scan(self, request: Request) -> Response:
        """Scan a parcel: `tracking_number` and the fields of a scan."""
        body = await _body(request)
        shipment = self.books.shipment(body.pop("tracking_number"), "TW0001", "Tracking Information Not Found")
        shipment.scans.append(msgspec.convert(body, UpsScan))
        return Response(status_code=204)

    def counter(self, handler: Callable[[Request], Awaitable[Response]], *, is_open: bool = False) -> Any:  # noqa: ANN401 - Starlette's endpoint
        """Put the token, the faults of every request and UPS's form of refusals around a handler."""

        async def answer(request: Request) -> Response:
            try:
                if not is_open and request.headers.get("authorization") != f"Bearer {_TOKEN}":
                    raise UpsRefusalError(401, "250002", "Invalid Authentication Information.")
                if not is_open and self.faults.take("busy"):
                    return Response(status_code=503, headers={"retry-after": "7"})
                given = await handler(request)
                await asyncio.sleep(self.faults.hold_s)
            except UpsRefusalError as refusal:
                error = {"code": refusal.code, "message": refusal.message}
                return JSONResponse({"response": {"errors": [error]}}, refusal.status)
            return given

        return answer


def create_ups_app(desk: UpsDesk | None = None) -> Starlette:
    """Build the HTTP shell around a desk, a new one with empty books where none is given."""
    desk = desk or UpsDesk()
    return Starlette(
        routes=[
            Route("/security/v1/oauth/token", desk.counter(desk.log_in, is_open=True), methods=["POST"]),
            Route("/api/rating/{version}/Shop", desk.counter(desk.rate), methods=["POST"]),
            Route("/api/shipments/{version}/ship", desk.counter(desk.ship), methods=["POST"]),
            Route("/api/labels/{version}/recovery", desk.counter(desk.recover), methods=["POST"]),
            Route("/api/shipments/{version}/void/cancel/{number}", desk.counter(desk.void), methods=["DELETE"]),
            Route("/api/track/v1/details/{number}", desk.counter(desk.track), methods=["GET"]),
            Route("/simulator/faults", desk.counter(desk.set_faults, is_open=True), methods=["PUT"]),
            Route("/simulator/scans", desk.counter(desk.scan, is_open=True), methods=["POST"]),
        ]
    )


async def _body(request: Request) -> dict[str, Any]:
    try:
        found: dict[str, Any] = msgspec.json.decode(await request.body())
    except msgspec.DecodeError as error:
        raise UpsRefusalError(400, "9000", "The request is not well-formed") from error
    return found


def _sold(shipment: UpsShipment) -> Mapping[str, Any]:
    total = {"CurrencyCode": shipment.currency, "MonetaryValue": f"{shipment.cost_minor / 100:.2f}"}
    published = {**total, "MonetaryValue": f"{shipment.cost_minor * 1.3 / 100:.2f}"}
    image = {
        "ImageFormat": {"Code": "ZPL" if shipment.is_zpl else "GIF", "Description": "label"},
        "GraphicImage": shipment.picture,
    }
    return {
        "ShipmentCharges": {"TransportationCharges": published, "TotalCharges": published},
        "NegotiatedRateCharges": {"TotalCharge": total},
        "ShipmentIdentificationNumber": shipment.number,
        "PackageResults": [{"TrackingNumber": shipment.number, "ShippingLabel": image}],
    }


def _rated(code: str, cost_minor: int) -> Mapping[str, Any]:
    charge = {"CurrencyCode": "EUR", "MonetaryValue": f"{cost_minor / 100:.2f}"}
    nothing = {"CurrencyCode": "EUR", "MonetaryValue": "0.00"}
    return {
        "Service": {"Code": code}, "TransportationCharges": charge, "BaseServiceCharge": charge,
        "ServiceOptionsCharges": nothing, "TotalCharges": charge, "ItemizedCharges": [], "TaxCharges": [],
    }  # fmt: skip


def _activity(scan: UpsScan) -> Mapping[str, Any]:
    at = scan.at.astimezone(UTC)
    local = at + timedelta(minutes=scan.offset_minutes)
    sign = "-" if scan.offset_minutes < 0 else "+"
    hours, minutes = divmod(abs(scan.offset_minutes), 60)
    return {
        "location": {"address": {"city": scan.city, "countryCode": scan.country, "country": scan.country}},
        "status": {"type": scan.type, "code": scan.code, "description": scan.description},
        "date": f"{local:%Y%m%d}", "time": f"{local:%H%M%S}", "gmtDate": f"{at:%Y%m%d}", "gmtTime": f"{at:%H:%M:%S}",
        "gmtOffset": f"{sign}{hours:02d}:{minutes:02d}",
    }  # fmt: skip
