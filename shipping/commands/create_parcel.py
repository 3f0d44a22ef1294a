from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import text

from kernel.access.queries import SiteView
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal
from kernel.ids import new_id
from shipping.commands.plan_parcels import OWN_CONTAINER, plan_into, plan_parcels
from shipping.commands.stock_cartons import use_carton
from shipping.domain.gs1 import build_sscc
from shipping.domain.rates import Parcel
from shipping.domain.weight_audit import Extra
from shipping.events.parcels import ParcelPacked
from shipping.expectations import beliefs_about, expect_parcel
from shipping.goods_takers import require_taker
from shipping.models.parcels import ParcelRow
from shipping.repository import about, item_weights, next_serial, parcel_view
from shipping.site_terms import terms_of
from shipping.views import Content, ParcelView, ShipTo

FOREIGN_CONTAINER: Final = "foreign"
"""Somebody else's container, whose tare is weighed or stated before the parcel is weighed."""
_ADD_ITEMS = text(
    "insert into parcel_item (tenant_id, parcel_id, line_id, item_id, sku, name, quantity, weight_g, length_mm,"
    " width_mm, height_mm, dangerous_goods)"
    " select :tenant, :parcel, i.line_id, i.item_id, i.sku, i.name, i.quantity, i.weight_g, i.length_mm, i.width_mm,"
    " i.height_mm, i.dangerous_goods from jsonb_to_recordset(cast(:items as jsonb)) as i(line_id text, item_id text,"
    " sku text, name text, quantity bigint, weight_g bigint, length_mm bigint, width_mm bigint, height_mm bigint,"
    " dangerous_goods text)"
)


class UnknownCarton(Invalid):
    """The site does not stock this carton."""

    code = "unknown_carton"
    title = "The site has no such carton"


class NeedsSeveralParcels(Refusal):
    """The contents do not fit one carton."""

    code = "needs_several_parcels"
    title = "One carton is not enough"


class NumbersExhausted(Refusal):
    """The site's company prefix has no number left for another SSCC."""

    code = "sscc_exhausted"
    title = "The site has no parcel numbers left"


@dataclass(frozen=True, slots=True)
class Box:
    """The closed carton around some contents: outer sides in mm, tare in g, empty room in ml. A mailer has the sides
    that its contents give it, and no empty room.
    """

    carton_code: str
    outer_mm: tuple[int, int, int]
    tare_g: int
    tare_sd_g: float
    void_ml: int
    extras: tuple[dict[str, Any], ...] = ()


def create_parcel(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, reference: str, party: str, ship_to: ShipTo,
    contents: Sequence[Content], value_minor: int, currency: str, carton_code: str | None = None,
    promised_on: date | None = None, service_level: str = "standard", tote: str = "",
    extras: Sequence[Extra] = (),
) -> ParcelView:  # fmt: skip
    """Record a closed carton: it gets its license plate (SSCC-18) and its expected weight.

    A site that counts its cartons has one less of this. `reference` and `party` are whose parcel it is, in the caller's
    own ids. Without `carton_code` the cheapest carton
    that holds everything is taken; "own" means the one unit inside travels without a carton, "foreign" that all travels
    in a container of somebody else, whose tare `weigh_container` or `state_container` has to tell. `value_minor` is
    what the contents are worth, in minor units of `currency`. `extras` were added to the goods and weigh something.

    Raises:
        Invalid: no contents, a line twice, or impossible values.
        UnknownCarton: the site does not stock `carton_code`.
        NeedsSeveralParcels: no carton was named and one is not enough; ask `plan_parcels`.
        NumbersExhausted: the site's company prefix is used up.
        DangerousGoodsRefused: no service of the site takes the dangerous goods inside.

    Emits:
        shipping.parcel_packed.v1
    """
    check_contents(contents, ship_to, value_minor)
    site = terms_of(uow, site_id).site
    box = find_box(uow, tenant_id, site_id, contents, carton_code)
    gross_g = box.tare_g + sum(content.quantity * content.weight_g for content in contents)
    require_taker(
        uow, site_id=site_id, contents=contents, box=Parcel(box.outer_mm, max(1, gross_g)), ship_to=ship_to,
        currency=currency,
    )  # fmt: skip
    box = replace(box, extras=tuple(asdict(extra) for extra in extras))
    parcel = add_parcel(
        uow, tenant_id=tenant_id, site=site, kind="outbound", reference=reference, party=party, ship_to=ship_to,
        contents=contents, box=box, promised_on=promised_on, service_level=service_level, value_minor=value_minor,
        currency=currency, tote=tote,
    )  # fmt: skip
    use_carton(uow, site_id=site_id, carton_code=parcel.carton_code, parcel_id=parcel.id)
    return parcel


