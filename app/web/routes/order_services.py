"""What an order asks for beside its goods, as the desk sees it."""

from app.web.faces.desk import Fact
from fulfillment import api as fulfillment


def service_facts(order: fulfillment.OrderView) -> tuple[Fact, ...]:
    """Return each service that an order asks for, with what became of it; a photo opens where it was taken."""
    skus = {line.id: line.sku for line in order.lines}
    return tuple(_fact(order.id, each, skus.get(each.line_id, "")) for each in order.services)


def _fact(order_id: str, each: fulfillment.AskedServiceView, sku: str) -> Fact:
    count = each.name if each.quantity == 1 else f"{each.quantity} \N{MULTIPLICATION SIGN} {each.name}"
    named = f"{count} on {sku}" if sku else count
    said = f": \N{LEFT DOUBLE QUOTATION MARK}{each.text}\N{RIGHT DOUBLE QUOTATION MARK}" if each.text else ""
    excused = next((step.reason for step in each.steps if step.state == "excused"), "")
    photo = next((step.photo_id for step in reversed(each.steps) if step.photo_id and step.state != "reversed"), "")
    if excused:
        became = f"not possible ({excused})"
    else:
        became = "done" if each.performed >= each.quantity else f"{each.performed} of {each.quantity} done"
    href = f"/v1/orders/{order_id}/service-photos/{photo}" if photo else ""
    return Fact("Service", f"{named}{said}, {became}", href, tone="warn" if excused else "plain")
