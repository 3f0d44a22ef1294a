"""The door to every page: import the page's class here, fill it, and give it to `app.web.rendering.render_page`.

The handheld's JSON contract
----------------------------
`GET /scan/api/work` answers the leased work of the signed-in person. All times are UTC, RFC 3339, ending in Z.

    {"schema": 1, "build": "2026.11.3", "now": "2026-11-24T08:12:00Z", "device": "d7", "next_seq": 4712,
     "person": {"id": "usr_...", "name": "Ana Kovac"}, "site": "Leeds DC", "csrf": "...",
     "offer": {"orders": 4, "lines": 18, "stops": 12, "meters": 240, "cut_off_at": "..."} | null,
     "batch": {"id": "B-104", "stage": "bind" | "pick" | "pack" | "done", "lines_done": 6, "lines": 18} | null,
     "jobs": ["sort", "load"],
     "known": {"04006381333931": "Pen, blue, L (SKU 12)", "T-0004": "Tote 4", "A-07-03-2": "Location A-07-03-2"},
     "tasks": [TASK, ...]}

`batch` is null when nothing is claimed; then `offer` says what "Next batch" would bring, or is null when nothing waits.
`POST /scan/api/claim` with `{"op_id": "..."}` claims the offer and answers like `GET /scan/api/work`; it needs the
network. `tasks` holds only what is still open, in walking order. `known` names every code that the device may meet, so
that a wrong scan is answered with a name. Codes of items are GTIN-14, zero-padded; the device normalizes what it reads
(AIM id, GS1 element string, bare EAN/UPC) before it compares.

    TASK = {"task": "B-104/7", "v": 31, "kind": "bind" | "pick" | "zero" | "pack" | "carry" | "sort" | "load",
            "title": "A-07-03-2",
            "offline": true, "at": {"step": "item", "counts": {"item": 1}} | null, "steps": [STEP, ...],
            "exceptions": ["BIDF", "BIDP", "DAMAGED", "WRONG_ITEM", "UNREACHABLE"],
            "show": {"where": "right side, level 2", "item": "Pen, blue, L", "sku": "12", "qty": 2, "unit": "each",
                     "tote": {"slot": 4, "label": "TOTE 4", "shape": "square"}, "picture": "/static/..." | null,
                     "care": [{"key": "chilled" | "frozen" | "hazmat", "label": "Frozen"}],
                     "order": "10482", "next": "A-07-05-1, 3 m", "claim": {"by": "Anna", "since": "10:42"},
                     "guide": "/packing/ord_...",
                     "lines": [{"name": "Pen, blue, L", "qty": 2, "step": "item-1"}]}}
    STEP = {"id": "item", "prompt": "scan_location" | "scan_item" | "scan_tote" | "scan_carton" | "read_weight"
                                  | "scan_label" | "scan_lane" | "scan_unit" | "zero_check",
            "grammar": "LOC" | "ITEM" | "TOTE" | "CARTON" | "WEIGHT" | "LABEL" | "LANE" | "SSCC",
            "expect": ["04006381333931"],
            "pattern": "T-[0-9]{4,}" | null, "case": {"14006381333938": 12}, "qty": 2, "each_scan": false,
            "serial": false, "skip_if": "same_loc" | null, "confirm": "device" | "server", "any_order": false,
            "advice": "Put it back. Scan the blue one.",
            "choices": [{"code": "S4", "name": "Small box", "suggested": true, "note": "20 x 15 x 10 cm"}],
            "reasons": [{"code": "TOO_SMALL", "name": "Too small"}, {"code": "OTHER", "name": "...", "note": true}]}

The kinds and their steps:

* bind: `tote` (pattern, no `expect`): scan a tote label for slot `show.tote.slot`; one task for each slot.
* pick: `loc` (`skip_if` same_loc: skipped when the last confirmed location is the same), `item` (qty), `tote`.
* zero: `empty`, after the pick that leaves nothing in its bin by the book: is it empty now? Answered with an op of kind
  `seen`, whose `qty` is what is there, 0 for nothing; `skip` asks again at the end of the walk, and then no more.
* carry: `tote` (any of the walk's): `fetch:` takes them from where the zone before left them, `pass:` leaves them for
  the next one; only on sites that pass walks from zone to zone, whose `zones` say `{"mine": "A", "all": ["A", "B"]}`. A
  tote scanned between two walks goes with the claim, and `POST /scan/api/zone` with `{"zone": "A"}` says where to pick.
* sort: `label` (any parcel that waits may be scanned instead), then `lane`: the sign of its lane, or an open container
  there. These tasks come with `GET /scan/api/work?job=sort`, whose answer says `"job": "sort"`.
* load: `unit`, a loose parcel or a closed container, any of them in any order; `show.qty` are its parcels. They come
  with `?job=load&truck=...` (a truck's id, or a code on its papers or lane); without a truck that is there, `truck` is
  null and `trucks` are to choose from: `{"id": "man_...", "name": "Northpost", "where": "Manifest M-4F2A1C, LANE-1",
  "loaded": 3, "parcels": 12, "codes": ["LANE-1"]}`. `truck` says besides what is `missing` and cannot be loaded yet
  (`name`, `words`), and as `last` the task of what this person loaded last, taken off again by an op of kind `undo`.
  `stops` answers every other code that the loader may meet: `{"tone": "stop", "title": "Not closed yet", "advice":
  "..."}`.
* pack: `tote` claims the order for ten minutes, renewed by each scan (`confirm` server, unless the person walked for
  it; any waiting order's tote may be scanned instead), one `item-N` for each line with `any_order` true (scanned in any
  order, each to its qty; one with `serial` asks the server about each unit: a code with a serial number, or that number
  alone), `carton` (`choices`, the code is scanned or tapped; another one than `suggested` is sent with
  a `reason` of `reasons`), `weight` (grams; `confirm` server: the audit answers;
  one that a person typed has `entry` typed and a `reason` of `reasons`, a scale's own `entry` wire or wedge),
  `label` (scan the
  printed label to prove that it is on the box; the weight's answer carries `document` with the label's address, and
  `label` with the codes that are on it: no other label is right). A parcel whose label was not scanned yet comes again
  as a task of its own, `label:`, with `show.document`.

`POST /scan/api/ops` with `{"device": "d7", "build": "...", "person": "usr_...", "ops": [OP, ...]}`, oldest first, at
most 50. An op is a fact: the server never refuses one that happened, it answers `held` and adds a task. Same `op_id`
again: `duplicate`. `person` is whose scans these are: while another is signed in the answer is 409, and they wait.

    OP = {"op_id": "uuid", "device": "d7", "seq": 4711, "task": "B-104/7", "v": 31, "step": "item",
          "kind": "scan" | "weight" | "short" | "skip" | "take" | "seen" | "undo", "code": "04006381333931",
          "raw": "]E04006381333931", "qty": 2, "weight_g": null,
          "entry": null | "wire" | "wedge" | "typed",
          "reason": null | "BIDF" | "BIDP" | "DAMAGED" | "WRONG_ITEM" | "UNREACHABLE" | "TOO_SMALL" | "OTHER: wet",
          "at": "2026-11-24T08:12:03.120Z", "skew_ms": -240, "build": "2026.11.3"}
    answer {"acks": [{"op_id": "...", "status": "applied" | "duplicate" | "held" | "rejected", "v": 32,
                      "tone": "ok" | "attention" | "stop", "title": "Held: 212 g too little", "text": "...",
                      "document": {"label": "Label", "href": "..."} | null, "again": false,
                      "label": {"codes": ["340123450000000017"], "name": "The label of parcel ...000017"} | absent,
                      "choice": {"kind": "take", "label": "Take over"} | null}],
            "work_changed": true, "next_seq": 4712}

A step is done when its op (or, for qty > 1 scanned one by one, the op that completes the count) is stored on the
device; a step with `confirm` server waits for the ack. One op is sent for each completed step with the whole qty; one
for each unit of a step with `serial`.
`short` carries the quantity found in `qty` and ends the task; `skip` moves the task behind the others and gives a
claimed order back; `take` takes over an order that another packs. With `again` the step is done once more (a weight).
When `work_changed` is true the device asks for the work again once its queue is empty. 401 keeps the queue and shows
the way to sign in. `X-CSRF-Token` carries `csrf`.
Without script, `POST /scan` takes the form fields `code`, `op_id`, `task`, `step`, `v` (and `qty`, `reason` for the
short form) and answers with this page again, carrying a `ScanVerdict`.
"""

