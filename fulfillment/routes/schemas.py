from dataclasses import fields, replace
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from fulfillment.domain.order_drafts import (
    GROUP,
    MAX_GROUP,
    MAX_LINES,
    MAX_MINOR,
    MAX_NOTE,
    MAX_TEXT,
    Address,
    CustomerDraft,
    LineDraft,
    OrderDraft,
)
from fulfillment.domain.order_policy import MAX_HORIZON_DAYS
from fulfillment.domain.order_state import OrderState
from fulfillment.domain.substitution import MAX_ANSWER_HOURS, ShortPolicy
from fulfillment.domain.value_added import MAX_SERVICE_TEXT, MAX_SERVICES, ServiceDraft
from fulfillment.queries.orders import OrderFilter
from kernel.quantity import MAX_QUANTITY
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT
from kernel.web.values import Day, Instant

PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
ID = r"^[A-Za-z0-9_.:-]+$"
MAX_BULK = 500

Text = Annotated[str, StringConstraints(max_length=MAX_TEXT, pattern=PRINTABLE)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT, pattern=PRINTABLE)]
Prose = Annotated[str, StringConstraints(max_length=MAX_NOTE, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
Said = Annotated[Prose, StringConstraints(min_length=1)]
Code = Annotated[str, StringConstraints(max_length=100, pattern=PRINTABLE)]
Reference = Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_.:-]*$")]
Group = Annotated[str, StringConstraints(max_length=MAX_GROUP, pattern=f"^{GROUP}$")]
Minor = Annotated[int, Field(ge=0, le=MAX_MINOR)]
Quantity = Annotated[int, Field(ge=1, le=MAX_QUANTITY)]


class Strict(BaseModel):
    """A body that refuses what it does not know, and guesses no types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class CustomerIn(Strict):
    """Who orders. `external_id` is your own id of the customer; without it the e-mail address identifies a guest."""

    external_id: Text = Field(default="", examples=["c-1001"])
    name: Text = Field(default="", examples=["Ana Kovac"])
    email: Text = Field(default="", examples=["ana@example.com"])
    phone: Text = Field(default="", examples=["+49 40 1234567"])
    locale: Text = Field(default="en", examples=["de"])


class AddressIn(Strict):
    """Where an order goes."""

    name: Name = Field(examples=["Ana Kovac"])
    street: Name = Field(examples=["Hauptstrasse 1"])
    city: Name = Field(examples=["Hamburg"])
    postal_code: Text = Field(examples=["20095"])
    country: str = Field(pattern=r"^[A-Z]{2}$", examples=["DE"], description="ISO 3166-1 alpha-2")
    company: Text = ""
    street2: Text = ""
    region: Text = ""
    phone: Text = ""
    email: Text = ""


class LineIn(Strict):
    """One line: base units, and minor units of the order's currency."""

    sku: Name = Field(examples=["PEN-BLUE-L"])
    quantity: Quantity = Field(examples=[2])
    unit_price_minor: Minor = Field(examples=[1299])
    external_id: Text = ""
    name: Text = ""
    substitutes: Literal["", "allowed", "ask", "never"] = Field(
        default="", examples=["ask"], description="What the customer agreed to if this is not there",
    )  # fmt: skip
    pack_with: Group = Field(
        default="", examples=["set-1"],
        description="Lines of the order with the same name share one carton wherever one holds them all",
    )  # fmt: skip


class AskedServiceIn(Strict):
    """A service that the goods are to have, of those that the merchant offers."""

    code: Name = Field(examples=["GIFT-WRAP"])
    line: int = Field(
        default=0, ge=0, le=MAX_LINES, examples=[1],
        description="The number of the line that it is done to, the first being 1; left out, the whole order",
    )  # fmt: skip
    quantity: Quantity = Field(default=1, examples=[1])
    text: Annotated[Prose, StringConstraints(max_length=MAX_SERVICE_TEXT)] = Field(
        default="", examples=["Happy birthday!"], description="What is written on the card or engraved"
    )


class OrderIn(Strict):
    """An order as a shop sends it."""

    external_id: Name = Field(examples=["10482"], description="Your own order number; unique among your orders")
    placed_at: Instant = Field(examples=["2026-11-24T08:12:00Z"])
    customer: CustomerIn = Field(default_factory=CustomerIn)
    ship_to: AddressIn
    lines: list[LineIn] = Field(min_length=1, max_length=MAX_LINES)
    currency: str = Field(pattern=r"^[A-Z]{3}$", examples=["EUR"], description="ISO 4217")
    shipping_minor: Minor = Field(default=0, examples=[490])
    promised_on: Day | None = Field(default=None, examples=["2026-11-27"])
    service_level: Literal["standard", "express"] = "standard"
    split_policy: Literal["all_or_nothing", "split"] = "all_or_nothing"
    gift: bool = False
    note: Prose = ""
    channel: Text = Field(default="api", description="Who sold it: what that channel must leave stays untouched")
    ship_on: Day | None = Field(
        default=None, examples=["2026-12-20"], description="When it is wished to leave; far days lock no stock yet"
    )
    hold_reference: Text = Field(default="", examples=["cart-7f3a"], description="The hold that this order takes over")
    services: list[AskedServiceIn] = Field(
        default_factory=list, max_length=MAX_SERVICES,
        description="What is done to the goods while they are packed; see listValueAddedServices",
    )  # fmt: skip

    def draft(self) -> OrderDraft:
        """Return the draft that the command takes."""
        fields = self.model_dump(exclude={"customer", "ship_to", "lines", "services"})
        return OrderDraft(
            **fields,
            customer=CustomerDraft(**self.customer.model_dump()),
            ship_to=Address(**self.ship_to.model_dump()),
            lines=tuple(LineDraft(**line.model_dump()) for line in self.lines),
            services=tuple(ServiceDraft(**each.model_dump()) for each in self.services),
        )


class OrdersIn(Strict):
    """Several orders of one merchant; each is taken or refused on its own."""

    orders: list[OrderIn] = Field(min_length=1, max_length=MAX_BULK)


class OrdersQuery(BaseModel):
    """Which orders, and in which order."""

    model_config = ConfigDict(extra="forbid")

    search: Text = Field(
        default="",
        description="Words that must all match, by their beginnings: order and tracking numbers, SKUs, names, e-mails;"
        " or a phone number in any notation, of which the last eight digits decide",
    )
    sku: Text = Field(default="", description="Orders with a line of exactly this SKU", examples=["PEN-BLUE"])
    state: list[OrderState] = Field(default_factory=list, max_length=len(OrderState))
    customer_id: Reference = ""
    merchant_id: Reference = ""
    site_id: Reference = ""
    only_open: bool = False
    overdue: bool = False
    flagged: bool = False
    sort: Literal["newest", "due"] = "newest"
    cursor: Annotated[str, StringConstraints(max_length=300)] | None = None
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)

    def wanted(self, now: datetime) -> OrderFilter:
        """Return the filter that the query takes."""
        return OrderFilter(
            search=self.search, sku=self.sku, states=tuple(self.state), tenant_id=self.merchant_id,
            site_id=self.site_id, customer_id=self.customer_id, only_open=self.only_open,
            overdue_at=now if self.overdue else None, flagged=self.flagged,
        )  # fmt: skip


