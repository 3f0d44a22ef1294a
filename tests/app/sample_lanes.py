"""Pages about the lanes with made-up data; `sample_pages` lists them."""

from datetime import UTC, datetime, timedelta

from app.web.faces.bills_of_lading import BillOfLadingPage, LadingRow
from app.web.faces.desk import Fact
from app.web.faces.lanes import ContainerRow, DifferenceRow, LaneRow, LanesPage, ReconciliationPage
from app.web.faces.shell import Empty, Field, Form, Frame, Link, Option, Shell

NOW = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)
FRAME = Frame(NOW, "Europe/London")
SHELL = Shell("Max Manager", "manager", "Leipzig distribution center", "/manifests")
_CARRIERS = (Option("northpost", "Northpost"), Option("swift_parcel", "Swift Parcel"))
_RULES = (
    Field("carrier", "Carrier", "select", options=_CARRIERS, required=True),
    Field("services", "Services", hint="Such as express, tracked. Empty for all."),
    Field("routes", "Destinations", hint="Countries, or beginnings of postcodes: DE-04, AT. Empty for everywhere."),
    Field("requires_staging", "A manifest takes only what was scanned onto it", "checkbox", checked=True),
)


def lanes() -> LanesPage:
    """Two lanes, one with parcels to take off, and two containers."""
    change = Form("/lanes/1", "Save", _RULES, "Change", tone="plain")
    close = Form("/lanes/1/close", "Close", tone="plain")
    step = Form("/containers/1/close", "Close", tone="plain")
    label = Link("Label", "/v1/containers/1/label.pdf")
    code = Field("code", "Code", required=True)
    parcel, target = Field("parcel", "Parcel", required=True), Field("target", "Lane or container", required=True)
    oldest, cut_off = NOW - timedelta(hours=3), NOW + timedelta(minutes=84)
    return LanesPage(
        FRAME, SHELL, "A manifest takes only what was scanned onto LANE-1; the rest waits for the next one.",
        (
            LaneRow("LANE-1", Link("LANE-1", "/locations?q=LANE-1"), "Northpost", "All services to DE-04, AT",
                    "Needs a scan", 128, 214_300, oldest, cut_off, 2, change, close),
            LaneRow("LANE-2", None, "Swift Parcel", "express to everywhere", "No scan needed", 0, 0, None, None, 0),
        ),
        Empty("Lanes will be listed here.", "Open one to sort by scan."),
        (
            ContainerRow("\N{HORIZONTAL ELLIPSIS}000018", "340123450000000018", "Cage", "LANE-1", "OPEN", 40, 61_000,
                         label, step),
            ContainerRow("\N{HORIZONTAL ELLIPSIS}000025", "340123450000000025", "Bag", "LANE-1", "CLOSED", 9, 4_100,
                         label, None),
        ),
        Empty("Open containers will be listed here.", "Open one on a lane."),
        Form("/lanes", "Open the lane", (code, *_RULES), "A new lane", tone="plain"),
        (Form("/lanes/scan/stage", "Put it there", (parcel, target), "Sort a parcel"),),
    )  # fmt: skip


def reconciliation() -> ReconciliationPage:
    """A collection of which two parcels would stay."""
    link = Link("Parcel \N{HORIZONTAL ELLIPSIS}000018", "/parcels/par_1")
    return ReconciliationPage(
        FRAME, SHELL, "Northpost", NOW, "A manifest closed now would hold 126 of 128 labelled parcels.",
        (Fact("Packed", "131"), Fact("Audited", "129"), Fact("Labelled", "128"), Fact("On their lane", "126")),
        (
            DifferenceRow(link, "NP0000000018", "Not scanned onto its lane", "LANE-1", ""),
            DifferenceRow(link, "NP0000000025", "Stands on another lane", "LANE-1", "LANE-2"),
            DifferenceRow(link, "", "Held by the scale", "", ""),
        ),
        Empty("Every parcel is where it belongs.", "The manifest can be closed."),
        Form("/manifests/close/northpost/2026-11-24", "Close the manifest"),
    )  # fmt: skip


def bill_of_lading() -> BillOfLadingPage:
    """A bill of a cage and of loose cartons, some of them dangerous."""
    fields = (Field("scac", "SCAC", value="NPST"), Field("pro_number", "PRO number"), Field("trailer", "Trailer"))
    rows = (
        LadingRow("Carton", 14, 14, 12_345, False, "General merchandise"),
        LadingRow("Cage", 1, 3, 2_500, True, "Dangerous goods, in the packages marked below"),
    )
    return BillOfLadingPage(
        FRAME, SHELL, "Bill of lading of M-7Q2X5W", Form("/manifests/man_1/bill-of-lading", "Save", fields),
        (Fact("Number", "40123450000000016"), Fact("Parcels", "17")), rows, None,
        Link("Print", "/v1/manifests/man_1/bill-of-lading.pdf"),
    )  # fmt: skip
