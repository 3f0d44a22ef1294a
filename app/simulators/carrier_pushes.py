import hashlib
import hmac
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import msgspec

from app.simulators.carrier_desk import CarrierDesk
from app.simulators.carrier_model import CarrierScan, Push

SIGNATURE_HEADER = "carrier-signature"
EVENT_ID_HEADER = "carrier-event-id"
BATCH = 20
REPEAT_AFTER = timedelta(minutes=5)
_OK = range(200, 300)

Poster = Callable[[bytes, dict[str, str]], bool]


def wall_clock() -> datetime:
    """Return the real time: signatures are about when a message was sent, not about the simulated day."""
    return datetime.now(UTC)


@dataclass(slots=True)
class VirtualClock:
    """The simulated time: it runs at `speed` times real time from `start`, and jumps ahead on request."""

    start: datetime
    speed: float = 0.0
    _began: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """Return the simulated time."""
        return self.start + timedelta(seconds=(time.monotonic() - self._began) * self.speed)

    def advance(self, to: datetime) -> datetime:
        """Go on to `to`, or stay where that has passed; return the time that holds then."""
        if to > self.now():
            self.start, self._began = to, time.monotonic()
        return self.now()


@dataclass(slots=True)
class CarrierSimulator:
    """The desk, its clock, and the sending of what is due.

    Attributes:
        post: sends a body with headers to the shipper and says whether it was received (any 2xx).
        secret: signs the pushes.
        signing_clock: the time in the signatures; a simulation in one process gives its own.
        repeat_after: how long, in the simulator's time, until what was not received is sent again.
    """

    desk: CarrierDesk
    clock: VirtualClock
    post: Poster
    secret: str
    signing_clock: Callable[[], datetime] = wall_clock
    repeat_after: timedelta = REPEAT_AFTER
    _sending: threading.Lock = field(default_factory=threading.Lock)

    def advance(self, to: datetime) -> int:
        """Move the clock to `to` and send everything due by then; return the number of scans received.

        What the shipper does not take is repeated after `repeat_after`.
        """
        with self._sending:
            now = self.clock.advance(to)
            received = 0
            while due := self.desk.take_due(now):
                received += sum(self._send(batch, now) for batch in _batches(due))
            if received:
                self.desk.note_pushed(now)
            return received

    def _send(self, batch: Sequence[Push], now: datetime) -> int:
        body = push_body([push.scan for push in batch])
        if self.post(body, push_headers(body, self.secret, self.signing_clock())):
            return len(batch)
        self.desk.put_back(batch, now + self.repeat_after)
        return 0


def push_body(scans: Sequence[CarrierScan]) -> bytes:
    """Write scans of one carrier as the body of a push."""
    events = [describe(scan) for scan in scans]
    names = "".join(scan.event_id for scan in scans)
    push_id = f"cpu_{hashlib.sha256(names.encode()).hexdigest()[:24]}"
    return msgspec.json.encode({"id": push_id, "carrier": scans[0].carrier, "events": events})


def describe(scan: CarrierScan) -> dict[str, object]:
    """Write a scan as the API and the pushes show it: raw code, local time with offset, town but no address."""
    return {
        "event_id": scan.event_id,
        "tracking_number": scan.tracking_number,
        "code": scan.code,
        "description": scan.text,
        "occurred_at": scan.occurred_at.isoformat(),
        "location": {"city": scan.place.city, "region": scan.place.region, "country": scan.place.country},
    }


def push_headers(body: bytes, secret: str, at: datetime) -> dict[str, str]:
    """Sign `body` as sent at `at`: hex HMAC-SHA256 over the time, a dot, and the raw bytes."""
    seconds = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "content-type": "application/json",
        EVENT_ID_HEADER: msgspec.json.decode(body)["id"],
        SIGNATURE_HEADER: f"t={seconds},v1={digest}",
    }


def http_poster(client: httpx.Client, url: str) -> Poster:
    """Return a poster that sends to `url`; a shipper that does not answer has not received."""

    def post(body: bytes, headers: dict[str, str]) -> bool:
        try:
            return client.post(url, content=body, headers=headers).status_code in _OK
        except httpx.TransportError:
            return False

    return post


def _batches(pushes: Sequence[Push]) -> Iterator[Sequence[Push]]:
    for _, group in itertools.groupby(pushes, key=lambda push: push.scan.carrier):
        same_carrier = list(group)
        for start in range(0, len(same_carrier), BATCH):
            yield same_carrier[start : start + BATCH]
