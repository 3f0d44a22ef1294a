from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.web.addresses import address
from app.web.faces.savings import SavingsPage, SavingsRow, SavingsTotals
from app.web.formats import long_date, money
from app.web.labels import carrier_words
from app.web.pages import Column, Empty, Fact, Field, Form, Link, Option, Pager, Tone
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.freight_terms import keep_terms, terms_form
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from fulfillment import api as fulfillment
from kernel.csv_text import csv_line
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import counted
from kernel.web.paging import MAX_LIMIT, Page
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("orders:read"))]
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Words = Annotated[str, Query(max_length=200)]
_ROWS: Final = 50
_NEWEST: Final = "-shipped"
_SORTS: Final = {"Shipped": "shipped", "Paid": "paid", "Saved": "saved"}
_CSV_COLUMNS: Final = (
    "parcel", "tracking_number", "order", "merchant", "shipped_on", "carrier", "service", "currency", "quoted_minor",
    "paid_minor", "arrives_on", "promised_on", "baseline", "baseline_minor", "baseline_arrives_on", "saved_minor",
    "why", "baseline_refused",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked of the ledger; the addresses of the page repeat it."""

    query: str = ""
    since: str = ""
    until: str = ""
    baseline: str = ""
    merchant: str = ""
    sort: str = _NEWEST

    def address(self, path: str = "/savings", **changes: str) -> str:
        """Return the address of this ledger, with changes."""
        asked = {
            "q": self.query, "since": self.since, "until": self.until, "baseline": self.baseline,
            "merchant": self.merchant, "sort": self.sort if self.sort != _NEWEST else "",
        }  # fmt: skip
        return address(path, **(asked | changes))


def wish(
    q: Words = "", since: Words = "", until: Words = "", baseline: Words = "", merchant: Words = "", sort: Words = ""
) -> Wish:
    """Read the wish from the address."""
    known = sort.removeprefix("-") in _SORTS.values()
    return Wish(q.strip(), since.strip(), until.strip(), baseline, merchant, sort if known else _NEWEST)


Asked = Annotated[Wish, Depends(wish)]


@router.get("/savings")
def show_savings(visit: Viewer, asked: Asked, cursor: Annotated[str, Query(max_length=400)] = "") -> Response:
    """Show what was paid for parcels against a baseline: the sums, and parcel by parcel."""
    return staff_page(visit, _ledger(visit, asked, cursor))


@router.post("/savings/terms")
def set_terms(request: Request, visit: Lead, form: Annotated[Submitted, Depends(submitted)]) -> Response:
    """Say what late and lost parcels cost a merchant."""

    def work(uow: UnitOfWork) -> Done:
        return keep_terms(uow, form)

    return submit(request, visit, form, work, again=lambda: _ledger(visit, Wish()))


def _ledger(visit: Visit, asked: Wish, cursor: str = "") -> SavingsPage:
    with desk_of(visit) as desk:
        try:
            wanted, problem = _filter(desk, asked), None
        except Invalid as wrong:
            wanted, problem = _filter(desk, Wish()), wrong
        found = shipping.find_savings(desk.uow, wanted, sort=asked.sort, cursor=cursor or None, limit=_ROWS)
        return _page(desk, asked, wanted, found, problem)


@router.get("/savings.csv")
def download_savings(visit: Viewer, asked: Asked) -> Response:
    """Return the whole ledger as CSV, as it is read; a cell that a spreadsheet would run is made text."""
    with desk_of(visit) as desk:
        wanted = _filter(desk, asked)
    headers = {"content-disposition": 'attachment; filename="savings.csv"'}
    return StreamingResponse(
        _csv_pieces(visit, wanted, asked.sort), media_type="text/csv; charset=utf-8", headers=headers
    )


def _csv_pieces(visit: Visit, wanted: shipping.SavingsFilter, sort: str) -> Iterator[str]:
    """Yield the ledger piece by piece, each read in a transaction of its own: a slow reader holds none open."""
    yield csv_line(_CSV_COLUMNS)
    cursor: str | None = None
    while True:
        with desk_of(visit) as desk:
            names = desk.merchants()
            found = shipping.find_savings(desk.uow, wanted, sort=sort, cursor=cursor, limit=MAX_LIMIT)
            heads = fulfillment.order_heads(desk.uow, [each.reference for each in found.items])
        for each in found.items:
            head = heads.get(each.reference)
            yield csv_line(
                (
                    each.parcel_id, each.tracking_number, head.external_id if head else each.reference,
                    names.get(each.tenant_id, ""), each.ship_date, each.carrier, each.service, each.currency,
                    each.price_minor, each.paid_minor, each.arrives_on or "", each.promised_on or "", each.baseline,
                    "" if each.baseline_minor is None else each.baseline_minor, each.baseline_arrives_on or "",
                    "" if each.baseline_minor is None else each.saved_minor, each.why, each.baseline_refused,
                )
            )  # fmt: skip
        cursor = found.next
        if cursor is None:
            return


def _filter(desk: Desk, asked: Wish) -> shipping.SavingsFilter:
    since, until = _day(asked.since, "since"), _day(asked.until, "until")
    first, last = shipping.ledger_days(since, until, today=desk.uow.now.date())
    orders: tuple[str, ...] = ()
    if asked.query:
        named = fulfillment.find_orders(desk.uow, fulfillment.OrderFilter(search=asked.query), sort="newest")
        orders = tuple(row.id for row in named.items)
    return shipping.SavingsFilter(
        first, last, desk.narrowed_to, asked.merchant, asked.baseline, asked.query.lower(), orders
    )


def _day(words: str, name: str) -> date | None:
    try:
        return date.fromisoformat(words) if words else None
    except ValueError as error:
        raise Invalid("This is not a day.", remedy="Enter such as 2026-11-24.", pointer=f"/{name}") from error


def _page(
    desk: Desk, asked: Wish, wanted: shipping.SavingsFilter, found: Page[shipping.SavingsEntry],
    problem: Invalid | None,
) -> SavingsPage:  # fmt: skip
    names = desk.merchants()
    heads = fulfillment.order_heads(desk.uow, [each.reference for each in found.items])
    return SavingsPage(
        frame=desk.frame,
        shell=desk.shell("/orders"),
        filters=_filters(desk, asked, wanted, names, problem),
        totals=tuple(_total(each) for each in shipping.savings_totals(desk.uow, wanted)),
        columns=_columns(asked),
        rows=tuple(_row(desk, each, heads, names) for each in found.items),
        empty=_empty(asked),
        csv_href=asked.address("/savings.csv") if found.items and problem is None else "",
        terms=terms_form(desk),
        pager=Pager("", "", asked.address(cursor=found.next)) if found.next else Pager(),
    )


def _total(total: shipping.SavingsTotal) -> SavingsTotals:
    """Tell what was saved where the baseline would have kept the promise; what it would have missed stands apart."""
    currency, saved = total.currency, total.saved_in_time_minor
    tone: Tone = "ok" if saved > 0 else "warn" if saved < 0 else "plain"
    figures = [Fact("Saved against the baseline", money(saved, currency), tone=tone)]
    if total.baseline_late:
        late = counted(total.baseline_late, "promise")
        more = money(saved - total.saved_minor, currency)
        figures.append(Fact(f"More than the baseline, for {late} that it would have missed", more))
    figures += [
        Fact("The baseline would have cost", money(total.baseline_minor, currency)),
        Fact("Paid for these parcels", money(total.compared_paid_minor, currency)),
        Fact("Parcels", f"{total.parcels:,}"),
    ]
    remarks = []
    if total.compared < total.parcels:
        left = counted(total.parcels - total.compared, "parcel")
        paid = money(total.paid_minor - total.compared_paid_minor, currency)
        remarks.append(f"The baseline took no such parcel as {left}, for which {paid} was paid; nothing is compared.")
    if total.dearer:
        remarks.append(f"{counted(total.dearer, 'parcel')} cost more than the baseline; each says why.")
    return SavingsTotals(tuple(figures), tuple(remarks))


def _row(
    desk: Desk, each: shipping.SavingsEntry, heads: dict[str, fulfillment.OrderHead], names: dict[str, str]
) -> SavingsRow:
    head, known = heads.get(each.reference), each.baseline_minor is not None
    tone: Tone = "ok" if each.saved_minor > 0 else "warn" if each.saved_minor < 0 else "plain"
    arrives = f"Arrives {long_date(each.arrives_on)}" if each.arrives_on else ""
    told = each.why if each.saved_minor < 0 else arrives
    if each.baseline_refused:
        told = f"{told}. The baseline: {each.baseline_refused}"
    return SavingsRow(
        Link(each.tracking_number, f"/parcels/{each.parcel_id}"),
        Link(head.external_id if head else each.reference, f"/orders/{each.reference}"),
        names.get(each.tenant_id, "") if desk.visit.works_here else "",
        long_date(each.ship_date),
        carrier_words(f"{each.carrier} {each.service}"),
        told,
        money(each.paid_minor, each.currency),
        money(each.baseline_minor, each.currency) if each.baseline_minor is not None else "No price",
        _baseline_words(each),
        money(each.saved_minor, each.currency) if known else "Not compared",
        tone,
    )


def _baseline_words(each: shipping.SavingsEntry) -> str:
    name = carrier_words(each.baseline.replace("/", " "))
    if each.baseline_refused:
        return f"{name}, not for these goods"
    is_late = each.promised_on and each.baseline_arrives_on and each.baseline_arrives_on > each.promised_on
    return f"{name}, after the promise" if is_late else name


def _columns(asked: Wish) -> tuple[Column, ...]:
    return tuple(
        _column(asked, words) for words in ("Parcel", "Order", "Shipped", "Service", "Paid", "Baseline", "Saved")
    )


def _column(asked: Wish, words: str) -> Column:
    """A heading sorts by its column, the greatest first, and the other way round when it does so already."""
    name, numeric = _SORTS.get(words, ""), words in ("Paid", "Baseline", "Saved")
    if not name:
        return Column(words, numeric=numeric)
    falling, rising = asked.sort == f"-{name}", asked.sort == name
    href = asked.address(sort=name if falling else f"-{name}")
    return Column(
        words, numeric=numeric, sort_href=href, sorted="descending" if falling else "ascending" if rising else None
    )


def _filters(
    desk: Desk, asked: Wish, wanted: shipping.SavingsFilter, names: dict[str, str], problem: Invalid | None
) -> Form:
    wrong = {problem.pointer: f"{problem.detail} {problem.remedy}"} if problem else {}
    known = dict.fromkeys(shipping.savings_baselines(desk.uow, since=wanted.since, until=wanted.until))
    baselines = tuple(Option(each, carrier_words(each.replace("/", " ")), each == asked.baseline) for each in known)
    recorded = Option("", "As recorded", not asked.baseline)
    fields = [
        Field("q", "Contains", "search", asked.query, maximum=100),
        Field("since", "From", "date", asked.since or wanted.since.isoformat(), error=wrong.get("/since", "")),
        Field("until", "To", "date", asked.until or wanted.until.isoformat(), error=wrong.get("/until", "")),
        Field("baseline", "Against", "select", asked.baseline, options=(recorded, *baselines)),
    ]
    if len(names) > 1 and desk.visit.works_here:
        merchants = tuple(Option(key, name, key == asked.merchant) for key, name in names.items())
        options = (Option("", "All merchants", not asked.merchant), *merchants)
        fields.append(Field("merchant", "Merchant", "select", asked.merchant, options=options))
    if asked.sort != _NEWEST:
        fields.append(Field("sort", "", "hidden", asked.sort))
    return Form("/savings", "Show", tuple(fields), method="get", tone="plain")


def _empty(asked: Wish) -> Empty:
    if asked.query:
        return Empty("No parcel matches.", "Try fewer letters, or other days.")
    return Empty("No label was bought for these days.", "Parcels are listed here once they have their label.")
