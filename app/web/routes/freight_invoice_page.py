from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.web.addresses import address
from app.web.faces.freight_invoices import FreightInvoicePage, FreightLineCard
from app.web.formats import long_date, money
from app.web.labels import carrier_words, person_words
from app.web.pages import Chip, Column, Empty, Fact, Field, Form, Link, Option, Pager, Tone
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from fulfillment import api as fulfillment
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import counted
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("orders:read"))]
Decider = Annotated[Visit, Depends(visitor("stock:write"))]
Words = Annotated[str, Query(max_length=200)]
_ROWS: Final = 50
_SORTS: Final = {"Line": "line", "Billed": "billed", "Expected": "expected", "Disputed": "disputed"}
FIRST: Final = "-disputed"
_FINE: Final = {"agreed": "ok", "below": "ok", "credit": "muted", "unreadable": "stop", "unpriced": "info"}
_DECIDED: Final = {"dispute": "Disputed", "accept": "Accepted", "": ""}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked of an invoice; the addresses of the page repeat it."""

    cause: str = ""
    query: str = ""
    sort: str = FIRST

    def address(self, path: str, **changes: str) -> str:
        """Return the address of these lines, with changes."""
        asked = {"cause": self.cause, "q": self.query, "sort": self.sort if self.sort != FIRST else ""}
        return address(path, **(asked | changes))


def wish(cause: Words = "", q: Words = "", sort: Words = "") -> Wish:
    """Read the wish from the address."""
    known = sort.removeprefix("-") in _SORTS.values()
    return Wish(cause if cause in shipping.FREIGHT_CAUSES else "", q.strip(), sort if known else FIRST)


Asked = Annotated[Wish, Depends(wish)]


@router.get("/freight-invoices/{invoice_id}")
def show_freight_invoice(
    visit: Viewer, invoice_id: str, asked: Asked, cursor: Annotated[str, Query(max_length=400)] = ""
) -> Response:
    """Show one invoice: its sums by cause, and line by line why it differs."""
    return staff_page(visit, _page(visit, invoice_id, asked, cursor))


@router.post("/freight-invoices/{invoice_id}/lines/{line}")
def decide_on_line(
    request: Request, visit: Decider, invoice_id: str, line: str, form: Annotated[Submitted, Depends(submitted)]
) -> Response:
    """Dispute a line, accept it with a note, or open it again."""

    def work(uow: UnitOfWork) -> Done:
        decision = form["decision"]
        if decision not in _DECIDED or not line.isdecimal():
            raise Invalid("Choose what is done about the line.", pointer="/decision")
        shipping.decide_freight_line(
            uow, invoice_id=invoice_id, line=int(line), decision=cast("shipping.FreightDecision", decision),
            note=form["note"],
        )  # fmt: skip
        words = {"dispute": "is disputed", "accept": "is accepted", "": "is open again"}[decision]
        here = f"/freight-invoices/{invoice_id}"
        return Done(form["back"] if form["back"].startswith(f"{here}?") else here, f"Line {line} {words}.")

    return submit(request, visit, form, work, again=lambda: _page(visit, invoice_id, Wish()))


@router.post("/freight-invoices/{invoice_id}/lines")
def decide_on_lines(
    request: Request, visit: Decider, invoice_id: str, form: Annotated[Submitted, Depends(submitted)]
) -> Response:
    """Dispute all lines of a cause or search, accept them with a note, or open them again."""
    asked = wish(form["cause"], form["q"], form["sort"])

    def work(uow: UnitOfWork) -> Done:
        decision = form["decision"]
        if decision not in _DECIDED:
            raise Invalid("Choose what is done about the lines.", pointer="/decision")
        lines = shipping.decide_freight_lines(
            uow, invoice_id=invoice_id, wanted=filter_of(at_desk(uow, visit), asked),
            decision=cast("shipping.FreightDecision", decision), note=form["note"],
        )  # fmt: skip
        words = {"dispute": "disputed", "accept": "accepted", "": "open again"}[decision]
        verb = "is" if lines == 1 else "are"
        return Done(asked.address(f"/freight-invoices/{invoice_id}"), f"{counted(lines, 'line')} {verb} {words}.")

    return submit(request, visit, form, work, again=lambda: _page(visit, invoice_id, asked))


def filter_of(desk: Desk, asked: Wish) -> shipping.LineFilter:
    """Return which lines are meant; the words are looked for in the numbers of orders as well."""
    orders: tuple[str, ...] = ()
    if asked.query:
        named = fulfillment.find_orders(desk.uow, fulfillment.OrderFilter(search=asked.query), sort="newest")
        orders = tuple(row.id for row in named.items)
    return shipping.LineFilter(asked.cause, asked.query.lower(), orders)


def _page(visit: Visit, invoice_id: str, asked: Wish, cursor: str = "") -> FreightInvoicePage:
    here = f"/freight-invoices/{invoice_id}"
    with desk_of(visit) as desk:
        invoice = shipping.get_freight_invoice(desk.uow, invoice_id)
        causes = shipping.freight_causes(desk.uow, invoice_id)
        found = shipping.freight_lines(
            desk.uow, invoice_id, filter_of(desk, asked), sort=asked.sort, cursor=cursor or None, limit=_ROWS
        )
        heads = fulfillment.order_heads(desk.uow, [each.reference for each in found.items if each.reference])
        people = desk.people()
        return FreightInvoicePage(
            frame=desk.frame,
            shell=desk.shell("/orders"),
            title=f"Invoice {invoice.number}",
            about=_about(desk, invoice),
            figures=_figures(invoice),
            remarks=_remarks(invoice),
            causes=_chips(here, asked, causes),
            search=_search(here, asked),
            columns=_columns(here, asked),
            rows=tuple(_row(visit, invoice, each, heads, people, asked) for each in found.items),
            empty=_empty(asked, invoice),
            downloads=_downloads(here, asked, invoice),
            decide=_decide_all(desk, invoice, asked),
            pager=Pager("", "", asked.address(here, cursor=found.next)) if found.next else Pager(),
        )


def _search(here: str, asked: Wish) -> Form:
    kept = {"cause": asked.cause, "sort": asked.sort if asked.sort != FIRST else ""}
    hidden = tuple(Field(name, "", "hidden", value) for name, value in kept.items() if value)
    query = Field("q", "Contains", "search", asked.query, maximum=60)
    return Form(here, "Show", (query, *hidden), method="get", tone="plain")


def _about(desk: Desk, invoice: shipping.FreightInvoice) -> str:
    contract = desk.merchants().get(invoice.tenant_id, "") if invoice.tenant_id else "the house"
    dated = f" of {long_date(invoice.invoice_date)}" if invoice.invoice_date else ""
    return f"{carrier_words(invoice.carrier)}{dated}, contract of {contract}, {counted(invoice.lines, 'line')}."


def _figures(invoice: shipping.FreightInvoice) -> tuple[Fact, ...]:
    tone: Tone = "warn" if invoice.disputed_minor else "ok"
    return (
        Fact("Billed", money(invoice.billed_minor, invoice.currency)),
        Fact("Expected", money(invoice.expected_minor, invoice.currency)),
        Fact("Disputed", money(invoice.disputed_minor, invoice.currency), tone=tone),
        Fact("Lines to decide", f"{invoice.undecided:,}"),
    )


def _remarks(invoice: shipping.FreightInvoice) -> tuple[str, ...]:
    told = []
    if invoice.state == "reading":
        told.append("Its rows are still being compared.")
    if invoice.unclear:
        told.append(f"{counted(invoice.unclear, 'line')} could not be read or priced; nothing is expected of them.")
    return tuple(told)


def _chips(here: str, asked: Wish, causes: Sequence[shipping.CauseTotal]) -> tuple[Chip, ...]:
    everything = Chip("All", asked.address(here, cause=""), not asked.cause, sum(each.lines for each in causes))
    found = (
        Chip(shipping.FREIGHT_CAUSES[each.cause], asked.address(here, cause=each.cause), each.cause == asked.cause,
             each.lines)
        for each in causes
    )  # fmt: skip
    return (everything, *found)


def _columns(here: str, asked: Wish) -> tuple[Column, ...]:
    return tuple(
        _column(here, asked, words)
        for words in ("Line", "Parcel", "Cause", "Billed", "Expected", "Disputed", "Decision")
    )


def _column(here: str, asked: Wish, words: str) -> Column:
    """A heading sorts by its column, the greatest first, and the other way round when it does so already."""
    name = _SORTS.get(words, "")
    if not name:
        return Column(words)
    falling, rising = asked.sort == f"-{name}", asked.sort == name
    href = asked.address(here, sort=name if falling else f"-{name}")
    return Column(
        words, numeric=True, sort_href=href, sorted="descending" if falling else "ascending" if rising else None
    )


def _row(
    visit: Visit, invoice: shipping.FreightInvoice, each: shipping.FreightLine,
    heads: dict[str, fulfillment.OrderHead], people: dict[str, str], asked: Wish,
) -> FreightLineCard:  # fmt: skip
    head, currency = heads.get(each.reference), invoice.currency
    parcel = f"/parcels/{each.parcel_id}" if each.parcel_id else ""
    said = tuple(_finding(one, currency, is_alone=len(each.findings) == 1) for one in each.findings)
    facts = tuple(Fact(name, value) for name, value in shipping.evidence_facts(each.evidence, currency))
    who = f"{_DECIDED[each.decision]} by {person_words(each.decided_by, people)}" if each.decision else ""
    return FreightLineCard(
        each.line, Link(each.tracking_number or "No number", parcel), f"Order {head.external_id}" if head else "",
        shipping.FREIGHT_CAUSES[each.cause], cast("Tone", _FINE.get(each.cause, "warn")), said, facts,
        ", ".join(word for word in (each.service, each.weight, f"zone {each.zone}" if each.zone else "") if word),
        money(each.billed_minor, currency),
        "Unknown" if each.expected_minor is None else money(each.expected_minor, currency),
        money(each.disputed_minor, currency) if each.disputed_minor else "", who, each.note,
        _decide(visit, invoice, each, asked) if visit.may("stock:write") else None,
    )  # fmt: skip


def _finding(one: dict[str, object], currency: str, *, is_alone: bool) -> str:
    amount = one["amount_minor"]
    if is_alone or not isinstance(amount, int):
        return str(one["words"])
    return f"{money(amount, currency)}: {one['words']}"


def _decide(visit: Visit, invoice: shipping.FreightInvoice, each: shipping.FreightLine, asked: Wish) -> Form | None:
    unclear = each.cause in ("unreadable", "unpriced")
    if invoice.state != "ready" or not (each.disputed_minor or each.decision or unclear):
        return None
    here = f"/freight-invoices/{invoice.id}"
    choices = {"dispute": "Dispute it", "accept": "Accept it"} if each.disputed_minor else {"accept": "Accept it"}
    if each.decision:
        choices |= {"": "Leave it open"}
    options = tuple(Option(value, words, value == each.decision) for value, words in choices.items())
    fields = (
        Field("decision", "What to do", "select", options=options, required=True),
        Field("note", "Note", value=each.note, maximum=500, hint="Needed to accept a charge."),
        Field("back", "", "hidden", asked.address(here)),
    )
    return Form(f"{here}/lines/{each.line}", "Keep it", fields, "Decide", csrf_token=visit.csrf_token)


def _decide_all(desk: Desk, invoice: shipping.FreightInvoice, asked: Wish) -> Form | None:
    """Return the form that decides on all lines of the filter, None where there is nothing to decide."""
    if invoice.state != "ready" or not desk.visit.may("stock:write"):
        return None
    waiting, decided = shipping.count_freight_lines(desk.uow, invoice_id=invoice.id, wanted=filter_of(desk, asked))
    choices = {"dispute": f"Dispute {waiting:,}", "accept": f"Accept {waiting:,}"} if waiting else {}
    if decided:
        choices[""] = f"Open {decided:,} again"
    if not choices:
        return None
    which = " that match" if asked.cause or asked.query else ""
    fields = (
        Field("decision", "What to do", "select", options=tuple(Option(*each) for each in choices.items())),
        Field("note", "Note", maximum=500, hint="Needed to accept charges."),
        *(Field(name, "", "hidden", value) for name, value in
          (("cause", asked.cause), ("q", asked.query), ("sort", asked.sort))),
    )  # fmt: skip
    return Form(
        f"/freight-invoices/{invoice.id}/lines", "Keep it", fields, f"Decide on all lines{which}",
        csrf_token=desk.visit.csrf_token,
    )  # fmt: skip


def _downloads(here: str, asked: Wish, invoice: shipping.FreightInvoice) -> tuple[Link, ...]:
    lines = Link("Lines as CSV", asked.address(f"{here}/lines.csv"))
    if not invoice.disputed_minor:
        return (lines,)
    return Link("Dispute pack", f"{here}/dispute.pdf"), Link("Disputes as CSV", f"{here}/dispute.csv"), lines


def _empty(asked: Wish, invoice: shipping.FreightInvoice) -> Empty:
    if invoice.state == "reading":
        return Empty("Its lines are being compared.", "Reload this page in a moment.")
    if asked.query or asked.cause:
        return Empty("No line matches.", "Choose another cause, or try fewer letters.")
    return Empty("The invoice has no lines.", "Send the file again.")
