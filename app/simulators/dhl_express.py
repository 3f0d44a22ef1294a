"""A simulated DHL Express: prices, shipments and tracking, as its XML services speak them at one address.

Run it with ``uvicorn app.simulators.dhl_express:create_dhl_app --factory``. `PUT /simulator/faults` sets what goes
wrong next. As with the real one, nothing finds a shipment by our reference and nothing takes a label back.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring, tostring

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.simulators.account_faults import AccountFaults
from app.simulators.dhl_express_books import DhlBooks, DhlScan, DhlShipment, price, products
from app.simulators.dhl_express_customs import DhlRefusalError, text_of
from app.simulators.hangups import Hangup

SITE_ID, PASSWORD = "site", "site-secret"
_SPACE = "http://www.dhl.com"


class DhlDesk:
    """The services over one set of books."""

    def __init__(self, books: DhlBooks | None = None) -> None:
        self.books = books or DhlBooks()
        self.faults = AccountFaults()

    async def serve(self, request: Request) -> Response:
        """Answer a request by its root's name; a refusal is an answer with status 200 too, as at DHL."""
        if self.faults.take("busy"):
            return Response(status_code=503, headers={"retry-after": "7"})
        try:
            answer = self._answer(_read(await request.body()))
        except DhlRefusalError as refusal:
            answer = _xml(_refused(refusal))
        await asyncio.sleep(self.faults.hold_s)
        return answer

    def ship(self, asked: Element) -> Response:
        """Sell a shipment, with the faults that are set."""
        if self.faults.take("fail_before"):
            return Response("Internal error", 500)
        sold = self.books.ship(asked)
        if self.faults.take("fail_after"):
            return Response("Internal error", 500)
        if self.faults.take("garble_after"):
            return Response("accepted", 200, media_type="text/plain")
        if self.faults.take("lose_after"):
            return Hangup()
        return _xml(_sold(sold))

    def rate(self, asked: Element) -> Response:
        """Price a piece by every product."""
        weight = float(text_of(asked, "GetQuote/BkgDetails/ShipmentWeight"))
        root = _root("DCTResponse")
        details = SubElement(SubElement(root, "GetQuoteResponse"), "BkgDetails")
        for product in products():
            _offer(SubElement(details, "QtdShp"), product, price(product, weight))
        return _xml(root)

    def track(self, asked: Element) -> Response:
        """Tell the checkpoints of a shipment, the oldest first."""
        number, root = text_of(asked, "AWBNumber"), _root("TrackingResponse")
        found, info = self.books.shipments.get(number), SubElement(root, "AWBInfo")
        _fill(info, AWBNumber=number)
        status = SubElement(info, "Status")
        _fill(status, ActionStatus="success" if found else "No Shipments Found")
        if found is None:
            _fill(SubElement(status, "Condition"), ConditionCode="209", ConditionData=f"No Shipments Found {number}")
            return _xml(root)
        shipment = SubElement(info, "ShipmentInfo")
        for scan in sorted(found.scans, key=lambda each: each.at):
            _checkpoint(SubElement(shipment, "ShipmentEvent"), scan)
        return _xml(root)

    async def set_faults(self, request: Request) -> Response:
        """Set what goes wrong from now on."""
        self.faults = msgspec.json.decode(await request.body(), type=AccountFaults)
        return Response(msgspec.json.encode(self.faults), media_type="application/json")

    def _answer(self, asked: Element) -> Response:
        services: dict[str, Callable[[Element], Response]] = {
            "ShipmentRequest": self.ship, "DCTRequest": self.rate, "KnownTrackingRequest": self.track,
        }  # fmt: skip
        name = asked.tag.removeprefix(f"{{{_SPACE}}}")
        if name not in services:
            raise DhlRefusalError("100", "The request is not known")
        head = "Request/ServiceHeader" if name != "DCTRequest" else "GetQuote/Request/ServiceHeader"
        if (text_of(asked, f"{head}/SiteID"), text_of(asked, f"{head}/Password")) != (SITE_ID, PASSWORD):
            raise DhlRefusalError("PI001", "The site id or its password is wrong")
        return services[name](asked)


def create_dhl_app(desk: DhlDesk | None = None) -> Starlette:
    """Build the HTTP shell around a desk, a new one with empty books where none is given."""
    desk = desk or DhlDesk()
    return Starlette(
        routes=[
            Route("/XMLShippingServlet", desk.serve, methods=["POST"]),
            Route("/simulator/faults", desk.set_faults, methods=["PUT"]),
        ]
    )


def _read(body: bytes) -> Element:
    """Read a request; DHL's schema takes no element that is empty."""
    try:
        root = fromstring(body)  # noqa: S314 - a simulation's, asked by our own client
    except ParseError as error:
        raise DhlRefusalError("111", "Error in parsing the request's XML") from error
    for each in root.iter():
        if len(each) == 0 and not (each.text or "").strip():
            raise DhlRefusalError("111", f"Error in parsing the request's XML: {each.tag} is empty")
    return root


def _root(name: str) -> Element:
    return Element(f"{{{_SPACE}}}{name}")


def _fill(element: Element, **texts: str) -> None:
    for name, text in texts.items():
        SubElement(element, name).text = text


def _xml(root: Element) -> Response:
    return Response(tostring(root, encoding="utf-8", xml_declaration=True), media_type="text/xml")


def _refused(refusal: DhlRefusalError) -> Element:
    root = _root("ShipmentValidateErrorResponse")
    status = SubElement(SubElement(root, "Response"), "Status")
    _fill(status, ActionStatus="Error")
    _fill(SubElement(status, "Condition"), ConditionCode=refusal.code, ConditionData=refusal.message)
    return root


def _sold(shipment: DhlShipment) -> Element:
    root = _root("ShipmentResponse")
    _fill(SubElement(root, "Note"), ActionNote="Success")
    charge = f"{shipment.cost_minor / 100:.2f}"
    _fill(root, AirwayBillNumber=shipment.number, CurrencyCode=shipment.currency, ShippingCharge=charge,
          PackageCharge=charge)  # fmt: skip
    label = SubElement(root, "LabelImage")
    _fill(label, OutputFormat="ZPL2" if shipment.is_zpl else "PDF", OutputImage=shipment.picture)
    return root


def _offer(offer: Element, product: str, cost_minor: int) -> None:
    charge, today = f"{cost_minor / 100:.2f}", datetime.now(UTC)
    arrives = SubElement(offer, "DeliveryDate")
    _fill(arrives, DeliveryType="QDDC", DlvyDateTime=f"{today + timedelta(days=2):%Y-%m-%d} 23:59:00")
    _fill(offer, GlobalProductCode=product, LocalProductCode=product, LocalProductName="EXPRESS", CurrencyCode="EUR",
          WeightCharge=charge, PricingDate=f"{today:%Y-%m-%d}", ShippingCharge=charge)  # fmt: skip


def _checkpoint(event: Element, scan: DhlScan) -> None:
    _fill(event, Date=f"{scan.at:%Y-%m-%d}", Time=f"{scan.at:%H:%M:%S}")
    _fill(SubElement(event, "ServiceEvent"), EventCode=scan.code, Description=scan.description)
    _fill(SubElement(event, "ServiceArea"), ServiceAreaCode=scan.city[:3].upper(), Description=scan.city)
