"""Choices on the plain page: which carton, and why it is not the proposed one; how a weight came, and why by hand."""

from collections.abc import Mapping
from typing import Any

from app.web.handheld.tasks import Step
from app.web.pages import Field, Option


def carton_fields(step: Step) -> tuple[Field, ...]:
    """Return the fields that ask for a carton of a step, and for a reason where one is proposed."""
    options = tuple(Option(choice["code"], _told(choice)) for choice in step["choices"])
    field = Field("code", "Carton", "select", options=options, required=True)
    if not step["reasons"]:
        return (field,)
    reasons = tuple(Option(reason["code"], reason["name"]) for reason in step["reasons"])
    why = Field("reason", "Why, if not the proposed one", "select", options=(Option("", ""), *reasons))
    return field, why, Field("note", "What, if something else", maximum=200, autocomplete="off")


def weight_fields(step: Step) -> tuple[Field, ...]:
    """Return the fields that ask for a weight, and why a person types it."""
    weight = Field(
        "code", "Weight in grams", required=True, inputmode="numeric", autocomplete="off", maximum=12, first=True
    )
    reasons = tuple(Option(reason["code"], f"Typed: {reason['name'].lower()}") for reason in step["reasons"])
    how = Field("reason", "How it came", "select", options=(Option("", "From the scale by itself"), *reasons))
    return weight, how, Field("note", "What, if something else", maximum=200, autocomplete="off")


def _told(choice: Mapping[str, Any]) -> str:
    told = "proposed" if choice.get("suggested") else choice.get("note", "")
    return f"{choice['name']} ({told})" if told else str(choice["name"])
