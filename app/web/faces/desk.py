"""What the service desk and the floor office see: sign-in, the board, orders and their whole story."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from app.web.faces.shell import NO_PAGES, Chip, Column, Empty, FeedLag, Form, Frame, Link, Notice, Pager, Shell, Tone


@dataclass(frozen=True, slots=True)
class SignInPage:
    """`GET /sign-in`. `hints` shows sample logins on a demonstration house and is empty elsewhere."""

    template: ClassVar[str] = "staff/sign_in.html"
    frame: Frame
    form: Form
    notices: tuple[Notice, ...] = ()
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What happened, what we did, what to do; `reference` finds the request in the log."""

    template: ClassVar[str] = "error.html"
    frame: Frame
    status: int
    title: str
    what: str
    done: str
    advice: str
    links: tuple[Link, ...] = ()
    reference: str = ""


@dataclass(frozen=True, slots=True)
class CutOff:
    """A carrier's collection today: how long is left and how many parcels are not yet on its manifest."""

    carrier: str
    at: datetime
    open_parcels: int
    href: str
    tone: Tone
    risk: str


@dataclass(frozen=True, slots=True)
class StageCount:
    """Orders (or lines) waiting in one stage, and since when the oldest does."""

    label: str
    count: int
    href: str
    oldest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PackerAtScale:
    """What became of a packer's parcels at the scale: held ones were released on a word, or packed anew; and how
    many were weighed by typing.
    """

    packer: str
    weighed: int
    held: int
    released: int
    packed_anew: int
    typed: int = 0


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """A batch on the floor: lines done of all."""

    label: str
    href: str
    person: str
    stage: str
    done: int
    total: int
    cut_off_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LaneFill:
    """How much stands on a lane; weight in g."""

    code: str
    parcels: int
    weight_g: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class BoardPage:
    """`GET /board`. The first cut-off is the nearest one; its time left is the headline."""

    template: ClassVar[str] = "staff/board.html"
    frame: Frame
    shell: Shell
    cut_offs: tuple[CutOff, ...]
    backlog: tuple[StageCount, ...]
    batches: tuple[BatchProgress, ...]
    holds: tuple[StageCount, ...]
    feed: FeedLag
    scales: tuple[PackerAtScale, ...] = ()
    lanes: tuple[LaneFill, ...] = ()
    release_href: str = ""
    imports_href: str = ""
    refresh_s: int = 15


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One line of the order list; `state` is the derived header state's code."""

    label: str
    href: str
    merchant: str
    customer: str
    placed_at: datetime
    promised_at: datetime | None
    state: str
    units: int
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class OrderSearchPage:
    """`GET /orders`: sorted, filtered, a page at a time."""

    template: ClassVar[str] = "staff/orders.html"
    frame: Frame
    shell: Shell
    columns: tuple[Column, ...]
    rows: tuple[OrderRow, ...]
    stages: tuple[Chip, ...]
    filters: Form
    pager: Pager
    csv_href: str
    empty: Empty


@dataclass(frozen=True, slots=True)
class SayThis:
    """One paragraph that an agent can read aloud."""

    text: str
    tone: Tone = "info"


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One fact of the order's story with the link to its evidence."""

    at: datetime
    subject: str
    words: str
    tone: Tone = "plain"
    evidence: Link | None = None
    who: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value on a card."""

    label: str
    value: str
    href: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class OrderParcel:
    """A parcel of the order; `state` is a code that the template puts into words, unless `fate` says that it will not
    arrive. `serials` lead to the units in it that have serial numbers.
    """

    label: str
    state: str
    weight_g: int | None
    href: str = ""
    tracking_number: str = ""
    fate: str = ""
    serials: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderLine:
    """The quantity vector of one line: ordered = cancelled + everything still open. `replaces` is the SKU of the item
    in whose place it goes out.
    """

    sku: str
    name: str
    ordered: int
    cancelled: int = 0
    backordered: int = 0
    promised: int = 0
    allocated: int = 0
    picked: int = 0
    packed: int = 0
    shipped: int = 0
    delivered: int = 0
    returned: int = 0
    href: str = ""
    scheduled: int = 0
    replaces: str = ""
    pack_with: str = ""


@dataclass(frozen=True, slots=True)
class OrderHold:
    """A live hold, and the form that releases it for those who may."""

    reason: str
    since: datetime
    placed_by: str
    release: Form | None = None


@dataclass(frozen=True, slots=True)
class OrderWeight:
    """A parcel that weighs otherwise than its label says, in words, and where staff looks into it."""

    words: str
    next_step: str
    since: datetime
    where: Link


@dataclass(frozen=True, slots=True)
class OrderAction:
    """A button that opens its form in place. At most one action of a page is primary."""

    form: Form
    style: Literal["primary", "plain", "stop"] = "plain"


@dataclass(frozen=True, slots=True)
class OrderPage:
    """`GET /orders/{id}`: what to say, then the story, the customer, the parcels and the lines."""

    template: ClassVar[str] = "staff/order.html"
    frame: Frame
    shell: Shell
    label: str
    merchant: str
    state: str
    placed_at: datetime
    promised_words: str
    say: SayThis
    chips: tuple[Chip, ...]
    events: tuple[OrderEvent, ...]
    customer: tuple[Fact, ...]
    parcels: tuple[OrderParcel, ...]
    lines: tuple[OrderLine, ...]
    holds: tuple[OrderHold, ...] = ()
    actions: tuple[OrderAction, ...] = ()
    documents: tuple[Link, ...] = ()
    tracker_href: str = ""
    pager: Pager = NO_PAGES
    weights: tuple[OrderWeight, ...] = ()
