"""What the room lends: carriers' invoices, read, audited line by line and disputed, and what was saved on freight."""

from shipping.domain.freight_lines import WEIGHT_UNITS, BilledInvoice, BilledLine, InvoiceOwner
from shipping.freight.commands.decide_freight_line import FreightDecision, NothingToDispute, decide_freight_line
from shipping.freight.commands.decide_freight_lines import count_freight_lines, decide_freight_lines
from shipping.freight.commands.take_freight_invoice import (
    TakenInvoice,
    add_freight_lines,
    begin_freight_invoice,
    close_freight_invoice,
    take_freight_invoice,
)
from shipping.freight.dispute_packs import dispute_pack_pdf, evidence_facts
from shipping.freight.queries import (
    CauseTotal,
    FreightInvoice,
    FreightLine,
    LineFilter,
    carriers_of,
    find_freight_invoices,
    freight_causes,
    freight_lines,
    get_freight_invoice,
)
from shipping.freight.savings import (
    SavingsEntry,
    SavingsFilter,
    SavingsTotal,
    find_savings,
    ledger_days,
    savings_baselines,
    savings_totals,
)
from shipping.sentences import FREIGHT_CAUSES

__all__ = [
    "FREIGHT_CAUSES",
    "WEIGHT_UNITS",
    "BilledInvoice",
    "BilledLine",
    "CauseTotal",
    "FreightDecision",
    "FreightInvoice",
    "FreightLine",
    "InvoiceOwner",
    "LineFilter",
    "NothingToDispute",
    "SavingsEntry",
    "SavingsFilter",
    "SavingsTotal",
    "TakenInvoice",
    "add_freight_lines",
    "begin_freight_invoice",
    "carriers_of",
    "close_freight_invoice",
    "count_freight_lines",
    "decide_freight_line",
    "decide_freight_lines",
    "dispute_pack_pdf",
    "evidence_facts",
    "find_freight_invoices",
    "find_savings",
    "freight_causes",
    "freight_lines",
    "get_freight_invoice",
    "ledger_days",
    "savings_baselines",
    "savings_totals",
    "take_freight_invoice",
]
