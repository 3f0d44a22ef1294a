"""What every page shares: the clock it is read by, the staff header, forms, tables and notices."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Tone = Literal["ok", "warn", "stop", "info", "muted", "plain"]
FieldKind = Literal[
    "text", "search", "email", "password", "number", "select", "textarea", "checkbox", "radio", "file", "date", "hidden"
]
Sorted = Literal["ascending", "descending"]
Role = Literal["picker", "packer", "service", "manager", "admin", "merchant"]


@dataclass(frozen=True, slots=True)
class Frame:
    """The moment and the place a page is read at: `now` in UTC, `zone` as an IANA name such as Europe/London."""

    now: datetime
    zone: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence above the page: the outcome of the last action, or a fact that changes how to read the page."""

    tone: Tone
    text: str
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Empty:
    """Stands where rows would: what will appear here, and how to make it happen."""

    what: str
    how: str
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select or radio field."""

    value: str
    label: str
    selected: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One labelled input. `error` says what is wrong and what to enter instead; `first` has the focus: what a scanner
    types goes there without a touch. A `picture` is a file that comes from the device's camera, where it has one.
    """

    name: str
    label: str
    kind: FieldKind = "text"
    value: str = ""
    hint: str = ""
    error: str = ""
    options: tuple[Option, ...] = ()
    required: bool = False
    autocomplete: str = ""
    inputmode: str = ""
    maximum: int | None = None
    checked: bool = False
    first: bool = False
    picture: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A form that works as a plain POST (or GET for searches).

    Every POST carries a fresh `op_id`, so that a repeated submission is the same operation, and `csrf_token` if given.
    """

    action: str
    submit: str
    fields: tuple[Field, ...] = ()
    title: str = ""
    intro: str = ""
    tone: Literal["primary", "plain", "stop"] = "primary"
    method: Literal["post", "get"] = "post"
    csrf_token: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A table heading; `sort_href` makes it a link that sorts by it."""

    label: str
    numeric: bool = False
    sort_href: str = ""
    sorted: Sorted | None = None
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Pager:
    """Cursor links to the neighboring pages, and words such as "1 to 50 of 4,000"."""

    summary: str = ""
    previous_href: str = ""
    next_href: str = ""


NO_PAGES = Pager()


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on or off; `count` is shown where known."""

    label: str
    href: str
    selected: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class FeedLag:
    """How far the event feed to the merchants' systems is behind: events waiting and the age of the oldest."""

    waiting: int
    oldest_s: int
    href: str


@dataclass(frozen=True, slots=True)
class Shell:
    """The staff header: who works where in which role, what the search box holds, what happened last.

    `sites` are the choices of those who may look at several.
    """

    person: str
    role: Role
    site: str
    current: str
    csrf_token: str = ""
    query: str = ""
    notices: tuple[Notice, ...] = ()
    feed_lag: FeedLag | None = None
    sites: tuple[Option, ...] = ()

    @property
    def search(self) -> tuple[str, str]:
        """Where the search box leads, and what it finds there: orders, or items for those who see no orders."""
        if "/orders" in NAVIGATION[self.role]:
            return "/orders", "Order, name, phone, tracking, SKU"
        return "/items", "SKU, name or barcode"

    @property
    def navigation(self) -> tuple[tuple[Link, bool], ...]:
        """Links the role may follow, each with whether it is the current page."""
        allowed = NAVIGATION[self.role]
        return tuple((link, link.href == self.current) for link in PAGES if link.href in allowed)


PAGES: tuple[Link, ...] = (
    Link("Board", "/board"),
    Link("Orders", "/orders"),
    Link("Scan", "/scan"),
    Link("Batches", "/batches"),
    Link("Holds", "/holds"),
    Link("Manifests", "/manifests"),
    Link("Returns", "/returns"),
    Link("Items", "/items"),
    Link("Lots", "/lots"),
    Link("Locations", "/locations"),
    Link("Arrivals", "/arrivals"),
    Link("Counts", "/counts"),
    Link("Moves", "/moves"),
    Link("Messages", "/messages"),
    Link("Webhooks", "/webhooks"),
    Link("Imports", "/imports"),
    Link("Users", "/admin/users"),
    Link("Keys", "/admin/keys"),
)
_FLOOR = frozenset(
    {"/board", "/orders", "/scan", "/batches", "/holds", "/manifests", "/returns", "/items", "/lots", "/arrivals"}
) | {"/locations", "/counts", "/moves"}
_DESK = frozenset({"/board", "/orders", "/holds", "/returns", "/items", "/lots", "/arrivals", "/messages", "/webhooks"})
_ALL = frozenset(link.href for link in PAGES)
NAVIGATION: dict[Role, frozenset[str]] = {
    "picker": frozenset({"/scan", "/batches", "/items", "/lots", "/locations", "/arrivals", "/counts", "/moves"}),
    "packer": _FLOOR - {"/board", "/orders"},
    "service": _DESK,
    "manager": _FLOOR | _DESK | {"/imports"},
    "admin": _ALL,
    "merchant": frozenset({"/orders", "/returns", "/items", "/lots", "/arrivals", "/messages", "/webhooks"}),
}
