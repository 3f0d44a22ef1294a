"""What the customer sees: the promise first, then parcels, then the story, then what can be done."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from app.web.faces.shell import Form, Frame, Link, Notice
from app.web.wording import STRIP, ExceptionWords

StripState = Literal["done", "current", "todo", "problem"]


@dataclass(frozen=True, slots=True)
class Brand:
    """The merchant's name and look. `stylesheet_href` serves `app.web.branding.brand_stylesheet`."""

    name: str
    home_href: str = ""
    logo_href: str = ""
    stylesheet_href: str = ""
    help_href: str = ""


@dataclass(frozen=True, slots=True)
class StripStep:
    """One of the five steps of the progress strip."""

    label: str
    state: StripState


def progress_strip(step: int, *, problem: bool = False, ended: bool = False) -> tuple[StripStep, ...]:
    """Return the five steps with `step` as the current one; a delivered (`ended`) order has only done steps."""

    def state(index: int) -> StripState:
        if index < step or (ended and index == step):
            return "done"
        if index > step:
            return "todo"
        return "problem" if problem else "current"

    return tuple(StripStep(label, state(index)) for index, label in enumerate(STRIP))


@dataclass(frozen=True, slots=True)
class ContentLine:
    """So many of this inside the parcel."""

    quantity: int
    name: str


@dataclass(frozen=True, slots=True)
class ParcelCard:
    """One parcel: what is inside, who carries it, when it was weighed and whether the weight was right."""

    label: str
    state_words: str
    contents: tuple[ContentLine, ...]
    carrier: str = ""
    tracking_number: str = ""
    carrier_href: str = ""
    weight_g: int | None = None
    weighed_at: datetime | None = None
    promise_words: str = ""
    problem: bool = False


@dataclass(frozen=True, slots=True)
class ExceptionCard:
    """A problem told in four parts, with what the customer can do about it right here."""

    words: ExceptionWords
    actions: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened, in words; `zone` is that of the place where it happened, if known."""

    at: datetime
    words: str
    place: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryDetails:
    """Shown only after the visitor proved to be the recipient."""

    name: str
    address: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrackerPage:
    """`GET /t/{token}`. `details` and `challenge` exclude each other: the challenge stands until it is answered.

    `timeline` are the newest steps and `earlier` those before them; `is_cut` when there are still older ones.
    `awaits_parcels` is false when none will come any more.
    """

    template: ClassVar[str] = "tracker/tracker.html"
    frame: Frame
    brand: Brand
    order_label: str
    headline: str
    subline: str
    strip: tuple[StripStep, ...]
    parcels: tuple[ParcelCard, ...]
    timeline: tuple[TimelineEntry, ...]
    exceptions: tuple[ExceptionCard, ...] = ()
    actions: tuple[Link, ...] = ()
    city: str = ""
    details: DeliveryDetails | None = None
    challenge: Form | None = None
    notices: tuple[Notice, ...] = ()
    earlier: tuple[TimelineEntry, ...] = ()
    is_cut: bool = False
    awaits_parcels: bool = True


@dataclass(frozen=True, slots=True)
class ReturnableLine:
    """A delivered line: how many may come back, or why none may."""

    line_id: str
    name: str
    quantity: int
    refusal: str = ""
    chosen: int = 0


@dataclass(frozen=True, slots=True)
class ReturnRequestPage:
    """`GET /t/{token}/return`: items and quantities (`qty_<line_id>`), then the fields of `form`."""

    template: ClassVar[str] = "tracker/return_request.html"
    frame: Frame
    brand: Brand
    order_label: str
    back_href: str
    lines: tuple[ReturnableLine, ...]
    form: Form
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChallengePage:
    """Asks for the postcode or e-mail before an action that only the recipient may take."""

    template: ClassVar[str] = "tracker/challenge.html"
    frame: Frame
    brand: Brand
    order_label: str
    back_href: str
    form: Form


@dataclass(frozen=True, slots=True)
class CustomerFormPage:
    """Cancel, report a problem, ask for a call: one question at a time, one form."""

    template: ClassVar[str] = "tracker/customer_form.html"
    frame: Frame
    brand: Brand
    order_label: str
    back_href: str
    title: str
    form: Form


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """What follows an action: the case number, what happens next and by when."""

    template: ClassVar[str] = "tracker/receipt.html"
    frame: Frame
    brand: Brand
    order_label: str
    back_href: str
    title: str
    case_number: str
    next_steps: tuple[str, ...]
    answer_by: datetime | None = None
    documents: tuple[Link, ...] = ()
