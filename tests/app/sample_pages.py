"""One day of a made-up house, told on every page: full pages, empty pages, and pages with errors."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sample_lanes import bill_of_lading, lanes, reconciliation

from app.web.faces.delivery import DeliveryPanel, DeliveryRow
from app.web.pages import (
    AvailabilityPage,
    BatchProgress,
    BoardPage,
    Brand,
    ChallengePage,
    Chip,
    Column,
    ContentLine,
    ControlTotal,
    CustomerFormPage,
    CutOff,
    DeliveryDetails,
    Empty,
    ErrorPage,
    ExceptionCard,
    Fact,
    FeedLag,
    Field,
    FlaggedRow,
    Form,
    Frame,
    GradeTile,
    ImportRow,
    ImportsPage,
    ItemRow,
    ItemsPage,
    KeyRow,
    KeysPage,
    Link,
    LocationStock,
    ManifestRow,
    ManifestsPage,
    MessageRow,
    MessagesPage,
    MovementRow,
    Notice,
    Option,
    OrderAction,
    OrderEvent,
    OrderHold,
    OrderLine,
    OrderPage,
    OrderParcel,
    OrderRow,
    OrderSearchPage,
    Page,
    Pager,
    ParcelCard,
    ParcelHold,
    ParcelHoldsPage,
    PullRow,
    ReceiptPage,
    ReturnableLine,
    ReturnInHand,
    ReturnRequestPage,
    ReturnRow,
    ReturnsPage,
    SayThis,
    ScanPage,
    ScanStep,
    ScanVerdict,
    Shell,
    SignInPage,
    StageCount,
    TimelineEntry,
    TrackerPage,
    UserRow,
    UsersPage,
    WebhookAttempt,
    WebhookEndpoint,
    WebhooksPage,
    progress_strip,
)
from app.web.wording import TrackerState, describe_exception, describe_state
from app.web.wording_parts import TrackerException

NOW = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
FRAME = Frame(NOW, "Europe/London")
BRAND = Brand("Nordhus & Co", "https://nordhus.example/", "", "/brand/nordhus.css", "https://nordhus.example/help")
NO_MORE = Pager("All rows shown")
PAGES = Pager("1 to 8 of 4,000", "", "/next")


def hours(number: float) -> datetime:
    """The moment `number` hours from now; negative is past."""
    return NOW + timedelta(hours=number)


def shell(current: str, **changes: object) -> Shell:
    base = Shell("Ana Kovač", "admin", "Leeds DC", current, csrf_token="c5f1")
    return replace(base, **changes)  # type: ignore[arg-type] - the tests name real fields


def button(action: str, submit: str, *fields: Field, title: str | None = None, **changes: object) -> Form:
    return replace(Form(action, submit, fields, submit if title is None else title, csrf_token="c5f1"), **changes)  # type: ignore[arg-type] - as above


REASONS = tuple(
    Option(value, label) for value, label in (("", "Choose"), ("customer", "Customer asked"), ("stock", "Out of stock"))
)
CHALLENGE = button(
    "/t/x/verify",
    "Show the address",
    Field("postcode", "Postcode or e-mail of the order", required=True, autocomplete="postal-code"),
    title="Is this your order?",
    intro="We show the name and the street only to the person who ordered.",
    tone="plain",
)


def tracker() -> TrackerPage:
    words = describe_state(TrackerState.OUT_FOR_DELIVERY, "Tuesday 24 November, 14\N{EN DASH}18")
    problem = describe_exception(
        TrackerException.WEIGHT_CHECK,
        TrackerState.HELD_FOR_CHECK,
        new_promise="Wednesday 25 November",
        decide_by="today 17:00",
    )
    return TrackerPage(
        FRAME,
        BRAND,
        "10482",
        words.headline,
        "Out for delivery in Leeds. Parcel 1 of 2.",
        progress_strip(words.step),
        (
            ParcelCard(
                "Parcel 1 of 2",
                "Out for delivery",
                (ContentLine(2, "Enamel mug, blue"), ContentLine(1, "Tea towel")),
                "Royal Mail",
                "RX 123 456 785 GB",
                "https://carrier.example/RX123456785GB",
                1920,
                hours(-18),
                "Today, 14\N{EN DASH}18",
            ),
            ParcelCard(
                "Parcel 2 of 2",
                "Being checked",
                (ContentLine(3, "Tea towel"),),
                weight_g=1708,
                weighed_at=hours(-1),
                promise_words="Wednesday 25 November",
                problem=True,
            ),
        ),
        (
            TimelineEntry(hours(-0.9), "Out for delivery", "Leeds"),
            TimelineEntry(hours(-4.4), "Arrived at the local depot", "Leeds"),
            TimelineEntry(hours(-14.6), "Handed to Royal Mail"),
            TimelineEntry(hours(-18), "Packed and weighed"),
            TimelineEntry(hours(-61), "We have your order"),
        ),
        (ExceptionCard(problem, (Link("Cancel parcel 2", "/t/x/cancel"),)),),
        (
            Link("Return something", "/t/x/return"),
            Link("Report a problem", "/t/x/problem"),
            Link("Cancel", "/t/x/cancel"),
        ),
        "Leeds",
        challenge=CHALLENGE,
    )


def tracker_verified() -> TrackerPage:
    words = describe_state(TrackerState.DELIVERED, "today at 08:40")
    lost = describe_exception(TrackerException.DAMAGED_IN_TRANSIT, TrackerState.DELIVERED)
    return replace(
        tracker(),
        headline=words.headline,
        subline=words.line,
        strip=progress_strip(words.step, ended=True),
        exceptions=(ExceptionCard(lost, (Link("Report a problem", "/t/x/problem"),)),),
        challenge=None,
        details=DeliveryDetails("Ingrid Moe", ("14 Kirkgate", "Leeds", "LS1 7DL")),
        notices=(Notice("ok", "Thank you, this is your order."),),
    )


def tracker_new() -> TrackerPage:
    words = describe_state(TrackerState.PLACED)
    return TrackerPage(
        FRAME,
        BRAND,
        "10483",
        words.headline,
        words.line,
        progress_strip(0),
        (),
        (),
        challenge=replace(
            CHALLENGE, error="That is not what the order says. Try the postcode of the delivery address."
        ),
    )


def return_request() -> ReturnRequestPage:
    return ReturnRequestPage(
        FRAME,
        BRAND,
        "10482",
        "/t/x",
        (
            ReturnableLine("l1", "Enamel mug, blue", 2, chosen=1),
            ReturnableLine("l2", "Tea towel", 1),
            ReturnableLine("l3", "Gift card", 1, "Gift cards cannot be sent back."),
        ),
        button(
            "/t/x/return",
            "Ask for the return",
            Field(
                "reason",
                "Why?",
                "select",
                options=(
                    Option("", "Choose a reason"),
                    Option("small", "Too small"),
                    Option("broken", "Arrived broken"),
                ),
                required=True,
                error="Choose a reason, so that we can put it right.",
            ),
            Field(
                "outcome",
                "What would you like?",
                "radio",
                options=(Option("refund", "My money back", selected=True), Option("exchange", "The same item again")),
                required=True,
            ),
            Field("note", "Anything else we should know", "textarea", maximum=500),
            title="",
        ),
        hours(24 * 12),
    )


def challenge() -> ChallengePage:
    return ChallengePage(FRAME, BRAND, "10482", "/t/x", replace(CHALLENGE, submit="Continue"))


def problem_form() -> CustomerFormPage:
    return CustomerFormPage(
        FRAME,
        BRAND,
        "10482",
        "/t/x",
        "Report a problem",
        button(
            "/t/x/problem",
            "Send to Nordhus & Co",
            Field(
                "kind",
                "What is wrong?",
                "radio",
                options=(
                    Option("missing", "Not received"),
                    Option("damaged", "Damaged"),
                    Option("wrong", "Wrong item"),
                    Option("part", "An item is missing"),
                ),
                required=True,
            ),
            Field("photo", "Photo", "file", hint="JPEG or PNG, up to 5 MB"),
            Field("note", "Tell us more", "textarea"),
        ),
    )


def receipt() -> ReceiptPage:
    return ReceiptPage(
        FRAME,
        BRAND,
        "10482",
        "/t/x",
        "Your return is ready",
        "R-2048",
        (
            "Print the label, or show its code at the drop-off point.",
            "Hand the parcel in by Sunday 6 December.",
            "We check it and send the money back within two days.",
        ),
        hours(30),
        (Link("Return label (PDF)", "/t/x/return.pdf"),),
    )


def error() -> ErrorPage:
    return ErrorPage(
        FRAME,
        404,
        "We cannot find that page",
        "No order belongs to this address; it may have been copied in part.",
        "We changed nothing.",
        "Open the link in your e-mail again, or ask the shop for a new one.",
        (Link("To the start page", "/"),),
        "req_01JD9Z",
    )


def sign_in() -> SignInPage:
    return SignInPage(
        FRAME,
        button(
            "/sign-in",
            "Sign in",
            Field("email", "E-mail", "email", "ana@leeds.example", required=True, autocomplete="username"),
            Field("password", "Password", "password", required=True, autocomplete="current-password"),
            title="",
            error="E-mail and password do not match. Check both, or ask an administrator for a new password.",
        ),
        hints=("picker@example.test / sample", "service@example.test / sample"),
    )


def board() -> BoardPage:
    return BoardPage(
        FRAME,
        shell("/board", feed_lag=FeedLag(37, 240, "/webhooks")),
        (
            CutOff("Royal Mail", hours(1.4), 212, "/orders?carrier=rm", "warn", "Tight"),
            CutOff("DPD", hours(5.2), 96, "/orders?carrier=dpd", "ok", "On time"),
            CutOff("Evri", hours(8), 41, "/orders?carrier=evri", "ok", "On time"),
        ),
        (
            StageCount("To release", 418, "/orders?stage=ALLOCATED", hours(-20)),
            StageCount("To pick", 240, "/orders?stage=RELEASED", hours(-7)),
            StageCount("Being picked", 96, "/orders?stage=PICKING", hours(-2)),
            StageCount("To pack", 61, "/orders?stage=PICKED", hours(-1)),
            StageCount("To weigh", 22, "/orders?stage=PACKED", hours(-0.5)),
            StageCount("Ready for the carrier", 173, "/orders?stage=READY_TO_MANIFEST", hours(-3)),
        ),
        (
            BatchProgress("B-104", "/batches/B-104", "Ana Kovač", "Picking", 7, 18, hours(1.4)),
            BatchProgress("B-105", "/batches/B-105", "Tom Reed", "Packing", 20, 22, hours(5.2)),
        ),
        (
            StageCount("Weight audit", 3, "/holds", hours(-2)),
            StageCount("Address", 1, "/orders?hold=address", hours(-26)),
        ),
        FeedLag(37, 240, "/webhooks"),
    )


def board_empty() -> BoardPage:
    return BoardPage(FRAME, shell("/board", role="picker"), (), (), (), (), FeedLag(0, 0, "/webhooks"))


ORDER_COLUMNS = (
    Column("Order", sort_href="?sort=label"),
    Column("Merchant"),
    Column("Customer"),
    Column("Placed", sort_href="?sort=placed", sorted="descending"),
    Column("Promised", sort_href="?sort=promised"),
    Column("State"),
    Column("Units", numeric=True),
    Column("Value", numeric=True),
)


def orders() -> OrderSearchPage:
    states = ("OUT_FOR_DELIVERY", "AUDIT_HOLD", "PICKING", "ON_HOLD", "DELIVERED", "BACKORDERED", "CANCELLED", "NEW")
    return OrderSearchPage(
        FRAME,
        shell("/orders", query="Moe", notices=(Notice("ok", "Order 10478 is cancelled.", Link("Undo", "/undo")),)),
        ORDER_COLUMNS,
        tuple(
            OrderRow(
                str(10482 - n),
                f"/orders/{n}",
                "Nordhus & Co",
                "Ingrid Moe",
                hours(-61 - 9 * n),
                hours(30 + 20 * n) if n % 3 else None,
                state,
                3 + n,
                4250 + 1999 * n,
                "GBP",
            )
            for n, state in enumerate(states)
        ),
        (
            Chip("All", "/orders", selected=True, count=4000),
            Chip("To pick", "?stage=RELEASED", count=240),
            Chip("Held", "?stage=ON_HOLD", count=4),
        ),
        Form(
            "/orders",
            "Filter",
            (
                Field(
                    "merchant", "Merchant", "select", options=(Option("", "All merchants"), Option("n", "Nordhus & Co"))
                ),
                Field("from", "Placed from", "date"),
                Field("q", "Contains", "search", "Moe"),
            ),
            tone="plain",
            method="get",
        ),
        PAGES,
        "/orders.csv?q=Moe",
        Empty("No order matches “Moe”.", "Try fewer letters, or remove a filter."),
    )


def order() -> OrderPage:
    cancel = button(
        "/orders/1/cancel",
        "Cancel the order",
        Field("reason", "Reason", "select", options=REASONS, required=True),
        Field("note", "Note"),
        title="Cancel order",
        tone="stop",
    )
    note = button("/orders/1/note", "Save the note", Field("note", "Note", "textarea", required=True), title="Note")
    hold = button(
        "/orders/1/hold",
        "Hold the order",
        Field("reason", "Reason", "select", options=REASONS, required=True),
        title="Hold",
    )
    call = button("/orders/1/call", "Book the call", Field("at", "When", "date", required=True), title="Call back")
    return OrderPage(
        FRAME,
        shell("/orders", query="10482", role="service", feed_lag=FeedLag(37, 240, "/webhooks")),
        "10482",
        "Nordhus & Co",
        "PARTIALLY_SHIPPED",
        hours(-61.4),
        "promised Tue 24 Nov",
        SayThis(
            "Parcel 1 arrives today 14\N{EN DASH}18. Parcel 2 is held: it weighs 212 g too little, most likely one tea "
            "towel is missing. It is being opened now and leaves by 17:00; new date Wed 25 Nov. You may offer: "
            "cancel parcel 2, or free express.",
            "stop",
        ),
        tuple(
            Chip(label, f"?show={label}", selected=label == "All")
            for label in ("All", "Order", "Pick", "Weigh", "Parcel", "Messages", "Calls")
        ),
        (
            OrderEvent(hours(-0.9), "Parcel 1", "Out for delivery, Leeds", evidence=Link("scan", "/e/1")),
            OrderEvent(
                hours(-1.1), "Weigh", "Parcel 2 held: 1,708 g, expected 1,920 ± 18 g", "stop", Link("reading", "/e/2")
            ),
            OrderEvent(
                hours(-14.6), "Parcel 1", "Handed to Royal Mail, manifest M-2211-07", evidence=Link("manifest", "/e/3")
            ),
            OrderEvent(
                hours(-18), "Message", "E-mail “Your parcel is on its way” delivered", evidence=Link("mail", "/e/4")
            ),
            OrderEvent(
                hours(-18.8),
                "Pick",
                "3 of 3 picked, batch B-104, 41 m for this order",
                evidence=Link("route", "/e/5"),
                who="Ana Kovač",
            ),
            OrderEvent(hours(-61.4), "Order", "Promised Tue 24 Nov, stock reserved", evidence=Link("why", "/e/6")),
        ),
        (
            Fact("Name", "Ingrid Moe"),
            Fact("Since", "2023, 14 orders"),
            Fact("Value", "top 8 %, at risk: high", tone="warn"),
            Fact("Open", "1 call-back, 15:30", "/calls/1"),
        ),
        (
            OrderParcel("1 of 2", "OUT_FOR_DELIVERY", 1920, "/parcels/1", "RX123456785GB"),
            OrderParcel("2 of 2", "AUDIT_HOLD", 1708, "/parcels/2"),
        ),
        (
            OrderLine("NH-MUG-BL", "Enamel mug, blue", 2, shipped=2, href="/items/1"),
            OrderLine("NH-TOWEL", "Tea towel", 4, packed=3, shipped=1, href="/items/2"),
        ),
        (
            OrderHold(
                "address to be confirmed",
                hours(-26),
                "Tom Reed",
                button(
                    "/orders/1/release",
                    "Release",
                    Field("reason", "What was confirmed", required=True),
                    title="Release the hold",
                ),
            ),
        ),
        (
            OrderAction(button("/orders/1/express", "Give free express", title="Free express"), "primary"),
            OrderAction(cancel, "stop"),
            OrderAction(call),
            OrderAction(hold),
            OrderAction(note),
        ),
        (Link("Packing slip", "/slip.pdf"), Link("Label", "/label.pdf")),
        "/t/x",
    )


def order_bare() -> OrderPage:
    return replace(
        order(),
        events=(),
        customer=(Fact("Name", "Hidden for your role"),),
        parcels=(),
        lines=(),
        holds=(),
        actions=(),
        documents=(),
        tracker_href="",
        say=SayThis("The order is received and waits for stock. We write as soon as it moves."),
    )


def holds() -> ParcelHoldsPage:
    release = button(
        "/holds/1/release",
        "Release as it is",
        Field("role", "Released as", "select", options=(Option("manager", "Manager"),), required=True),
        Field("reason", "Reason", required=True, hint="It is kept with your name for the audit."),
        title="Release",
        tone="stop",
    )
    reweigh = button(
        "/holds/1/reweigh",
        "Save the weight",
        Field("weight_g", "Weight in grams", "number", required=True, inputmode="numeric"),
        title="Weigh again",
    )
    hold = ParcelHold(
        "Parcel 2",
        Link("10482", "/orders/1"),
        hours(-1.1),
        1708,
        1920,
        18,
        "Most likely one Tea towel (212 g) is missing.",
        ("Carton S4 was taken instead of the planned one.",),
        ("4 x TOWEL", "1 x MUG-BL"),
        "€48.60",
        "Fri 27 Nov 2026",
        "Tom Reed",
        release,
        reweigh,
    )
    return ParcelHoldsPage(
        FRAME,
        shell("/holds"),
        (
            hold,
            replace(
                hold,
                parcel="Parcel 1",
                weighed_g=2340,
                cause="Most likely the wrong carton: Box M weighs 420 g more than Box S.",
            ),
        ),
        Empty("", ""),
    )


def manifests() -> ManifestsPage:
    close = button("/manifests/1/close", "Close", tone="plain")
    return ManifestsPage(
        FRAME,
        shell(
            "/manifests",
            notices=(
                Notice(
                    "warn", "2 parcels of M-2411-01 were not scanned onto the lane.", Link("Show them", "/m/1/missing")
                ),
            ),
        ),
        (
            ManifestRow("M-2411-01", "Royal Mail", "OPEN", 212, 2, hours(1.4), 231_400, close),
            ManifestRow("M-2411-02", "DPD", "OPEN", 96, 0, hours(5.2), 410_000, close),
            ManifestRow(
                "M-2311-07",
                "Royal Mail",
                "HANDED_OVER",
                640,
                0,
                hours(-16),
                702_050,
                None,
                (Link("PDF", "/m/7.pdf"),),
                hours(-16),
            ),
        ),
        Empty(
            "Manifests will be listed here, one for each carrier and collection.",
            "A manifest opens with the first label bought for a collection.",
        ),
        (
            PullRow(
                "Parcel 3",
                Link("10482", "/orders/1"),
                "JD0002223334445556",
                "The customer bought it twice.",
                hours(-0.2),
                button("/parcels/1/pull", "Pulled", tone="plain"),
            ),
        ),
        NO_MORE,
    )


def webhooks() -> WebhooksPage:
    replay = button("/webhooks/1/replay", "Replay", tone="plain")
    return WebhooksPage(
        FRAME,
        shell("/webhooks"),
        (
            WebhookEndpoint(
                "Nordhus CRM",
                "https://crm.nordhus.example/hooks/pickstream",
                "ACTIVE",
                0,
                None,
                button("/w/1/pause", "Pause", tone="plain"),
            ),
            WebhookEndpoint(
                "Shop",
                "https://shop.nordhus.example/api/webhooks",
                "PAUSED",
                37,
                hours(-0.07),
                button("/w/2/resume", "Resume", tone="plain"),
            ),
        ),
        (
            WebhookAttempt(
                "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
                "parcel.handed_over.v1",
                "Nordhus CRM",
                hours(-0.1),
                1,
                "SENT",
                "200",
                84,
                replay,
            ),
            WebhookAttempt(
                "msg_2KWPBgLlAfxdpx2AI54pPJ85f4X",
                "order.cancelled.v1",
                "Shop",
                hours(-0.2),
                3,
                "RETRY",
                "connection refused",
                None,
                replay,
                hours(0.4),
            ),
            WebhookAttempt(
                "msg_2KWPBgLlAfxdpx2AI54pPJ85f4Y",
                "order.placed.v1",
                "Shop",
                hours(-70),
                10,
                "DEAD",
                "503",
                10_000,
                replay,
            ),
        ),
        Empty(
            "Endpoints will be listed here with what waits for them.",
            "Add the address of a system that should hear about events.",
        ),
        Empty(
            "Every delivery attempt will be listed here.",
            "Attempts begin with the first event after an endpoint was added.",
        ),
        (Chip("All", "?", selected=True), Chip("Failed", "?state=DEAD", count=1)),
        button(
            "/webhooks",
            "Add the endpoint",
            Field("url", "Address", required=True, hint="https only"),
            Field("name", "Name", required=True),
            title="Add an endpoint",
        ),
        PAGES,
    )


def messages() -> MessagesPage:
    return MessagesPage(
        FRAME,
        shell("/messages"),
        (
            MessageRow(
                hours(-18),
                "Your parcel is on its way",
                "i•••@example.com",
                "E-mail",
                "SENT",
                Link("10482", "/orders/1"),
                "/messages/1",
            ),
            MessageRow(
                hours(-1),
                "Parcel 2 is one day later",
                "i•••@example.com",
                "E-mail",
                "RETRY",
                Link("10482", "/orders/1"),
                "/messages/2",
                "mail server busy, next try in 4 min",
            ),
        ),
        Empty(
            "E-mails to customers will be listed here.", "The first one is sent when a parcel is handed to its carrier."
        ),
        (Chip("All", "?", selected=True), Chip("Not sent", "?state=FAILED", count=0)),
        NO_MORE,
    )


def returns() -> ReturnsPage:
    return ReturnsPage(
        FRAME,
        shell("/returns"),
        button(
            "/returns/scan",
            "Find",
            Field("code", "Scan a return label, an order or a tracking number", required=True, autocomplete="off"),
            title="",
            tone="plain",
        ),
        (
            ReturnRow("R-2048", "/returns/1", Link("10482", "/orders/1"), "RECEIVED", 1, "Arrived broken", hours(-70)),
            ReturnRow("R-2049", "/returns/2", Link("10399", "/orders/2"), "AUTHORIZED", 2, "Too small", hours(-5)),
        ),
        Empty(
            "Returns will be listed here.",
            "A customer asks for one on the tracker page, or you scan an unannounced parcel above.",
        ),
        ReturnInHand(
            "R-2048, unit 1 of 1",
            "Enamel mug, blue",
            "NH-MUG-BL",
            "arrived broken",
            (
                GradeTile("A", "like new", "Back to stock"),
                GradeTile("B", "open box", "Repack"),
                GradeTile("C", "worn", "Refurbish", selected=True),
                GradeTile("D", "damaged", "Destroy"),
            ),
            button(
                "/returns/1/grade",
                "Save the grade",
                Field("location", "Scan where it goes", required=True, autocomplete="off"),
                title="",
            ),
            (Fact("Order", "10482", "/orders/1"), Fact("Paid", "£12.50")),
        ),
        (Chip("Open", "?", selected=True, count=2), Chip("Done", "?state=DISPOSED")),
        NO_MORE,
    )


def items() -> ItemsPage:
    columns = (
        Column("Item", sort_href="?sort=name", sorted="ascending"),
        Column("Merchant"),
        *(Column(label, numeric=True) for label in ("On hand", "Reserved", "Available", "Weight")),
    )
    return ItemsPage(
        FRAME,
        shell("/items", role="merchant"),
        Form("/items", "Search", (Field("q", "SKU, name or barcode", "search"),), tone="plain", method="get"),
        columns,
        (
            ItemRow("NH-MUG-BL", "Enamel mug, blue", "/items/1", "Nordhus & Co", 1240, 212, 1028, 320),
            ItemRow("NH-TOWEL", "Tea towel", "/items/2", "Nordhus & Co", 40, 40, 0, 212),
        ),
        Empty("No item matches.", "Search by SKU, name or barcode, or import a catalogue."),
        (Chip("All", "?", selected=True), Chip("Sold out", "?stock=0", count=1)),
        PAGES,
    )


def availability() -> AvailabilityPage:
    return AvailabilityPage(
        FRAME,
        shell("/items"),
        "NH-MUG-BL",
        "Enamel mug, blue",
        (
            Fact("GTIN", "04006381333931"),
            Fact("Weight", "320 g"),
            Fact("Size", "120 \N{MULTIPLICATION SIGN} 90 \N{MULTIPLICATION SIGN} 95 mm"),
        ),
        (
            Fact("On hand", "1,240"),
            Fact("Reserved", "212", "/orders?sku=1"),
            Fact("Available", "1,028"),
            Fact("Incoming", "0"),
        ),
        (LocationStock("A-07-03-2", 240, 212, hours(-300)), LocationStock("R-02-01-4", 1000, 0)),
        (
            MovementRow(hours(-18.8), "Picked", -2, "A-07-03-2", "Ana Kovač", Link("order 10482", "/orders/1")),
            MovementRow(hours(-100), "Received", 1000, "R-02-01-4", "Tom Reed"),
        ),
        Empty("It lies nowhere.", "Receive it, and its locations will be listed here."),
        Empty("Nothing has moved.", "Every receipt, pick and adjustment will be listed here."),
        button(
            "/items/1/adjust",
            "Save the adjustment",
            Field("quantity", "Change", required=True, hint="Such as -2 or 5"),
            Field("reason", "Reason", required=True),
            title="Adjust stock",
        ),
        NO_MORE,
        delivery=DeliveryPanel(
            Form(
                "/items/1",
                "Show the dates",
                (Field("country", "Country", value="DE", required=True), Field("postal_code", "Postal code")),
                tone="plain",
                method="get",
            ),
            "Ordered now, it leaves on Tue 24 Nov 2026 with Northpost Tracked and arrives on Fri 27 Nov 2026.",
            (
                DeliveryRow("main", 1028, hours(3), hours(51), hours(75), "In stock at Leeds DC."),
                DeliveryRow("HAM", 0, None, None, None, "Not in stock, and no delivery of it is announced."),
            ),
        ),
    )


def imports() -> ImportsPage:
    return ImportsPage(
        FRAME,
        shell("/imports"),
        (
            ImportRow("I-3", "/imports/3", hours(-2), "Marketplace orders", "DONE_WITH_FLAGS", 4000, 0, 17),
            ImportRow("I-4", "/imports/4", hours(-1), "Marketplace orders", "DONE", 0, 4000, 17),
        ),
        Empty(
            "Import runs will be listed here with their totals.",
            "Upload a file of orders above, or run the import command.",
        ),
        "I-3",
        (
            ControlTotal("Orders", "4,000", "4,000", equal=True),
            ControlTotal("Lines", "4,521", "4,521", equal=True),
            ControlTotal("Goods value", "R$ 548,120.32", "R$ 548,120.31", equal=False),
        ),
        (
            FlaggedRow("products.csv:1204", "weight_g", "No weight is given.", "Kept; the first weighing will set it."),
            FlaggedRow(
                "orders.csv:88",
                "delivered_at",
                "Delivered before it was shipped.",
                "Kept both times, and told them in the order of the source.",
            ),
        ),
        button(
            "/imports",
            "Import",
            Field("file", "CSV file of orders", "file", required=True, hint="The columns of a shop's order export"),
            title="Import orders",
        ),
        NO_MORE,
    )


def users() -> UsersPage:
    return UsersPage(
        FRAME,
        shell("/admin/users"),
        (
            UserRow(
                "Ana Kovač",
                "ana@leeds.example",
                "picker",
                "Leeds DC",
                "ACTIVE",
                button("/u/1/off", "Switch off", tone="plain"),
            ),
            UserRow("Tom Reed", "tom@leeds.example", "packer", "Leeds DC", "DISABLED"),
        ),
        Empty("Members of staff will be listed here.", "Add the first one above."),
        button(
            "/admin/users",
            "Add",
            Field("email", "E-mail", "email", required=True),
            Field("role", "Role", "select", options=(Option("picker", "Picker"),)),
            title="Add a person",
        ),
    )


def keys() -> KeysPage:
    return KeysPage(
        FRAME,
        shell("/admin/keys"),
        (
            KeyRow(
                "pk_live_7Hq2",
                "Shop",
                "Nordhus & Co",
                ("orders:write", "events:read"),
                hours(-900),
                hours(-0.2),
                "ACTIVE",
                button("/k/1/revoke", "Revoke", tone="stop"),
            ),
            KeyRow("pk_live_1Ab9", "Old shop", "Nordhus & Co", ("orders:write",), hours(-9000), None, "REVOKED"),
        ),
        Empty("API keys will be listed here.", "Make one above; its secret is shown once."),
        button(
            "/admin/keys",
            "Make the key",
            Field("name", "Name", required=True),
            Field("scope", "May send orders", "checkbox", "orders:write", checked=True),
            Field("scope", "May read events", "checkbox", "events:read"),
            title="Make a key",
        ),
        "pk_live_9Zx4_5mE0uTqV8w2LrB6sYc1Nd7Kf3Gh",
    )


def scan() -> ScanPage:
    return ScanPage(
        FRAME,
        "P-12",
        "B-104",
        "7 / 18",
        ScanStep(
            "A-07-03-2",
            "Scan item",
            "right side, level 2 →",
            "Pen, blue, L",
            "2 each",
            "TOTE 4",
            "then A-07-05-1, 3 m",
            (("location", "done"), ("item", "current"), ("tote", "todo")),
        ),
        button("/scan", "Scan item", Field("code", "Code", required=True, autocomplete="off"), title=""),
        "2026.11.3",
        short_form=button(
            "/scan",
            "Short pick",
            Field("qty", "Found", "number", "0", required=True),
            Field(
                "reason",
                "Reason",
                "select",
                options=(Option("BIDF", "Empty"), Option("DAMAGED", "Damaged")),
                required=True,
            ),
            title="Short",
            tone="plain",
        ),
    )


def scan_stop() -> ScanPage:
    return replace(
        scan(),
        verdict=ScanVerdict(
            "stop", "Wrong item", "Pen, black, L (SKU 13)", "Pen, blue, L (SKU 12)", "Put it back. Scan the blue one."
        ),
    )


def emptied(page: Page) -> Page:
    """The same page with every tuple emptied but its columns: what a new house shows."""
    changes: dict[str, object] = {}
    for name in page.__dataclass_fields__:  # type: ignore[attr-defined] - every page is a dataclass
        value = getattr(page, name)
        if isinstance(value, tuple) and name not in {"columns", "strip"}:
            changes[name] = ()
        elif name in {"in_hand", "pager"}:
            changes[name] = None if name == "in_hand" else Pager()
    return replace(page, **changes)  # type: ignore[type-var] - every page is a dataclass


SAMPLES: dict[str, Callable[[], Page]] = {
    function.__name__: function
    for function in (
        tracker,
        tracker_verified,
        tracker_new,
        return_request,
        challenge,
        problem_form,
        receipt,
        error,
        sign_in,
        board,
        board_empty,
        orders,
        order,
        order_bare,
        holds,
        manifests,
        lanes,
        reconciliation,
        bill_of_lading,
        webhooks,
        messages,
        returns,
        items,
        availability,
        imports,
        users,
        keys,
        scan,
        scan_stop,
    )
}
