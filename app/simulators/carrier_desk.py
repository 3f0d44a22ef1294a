import heapq
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from app.simulators.carrier_books import DeskRefusalError, Manifest, Shipment, check_parcel, cost_of
from app.simulators.carrier_codes import tracking_number
from app.simulators.carrier_journal import Entry, append_entry, read_journal, replace_journal
from app.simulators.carrier_model import CarrierModel, CarrierScan, Journey, Place, Push
from app.simulators.carrier_wire import Address, ManifestOrder, ShipmentOrder
from app.simulators.zones import zone_of

VOIDED_FOR = timedelta(days=1)


@dataclass(slots=True)
class CarrierDesk:
    """The carriers' books: labels, manifests, and pushes that are due. Safe for several threads.

    With a journal file the desk survives a restart: what was asked is replayed, and the model repeats its draws. What
    is handed over travels `pace` times faster than in life; that too is remembered for each manifest.
    """

    model: CarrierModel
    currency: str = "EUR"
    journal: Path | None = None
    pace: float = 1.0
    _shipments: dict[str, Shipment] = field(default_factory=dict)
    _numbers: dict[tuple[str, str], str] = field(default_factory=dict)
    _manifests: dict[tuple[str, str], Manifest] = field(default_factory=dict)
    _due: list[tuple[datetime, int, Push]] = field(default_factory=list)
    _sold: Counter[str] = field(default_factory=Counter)
    _planned: int = 0
    _listed: int = 0
    _pushed_until: datetime | None = None
    _repeats: set[str] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        if self.journal is not None and self.journal.exists():
            for entry in read_journal(self.journal):
                self._replay(entry)

    def create_shipment(self, order: ShipmentOrder, now: datetime) -> Shipment:
        """Sell a label, or return the one already sold for this carrier and reference. One with the shipper's own
        number is taken under that number.

        Raises:
            DeskRefusalError: 409 for another request under the same reference, or a number that another shipment has;
                422 for a parcel that is not taken.
        """
        with self._lock:
            known = self.find_shipment(order.carrier, order.reference)
            if known is not None:
                if not _is_same(known, order):
                    raise DeskRefusalError(409, "reference_reused", "The reference belongs to another shipment")
                return known
            check_parcel(order)
            if order.tracking_number in self._shipments:
                raise DeskRefusalError(
                    409, "number_taken", "The number belongs to another shipment", [order.tracking_number]
                )
            self._note(Entry(at=now, shipment=order, pace=self.pace))
            return self._book(order, now, self.pace)

    def find_shipment(self, carrier: str, reference: str) -> Shipment | None:
        """Return the shipment of a reference, if there is one."""
        number = self._numbers.get((carrier, reference))
        return self._shipments[number] if number else None

    def void(self, number: str, now: datetime) -> Shipment:
        """Take a label back; repeating it changes nothing.

        Raises:
            DeskRefusalError: 404 for an unknown number; 409 once the parcel is on a manifest.
        """
        with self._lock:
            shipment = self.shipment(number)
            if shipment.state == "manifested":
                raise DeskRefusalError(409, "already_manifested", "The parcel is on a manifest", [number])
            if shipment.state == "created":
                self._note(Entry(at=now, voided=number))
                self._shipments[number] = replace(shipment, state="voided")
            return self._shipments[number]

    def close_manifest(self, order: ManifestOrder, now: datetime) -> Manifest:
        """Acknowledge a list and start its parcels' journeys; all of them or none.

        Raises:
            DeskRefusalError: 409 for another list under the same reference; 422 naming the parcels that cannot go.
        """
        with self._lock:
            known = self._manifests.get((order.carrier, order.reference))
            if known is not None:
                if known.order != order:
                    raise DeskRefusalError(409, "reference_reused", "The reference belongs to another manifest")
                return known
            unfit = [number for number in order.tracking_numbers if not self._can_go(order.carrier, number)]
            if unfit or len(set(order.tracking_numbers)) < len(order.tracking_numbers):
                raise DeskRefusalError(
                    422, "unfit_parcels", "Parcels are unknown, voided, taken or listed twice", unfit
                )
            self._note(Entry(at=now, manifest=order, pace=self.pace))
            return self._start(order, now, self.pace)

    def find_manifest(self, carrier: str, reference: str) -> Manifest | None:
        """Return the manifest of a reference, if there is one."""
        return self._manifests.get((carrier, reference))

    def shipment(self, number: str) -> Shipment:
        """Return the shipment of a tracking number.

        Raises:
            DeskRefusalError: 404 where there is none.
        """
        try:
            return self._shipments[number]
        except KeyError as error:
            raise DeskRefusalError(404, "not_found", "There is no shipment with this number") from error

    def scans_until(self, number: str, now: datetime) -> tuple[CarrierScan, ...]:
        """Return what the carrier has scanned by `now`, in order of time."""
        return tuple(scan for scan in self.shipment(number).scans if scan.occurred_at <= now)

    def take_due(self, until: datetime) -> tuple[Push, ...]:
        """Return the pushes due by `until`, in the order in which they leave, and forget them."""
        with self._lock:
            due: list[Push] = []
            while self._due and self._due[0][0] <= until:
                due.append(heapq.heappop(self._due)[2])
            self._repeats.difference_update(push.scan.event_id for push in due)
            return tuple(due)

    def put_back(self, pushes: Sequence[Push], at: datetime) -> None:
        """Send pushes again at `at`."""
        with self._lock:
            for push in pushes:
                self._repeats.add(push.scan.event_id)
                self._plan(replace(push, sent_at=at))

    def note_pushed(self, until: datetime) -> None:
        """Remember that what was due by `until` was received, so that a restart does not send it again.

        Nothing is remembered while a push is still to be repeated: it would be forgotten with the rest.
        """
        with self._lock:
            if not self._repeats:
                self._pushed_until = until
                self._note(Entry(at=until, pushed_until=until))

    def forget_finished(self, now: datetime) -> int:
        """Forget the parcels of which nothing is left to tell, here and in the journal, and return how many.

        A desk that works for days stays as small as what is under way. Voided labels are kept for a day, since the
        shipper may ask for them again. Nothing is forgotten while a push is still to be repeated.
        """
        with self._lock:
            finished = [] if self._repeats else self._finished(now)
            for number in finished:
                order = self._shipments.pop(number).order
                del self._numbers[order.carrier, order.reference]
            alive = self._shipments.keys()
            self._manifests = {
                key: manifest
                for key, manifest in self._manifests.items()
                if not alive.isdisjoint(manifest.order.tracking_numbers)
            }
            if self.journal is not None and finished:
                replace_journal(self.journal, self._entries(now))
            return len(finished)

    def _finished(self, now: datetime) -> list[str]:
        coming = {push.scan.tracking_number for _, _, push in self._due}
        over = {"manifested": now, "voided": now - VOIDED_FOR}
        return [
            number
            for number, shipment in self._shipments.items()
            if number not in coming and shipment.state in over and shipment.created_at < over[shipment.state]
        ]

    def _entries(self, now: datetime) -> Iterator[Entry]:
        yield Entry(at=now, sold=dict(self._sold), manifests=self._listed)
        for number, shipment in self._shipments.items():
            yield Entry(at=shipment.created_at, shipment=shipment.order, pace=self.pace, number=number)
            if shipment.state == "voided":
                yield Entry(at=shipment.created_at, voided=number)
        for manifest in self._manifests.values():
            at, order, reference = manifest.handed_over_at, manifest.order, manifest.carrier_reference
            yield Entry(at=at, manifest=order, pace=manifest.pace, number=reference)
        if self._pushed_until is not None:
            yield Entry(at=self._pushed_until, pushed_until=self._pushed_until)

    def _book(self, order: ShipmentOrder, now: datetime, pace: float, number: str = "") -> Shipment:
        number = number or order.tracking_number or tracking_number(order.carrier, self._next_serial(order.carrier))
        cost, currency = cost_of(order, self.currency)
        announcement = self.model.announcement(_journey(order, number, now), now)
        shipment = Shipment(order, number, cost, currency, now, scans=(announcement,))
        self._shipments[number] = shipment
        self._numbers[order.carrier, order.reference] = number
        self._plan_all(self.model.pushes([announcement], pace))
        return shipment

    def _start(self, order: ManifestOrder, now: datetime, pace: float, reference: str = "") -> Manifest:
        handed_over_at = order.handed_over_at or now
        for number in order.tracking_numbers:
            shipment = self._shipments.get(number)
            if shipment is None:
                continue  # It came to its end and was forgotten, while others of the list are still under way.
            journey = replace(_journey(shipment.order, number, handed_over_at), pace=pace)
            scans = self.model.history(journey)
            self._shipments[number] = replace(shipment, state="manifested", scans=shipment.scans + scans)
            self._plan_all(self.model.pushes(scans, pace))
        self._listed += not reference
        reference = reference or f"{order.carrier[:2].upper()}M{self._listed:07d}"
        manifest = Manifest(order, reference, handed_over_at, pace)
        self._manifests[order.carrier, order.reference] = manifest
        return manifest

    def _can_go(self, carrier: str, number: str) -> bool:
        shipment = self._shipments.get(number)
        return shipment is not None and shipment.order.carrier == carrier and shipment.state == "created"

    def _next_serial(self, carrier: str) -> int:
        # The seed moves the range, so that two simulations do not hand out the same numbers.
        self._sold[carrier] += 1
        return self.model.seed % 90 * 1_000_000 + self._sold[carrier]

    def _plan_all(self, pushes: Sequence[Push]) -> None:
        for push in pushes:
            self._plan(push)

    def _plan(self, push: Push) -> None:
        self._planned += 1
        heapq.heappush(self._due, (push.sent_at.astimezone(UTC), self._planned, push))

    def _note(self, entry: Entry) -> None:
        if self.journal is not None:
            append_entry(self.journal, entry)

    def _replay(self, entry: Entry) -> None:
        if entry.shipment is not None:
            self._book(entry.shipment, entry.at, entry.pace, entry.number)
        elif entry.manifest is not None:
            self._start(entry.manifest, entry.at, entry.pace, entry.number)
        elif entry.voided:
            self._shipments[entry.voided] = replace(self._shipments[entry.voided], state="voided")
        elif entry.pushed_until is not None:
            self._pushed_until = entry.pushed_until
            self.take_due(entry.pushed_until)
        elif entry.sold is not None:
            self._sold.update(entry.sold)
            self._listed = entry.manifests


def _is_same(known: Shipment, order: ShipmentOrder) -> bool:
    """Say whether an order asks again for a shipment, whose number it may name."""
    same = msgspec.structs.replace(order, tracking_number=known.order.tracking_number) == known.order
    return same and order.tracking_number in ("", known.tracking_number)


def _journey(order: ShipmentOrder, number: str, handed_over_at: datetime) -> Journey:
    return Journey(
        carrier=order.carrier,
        tracking_number=number,
        service=order.service,
        origin=_place(order.ship_from),
        destination=_place(order.ship_to),
        handed_over_at=handed_over_at,
    )


def _place(address: Address) -> Place:
    return Place(address.city, address.region, address.country, zone_of(address.country, address.region))
