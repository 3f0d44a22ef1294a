from typing import Any

import msgspec

from inventory.api import Availability
from kernel.actors import Actor


def stock_answer(merchant_id: str, found: Availability, *, site_id: str = "") -> dict[str, Any]:
    """Return what can be sold of an item in the words of `GET /v1/availability`; of one site only, if one is named."""
    values: dict[str, Any] = msgspec.to_builtins(found)
    sites = [site for site in values.pop("by_site") if site_id in ("", site["site_id"])]
    if site_id:
        counts = [name for name, value in values.items() if isinstance(value, int)]
        values |= {name: sum(site[name] for site in sites) for name in counts}
    return {"merchant_id": merchant_id, **values, "sites": sites}


def site_of(actor: Actor) -> str:
    """Return the site that an actor's answers keep to: that of people who work at one, none for a merchant's."""
    return "" if actor.tenant else actor.site


def cursor_name(actor: Actor) -> str:
    """Return the list that an actor's change cursors belong to: nobody goes on with another's."""
    return f"availability:{actor.tenant}:{site_of(actor)}"