def add_parcel(
    uow: UnitOfWork, *, tenant_id: str, site: SiteView, kind: str, reference: str, party: str, ship_to: ShipTo,
    contents: Sequence[Content], box: Box, promised_on: date | None, service_level: str, value_minor: int,
    currency: str, tote: str,
) -> ParcelView:  # fmt: skip
    """Write the parcel and its contents, and tell it. A return is cleared at once: its sender has no scale of ours."""
    known = item_weights(uow, tenant_id, [c.item_id for c in contents])
    expected = expect_parcel(contents, beliefs_about(contents, known), box, terms_of(uow, site.id).packaging)
    length, width, height = box.outer_mm
    is_return = kind == "return"
    parcel = ParcelRow(
        tenant_id=tenant_id, id=new_id("par"), site_id=site.id, kind=kind, reference=reference, party=party,
        state="cleared" if is_return else "packed", clearance="not_weighed" if is_return else "",
        sscc=draw_sscc(uow, site), carton_code=box.carton_code, length_mm=length, width_mm=width, height_mm=height,
        tare_g=box.tare_g, tare_sd_g=box.tare_sd_g, void_ml=box.void_ml,
        extras=list(box.extras), expected_g=round(expected.mean_g), weight_g=None, ship_to=asdict(ship_to),
        service_level=service_level, promised_on=promised_on,
        value_minor=value_minor, currency=currency, tote=tote, packed_by=uow.actor.id, packed_at=uow.now,
        label_id=None, carrier="", service="", tracking_number="", ship_date=None, arrives_on=None, manifest_id=None,
        handed_over_at=None, voided_at=None, void_reason="", tracking_status="pending", tracking_reason="",
        tracking_flags=[], tracking_place="", tracked_at=None, delivered_at=None,
    )  # fmt: skip
    uow.session.add(parcel)
    uow.session.flush()
    document = msgspec.json.encode(contents).decode()
    uow.session.execute(_ADD_ITEMS, {"tenant": tenant_id, "parcel": parcel.id, "items": document})
    if not is_return:
        _tell(uow, parcel, contents)
    return parcel_view(parcel, contents)


def _tell(uow: UnitOfWork, parcel: ParcelRow, contents: Sequence[Content]) -> None:
    packed = ParcelPacked(
        **about(parcel, contents), sscc=parcel.sscc, carton_code=parcel.carton_code, expected_g=parcel.expected_g
    )
    uow.emit(packed)


def check_contents(contents: Sequence[Content], ship_to: ShipTo, value_minor: int) -> None:
    """Refuse contents, addresses and values that no parcel can have."""
    if not contents:
        raise Invalid("A parcel needs contents.", pointer="/contents")
    twice = [line for line, count in Counter(c.line_id for c in contents).items() if count > 1]
    if twice or any(c.quantity < 1 for c in contents):
        raise Invalid("Each line stands once in a parcel, with at least one unit.", pointer="/contents")
    if not ship_to.country or not ship_to.name:
        raise Invalid("A parcel needs a name and a country to go to.", pointer="/ship_to")
    if value_minor < 0:
        raise Invalid("The value of a parcel is not negative.", pointer="/value_minor")


def find_box(
    uow: UnitOfWork, tenant_id: str, site_id: str, contents: Sequence[Content], carton_code: str | None
) -> Box:
    """Return the measures of the named carton around these contents, or of the cheapest that holds them."""
    code = carton_code or _planned_code(uow, tenant_id, site_id, contents)
    if code == OWN_CONTAINER:
        return _own_box(contents)
    if code == FOREIGN_CONTAINER:
        return _foreign_box(contents)
    return _stocked_box(uow, site_id, contents, code)


def _stocked_box(uow: UnitOfWork, site_id: str, contents: Sequence[Content], code: str) -> Box:
    terms = terms_of(uow, site_id)
    carton = terms.carton(code)
    if carton is None:
        known = ", ".join(c.code for c in terms.cartons)
        raise UnknownCarton(f"The site has no carton {code}.", remedy=f"It has {known}.", pointer="/carton_code")
    if carton.is_mailer:
        planned = plan_into(uow, site_id=site_id, contents=contents, carton_code=code)
        outer_mm = planned.outer_mm if planned else carton.outer_mm
        return Box(code, outer_mm, carton.tare_g, carton.tare_sd_g, 0)
    room = carton.inner_length_mm * carton.inner_width_mm * carton.inner_height_mm
    filled = sum(c.quantity * c.length_mm * c.width_mm * c.height_mm for c in contents)
    return Box(code, carton.outer_mm, carton.tare_g, carton.tare_sd_g, max(room - filled, 0) // 1000)


def _own_box(contents: Sequence[Content]) -> Box:
    unit = contents[0]
    if len(contents) > 1 or unit.quantity > 1:
        raise NeedsSeveralParcels("Only a single unit travels in its own container.", remedy="Use a carton.")
    return Box(OWN_CONTAINER, (unit.length_mm, unit.width_mm, unit.height_mm), 0, 0.0, 0)


def _foreign_box(contents: Sequence[Content]) -> Box:
    """Return a container as large as its contents piled up, until somebody states its sides."""
    length = max(c.length_mm for c in contents)
    width = max(c.width_mm for c in contents)
    height = sum(c.quantity * c.height_mm for c in contents)
    return Box(FOREIGN_CONTAINER, (max(length, 1), max(width, 1), max(height, 1)), 0, 0.0, 0)


def _planned_code(uow: UnitOfWork, tenant_id: str, site_id: str, contents: Sequence[Content]) -> str:
    plan = plan_parcels(uow, tenant_id=tenant_id, site_id=site_id, contents=contents)
    if len(plan.cartons) > 1:
        raise NeedsSeveralParcels(
            f"This needs {len(plan.cartons)} cartons.", remedy="Plan the parcels and pack each of them.",
            cartons=[carton.carton_code for carton in plan.cartons],
        )  # fmt: skip
    return plan.cartons[0].carton_code


def draw_sscc(uow: UnitOfWork, site: SiteView) -> str:
    """Draw a site's next SSCC: the extension digit counts up when the serial numbers behind it are used up.

    Raises:
        NumbersExhausted: the site's company prefix is used up.
    """
    extension, serial = divmod(next_serial(uow, f"sscc_{site.id}"), 10 ** (16 - len(site.company_prefix)))
    if extension > 9:  # noqa: PLR2004 - an extension digit is one digit
        raise NumbersExhausted("Every number of the company prefix was given.", remedy="Register another GS1 prefix.")
    return build_sscc(extension, site.company_prefix, serial)
