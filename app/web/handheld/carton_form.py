"""The choice of a carton on the plain page: which one, why if it is not the proposed one, and in which words."""

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


def _told(choice: Mapping[str, Any]) -> str:
    told = "proposed" if choice.get("suggested") else choice.get("note", "")
    return f"{choice['name']} ({told})" if told else str(choice["name"])