class OrderPolicyPatch(Strict):
    """What changes about how orders are taken; fields left out stay as they are."""

    on_shortage: Literal["wait", "refuse"] | None = Field(
        default=None,
        examples=["refuse"],
        description="What becomes of an order that lacks stock which is not sold ahead",
    )
    horizon_days: int | None = Field(
        default=None, ge=0, le=MAX_HORIZON_DAYS, examples=[14],
        description="Orders to be shipped later than that do not lock stock yet",
    )  # fmt: skip
    customs_facts: Literal["optional", "required"] | None = Field(
        default=None, examples=["required"],
        description="Whether what crosses a customs border is packed only with HS code and origin of its goods",
    )  # fmt: skip
    dangerous_facts: Literal["optional", "required"] | None = Field(
        default=None, examples=["required"],
        description="Whether hazardous goods are packed only with all that their transport document says",
    )  # fmt: skip
    substitutes: Literal["never", "agreed", "ask"] | None = Field(
        default=None, examples=["agreed"],
        description="Whether another item may go out for one that is missing: never, if the customer agreed, or ask",
    )  # fmt: skip
    on_short: Literal["wait", "leave_out", "ship_rest"] | None = Field(
        default=None, examples=["wait"], description="What becomes of missing units without a substitute",
    )  # fmt: skip
    answer_hours: int | None = Field(
        default=None, ge=1, le=MAX_ANSWER_HOURS, examples=[24], description="How long a customer may think it over",
    )  # fmt: skip
    on_silence: Literal["wait", "substitute", "leave_out", "cancel"] | None = Field(
        default=None, examples=["wait"], description="What is done when the customer does not answer",
    )  # fmt: skip

    def when_short(self, known: ShortPolicy) -> ShortPolicy:
        """Return what is to hold for missing units: what is said here, else what is known."""
        said = {f.name: getattr(self, f.name) for f in fields(ShortPolicy)}
        return replace(known, **{name: value for name, value in said.items() if value is not None})


class ShortfallIn(Strict):
    """What becomes of an order whose units were no longer set aside."""

    choice: Literal["wait", "ship_rest", "cancel"] = Field(examples=["wait"])
    reason: Prose = Field(default="", examples=["the customer was asked"])


class CancelIn(Strict):
    """What to cancel: the whole order, or units by the id of a line or a kit."""

    reason: Said = Field(examples=["customer changed their mind"])
    line_quantities: dict[Reference, Quantity] | None = Field(default=None, max_length=MAX_LINES)


class HoldIn(Strict):
    """Why an order has to stop."""

    kind: Literal["data", "payment", "fraud", "address", "customer", "merchant", "quality"] = Field(
        examples=["payment"]
    )
    reason: Said = Field(examples=["payment is being checked"])


class ReasonIn(Strict):
    """Why something is done."""

    reason: Said = Field(examples=["payment arrived"])


class NoteIn(Strict):
    """A note for colleagues."""

    text: Said = Field(examples=["Customer will be away until Monday."])


class IdOut(BaseModel):
    """The id of what was made."""

    id: str


class HoldsLeftOut(BaseModel):
    """How many holds are left."""

    holds_left: int


class CancelOut(BaseModel):
    """What became of the wish to cancel."""

    state: Literal["ACCEPTED", "ACCEPTED_PARTIAL", "TOO_LATE", "PENDING_INTERCEPT"]
    detail: str
    at: datetime | None
    cancelled: int


class BulkItemOut(BaseModel):
    """What became of one order: 201 made, 200 it was there, else the problem."""

    external_id: str
    status: int
    order_id: str | None = None
    problem: dict[str, object] | None = None


class BulkOut(BaseModel):
    """What became of each order, in the order sent."""

    items: list[BulkItemOut]
