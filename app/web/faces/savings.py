"""What was paid for parcels, against what a baseline would have cost."""

from dataclasses import dataclass
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import NO_PAGES, Column, Empty, Form, Frame, Link, Pager, Shell, Tone


@dataclass(frozen=True, slots=True)
class SavingsRow:
    """One parcel of the ledger, money and days in words.

    `remark` says when it arrives, or why it cost more than the baseline; `tone` is that of what was saved.
    """

    parcel: Link
    order: Link
    merchant: str
    shipped: str
    service: str
    remark: str
    paid: str
    baseline: str
    baseline_words: str
    saved: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class SavingsTotals:
    """The sums in one currency, and what they do not tell by themselves."""

    figures: tuple[Fact, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SavingsPage:
    """`GET /savings`: the sums, and the ledger parcel by parcel."""

    template: ClassVar[str] = "staff/savings.html"
    frame: Frame
    shell: Shell
    filters: Form
    totals: tuple[SavingsTotals, ...]
    columns: tuple[Column, ...]
    rows: tuple[SavingsRow, ...]
    empty: Empty
    csv_href: str
    terms: Form | None = None
    pager: Pager = NO_PAGES
