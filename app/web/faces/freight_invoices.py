"""Carriers' invoices: what was billed, what was expected, and what is asked back."""

from dataclasses import dataclass
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import NO_PAGES, Chip, Column, Empty, Form, Frame, Link, Pager, Shell, Tone


@dataclass(frozen=True, slots=True)
class FreightInvoiceCard:
    """One invoice in the list, money and days in words."""

    invoice: Link
    carrier: str
    contract: str
    dated: str
    lines: str
    billed: str
    expected: str
    disputed: str
    state: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class FreightInvoicesPage:
    """`GET /freight-invoices`: the invoices, and the form that takes another one; `waiting` are files with how far."""

    template: ClassVar[str] = "staff/freight_invoices.html"
    frame: Frame
    shell: Shell
    search: Form
    upload: Form | None
    waiting: tuple[tuple[str, str], ...]
    rows: tuple[FreightInvoiceCard, ...]
    empty: Empty
    refresh_s: int = 0
    pager: Pager = NO_PAGES


@dataclass(frozen=True, slots=True)
class FreightLineCard:
    """One billed line: why it differs in sentences, the evidence, and the form that decides on it."""

    line: int
    parcel: Link
    order: str
    cause: str
    tone: Tone
    findings: tuple[str, ...]
    evidence: tuple[Fact, ...]
    service: str
    billed: str
    expected: str
    disputed: str
    decision: str
    note: str
    decide: Form | None


@dataclass(frozen=True, slots=True)
class FreightInvoicePage:
    """`GET /freight-invoices/{id}`: the sums, and the lines by cause."""

    template: ClassVar[str] = "staff/freight_invoice.html"
    frame: Frame
    shell: Shell
    title: str
    about: str
    figures: tuple[Fact, ...]
    remarks: tuple[str, ...]
    causes: tuple[Chip, ...]
    search: Form
    columns: tuple[Column, ...]
    rows: tuple[FreightLineCard, ...]
    empty: Empty
    downloads: tuple[Link, ...]
    decide: Form | None
    pager: Pager = NO_PAGES