from typing import ClassVar, Protocol

from app.web.faces.admin import (
    ControlTotal,
    FlaggedRow,
    ImportOutcome,
    ImportRow,
    ImportsPage,
    KeyRow,
    KeysPage,
    UserRow,
    UsersPage,
)
from app.web.faces.desk import (
    BatchProgress,
    BoardPage,
    CutOff,
    ErrorPage,
    Fact,
    OrderAction,
    OrderEvent,
    OrderHold,
    OrderLine,
    OrderPage,
    OrderParcel,
    OrderRow,
    OrderSearchPage,
    SayThis,
    SignInPage,
    StageCount,
)
from app.web.faces.floor import BatchesPage, BatchRow, ParcelPage, QuoteRow, ScanRow, WeighingRow
from app.web.faces.lists import (
    AvailabilityPage,
    Difference,
    GradeTile,
    ItemRow,
    ItemsPage,
    LocationStock,
    ManifestRow,
    ManifestsPage,
    MessageRow,
    MessagesPage,
    MovementRow,
    ParcelHold,
    ParcelHoldsPage,
    PullRow,
    ReturnInHand,
    ReturnRow,
    ReturnsPage,
    WebhookAttempt,
    WebhookEndpoint,
    WebhooksPage,
)
from app.web.faces.scan import ScanPage, ScanStep, ScanVerdict
from app.web.faces.shell import (
    Chip,
    Column,
    Empty,
    FeedLag,
    Field,
    Form,
    Frame,
    Link,
    Notice,
    Option,
    Pager,
    Role,
    Shell,
    Tone,
)
from app.web.faces.tracker import (
    Brand,
    ChallengePage,
    ContentLine,
    CustomerFormPage,
    DeliveryDetails,
    ExceptionCard,
    ParcelCard,
    ReceiptPage,
    ReturnableLine,
    ReturnRequestPage,
    StripStep,
    TimelineEntry,
    TrackerPage,
    progress_strip,
)


