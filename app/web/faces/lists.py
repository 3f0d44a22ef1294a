"""The worklists: every one is a table with an empty state, filter chips, and forms that act on a row."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.delivery import DeliveryPanel
from app.web.faces.desk import Fact
from app.web.faces.shell import NO_PAGES, Chip, Column, Empty, Form, Frame, Link, Pager, Shell


@dataclass(frozen=True, slots=True)
class ParcelHold:
    """A parcel that the weight audit held: its likeliest cause and others, what should be in it, what its goods are
    worth and when they are promised, and the forms to act on it.
    """

    parcel: str
    order: Link
    held_at: datetime
    weighed_g: int
    expected_g: int
    tolerance_g: int
    cause: str
    others: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    value: str = ""
    promised: str = ""
    packer: str = ""
    release: Form | None = None
    reweigh: Form | None = None
    typed: str = ""


@dataclass(frozen=True, slots=True)
class ParcelHoldsPage:
    """`GET /holds`."""

    template: ClassVar[str] = "staff/holds.html"
    frame: Frame
    shell: Shell
    holds: tuple[ParcelHold, ...]
    empty: Empty
    at_stake: str = ""
    pager: Pager = NO_PAGES


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One carrier, one collection. `missing` parcels are labelled but were not scanned onto the lane."""

    label: str
    carrier: str
    state: str
    parcels: int
    missing: int
    cut_off_at: datetime
    weight_g: int
    close: Form | None = None
    files: tuple[Link, ...] = ()
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PullRow:
    """A parcel that the dock looks for before it is loaded, because units in it were cancelled."""

    parcel: str
    order: Link
    tracking_number: str
    reason: str
    asked_at: datetime
    pull: Form | None = None


@dataclass(frozen=True, slots=True)
class ManifestsPage:
    """`GET /manifests`; `links` are the pages beside it that the reader may open."""

    template: ClassVar[str] = "staff/manifests.html"
    frame: Frame
    shell: Shell
    rows: tuple[ManifestRow, ...]
    empty: Empty
    to_pull: tuple[PullRow, ...] = ()
    pager: Pager = NO_PAGES
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """A subscriber: how many messages wait, and whether it is paused after failures."""

    name: str
    url: str
    state: str
    waiting: int
    oldest_at: datetime | None = None
    action: Form | None = None
    href: str = ""
    secret: Form | None = None


@dataclass(frozen=True, slots=True)
class WebhookAttempt:
    """One delivery attempt; `status` is the HTTP status or the words of the failure."""

    message_id: str
    event_type: str
    endpoint: str
    at: datetime
    number: int
    state: str
    status: str
    duration_ms: int | None
    replay: Form | None = None
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WebhooksPage:
    """`GET /webhooks`: endpoints, their attempts, and a replay for each."""

    template: ClassVar[str] = "staff/webhooks.html"
    frame: Frame
    shell: Shell
    endpoints: tuple[WebhookEndpoint, ...]
    attempts: tuple[WebhookAttempt, ...]
    endpoints_empty: Empty
    attempts_empty: Empty
    chips: tuple[Chip, ...] = ()
    add: Form | None = None
    pager: Pager = NO_PAGES


@dataclass(frozen=True, slots=True)
class MessageRow:
    """An e-mail (or text) to a customer; `recipient` is masked for roles that may not read it."""

    at: datetime
    subject: str
    recipient: str
    channel: str
    state: str
    order: Link | None = None
    href: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """`GET /messages`."""

    template: ClassVar[str] = "staff/messages.html"
    frame: Frame
    shell: Shell
    rows: tuple[MessageRow, ...]
    empty: Empty
    chips: tuple[Chip, ...] = ()
    pager: Pager = NO_PAGES


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """A return authorization and where it stands."""

    label: str
    href: str
    order: Link
    state: str
    units: int
    reason: str
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class GradeTile:
    """A grade as a big choice: letter, meaning, and what will happen to the unit."""

    grade: str
    meaning: str
    disposition: str
    selected: bool = False


@dataclass(frozen=True, slots=True)
class ReturnInHand:
    """The unit on the bench: what it is, what the customer said, and the form that grades it.

    Before it is received there are no tiles, and `form` decides or receives; `forms` are the other ways on.
    """

    label: str
    item: str
    sku: str
    reason: str
    tiles: tuple[GradeTile, ...]
    form: Form | None
    facts: tuple[Fact, ...] = ()
    forms: tuple[Form, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnsPage:
    """`GET /returns`: the scan box, the unit in hand, the list of open returns."""

    template: ClassVar[str] = "staff/returns.html"
    frame: Frame
    shell: Shell
    scan: Form
    rows: tuple[ReturnRow, ...]
    empty: Empty
    in_hand: ReturnInHand | None = None
    chips: tuple[Chip, ...] = ()
    pager: Pager = NO_PAGES


@dataclass(frozen=True, slots=True)
class ItemRow:
    """Stock of one SKU at one site, in base units."""

    sku: str
    name: str
    href: str
    merchant: str
    on_hand: int
    reserved: int
    available: int
    weight_g: int | None


@dataclass(frozen=True, slots=True)
class ItemsPage:
    """`GET /items`: availability of each item."""

    template: ClassVar[str] = "staff/items.html"
    frame: Frame
    shell: Shell
    search: Form
    columns: tuple[Column, ...]
    rows: tuple[ItemRow, ...]
    empty: Empty
    chips: tuple[Chip, ...] = ()
    pager: Pager = NO_PAGES
    add: Link | None = None


@dataclass(frozen=True, slots=True)
class LocationStock:
    """What lies in one location."""

    location: str
    on_hand: int
    reserved: int
    counted_at: datetime | None = None
    lot: Link | None = None


@dataclass(frozen=True, slots=True)
class MovementRow:
    """One line of the append-only ledger; `quantity` is signed."""

    at: datetime
    reason: str
    quantity: int
    location: str
    who: str
    evidence: Link | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that the ledger does not come to, and the movements that can be why, the likeliest first."""

    words: str
    hint: str
    suspects: tuple[MovementRow, ...]
    empty: Empty


@dataclass(frozen=True, slots=True)
class AvailabilityPage:
    """`GET /items/{sku}`: where it lies, what may be sold, and the movements behind the figure."""

    template: ClassVar[str] = "staff/item.html"
    frame: Frame
    shell: Shell
    sku: str
    name: str
    facts: tuple[Fact, ...]
    figures: tuple[Fact, ...]
    locations: tuple[LocationStock, ...]
    movements: tuple[MovementRow, ...]
    locations_empty: Empty
    movements_empty: Empty
    adjust: Form | None = None
    pager: Pager = NO_PAGES
    differences: tuple[Difference, ...] = ()
    delivery: DeliveryPanel | None = None
    edit: Link | None = None
