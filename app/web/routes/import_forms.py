"""The forms of the imports: a file of orders, a catalogue, and the catalogue back."""

from collections.abc import Mapping
from typing import Final

from app.importers.waiting_files import LARGEST_BYTES
from app.web.pages import Field, Form, Option

_LIMIT: Final = f"{LARGEST_BYTES / 1_000_000:,.0f} MB"


def orders_form(csrf_token: str, merchants: Mapping[str, str]) -> Form:
    """Return the form that takes a file of orders."""
    file = Field(
        "file", "CSV file", "file", required=True,
        hint=f"An order export of Shopify, CSV UTF-8, up to {_LIMIT}. The same file again changes nothing.",
    )  # fmt: skip
    fields = (_merchant(merchants), file)
    return Form("/imports/shopify", "Import the file", fields, "Import orders", csrf_token=csrf_token)


def items_form(csrf_token: str, merchants: Mapping[str, str]) -> Form:
    """Return the form that takes a catalogue."""
    file = Field(
        "file", "CSV file", "file", required=True,
        hint=(
            "One row for each item, with its SKU and what is known of it; weights and sides with their unit."
            f" Up to {_LIMIT}. An empty cell leaves what is known; the same file again changes nothing."
        ),
    )  # fmt: skip
    fields = (_merchant(merchants), file)
    return Form("/imports/items", "Import the items", fields, "Import items", csrf_token=csrf_token)


def export_form(merchants: Mapping[str, str]) -> Form:
    """Return the form that leads to a merchant's catalogue as a file."""
    field = _merchant(merchants, "merchant_id")
    return Form("/v1/items.csv", "Download CSV", (field,), "Export items", method="get")


def _merchant(merchants: Mapping[str, str], name: str = "merchant") -> Field:
    options = (Option("", "Choose"), *(Option(key, words) for key, words in merchants.items()))
    return Field(name, "Merchant", "select", options=options, required=True)