class Page(Protocol):
    """A page is a frozen value that names its template and the frame it is read in."""

    template: ClassVar[str]

    @property
    def frame(self) -> Frame:
        """The moment and zone of reading."""


__all__ = [
    "AvailabilityPage",
    "BatchProgress",
    "BatchRow",
    "BatchesPage",
    "BoardPage",
    "Brand",
    "ChallengePage",
    "Chip",
    "Column",
    "ContentLine",
    "ControlTotal",
    "CustomerFormPage",
    "CutOff",
    "DeliveryDetails",
    "Difference",
    "Empty",
    "ErrorPage",
    "ExceptionCard",
    "Fact",
    "FeedLag",
    "Field",
    "FlaggedRow",
    "Form",
    "Frame",
    "GradeTile",
    "ImportOutcome",
    "ImportRow",
    "ImportsPage",
    "ItemRow",
    "ItemsPage",
    "KeyRow",
    "KeysPage",
    "Link",
    "LocationStock",
    "ManifestRow",
    "ManifestsPage",
    "MessageRow",
    "MessagesPage",
    "MovementRow",
    "Notice",
    "Option",
    "OrderAction",
    "OrderEvent",
    "OrderHold",
    "OrderLine",
    "OrderPage",
    "OrderParcel",
    "OrderRow",
    "OrderSearchPage",
    "Page",
    "Pager",
    "ParcelCard",
    "ParcelHold",
    "ParcelHoldsPage",
    "ParcelPage",
    "PullRow",
    "QuoteRow",
    "ReceiptPage",
    "ReturnInHand",
    "ReturnRequestPage",
    "ReturnRow",
    "ReturnableLine",
    "ReturnsPage",
    "Role",
    "SayThis",
    "ScanPage",
    "ScanRow",
    "ScanStep",
    "ScanVerdict",
    "Shell",
    "SignInPage",
    "StageCount",
    "StripStep",
    "TimelineEntry",
    "Tone",
    "TrackerPage",
    "UserRow",
    "UsersPage",
    "WebhookAttempt",
    "WebhookEndpoint",
    "WebhooksPage",
    "WeighingRow",
    "progress_strip",
]
