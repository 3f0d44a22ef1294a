"""The choice where a person picks, on sites whose walks are passed from zone to zone."""

from collections.abc import Mapping
from typing import Any

from app.web.faces.shell import Field, Form, Option


def zone_form(work: Mapping[str, Any], csrf_token: str) -> Form | None:
    """Return the form for a device without scripts, None where nobody passes walks."""
    zones = work["zones"]
    if zones is None:
        return None
    options = (Option("", "Any zone"), *(Option(zone, f"Zone {zone}", zone == zones["mine"]) for zone in zones["all"]))
    fields = (Field("task", "", "hidden", "zone"), Field("zone", "Where you pick", "select", options=options))
    return Form("/scan", "Pick there", fields, tone="plain", csrf_token=csrf_token)
