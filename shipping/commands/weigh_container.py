from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.states import IllegalTransition
from shipping.commands.create_parcel import FOREIGN_CONTAINER
from shipping.domain.typed_weights import typed_evidence
from shipping.domain.weight_audit import Extra
from shipping.events.parcels import ParcelTareKnown
from shipping.expectations import beliefs_about, expect_parcel
from shipping.models.parcels import ParcelRow
from shipping.repository import about, item_weights, items_of, lock_parcel, parcel_view
from shipping.scale_readings import usable_scale
from shipping.site_terms import terms_of
from shipping.views import ParcelView

_NAME: Final = "Container"
_STATED_CV: Final = 0.05
_STATED_SD_G: Final = 5.0
_HEAVIEST_G: Final = 500_000


def weigh_container(
    uow: UnitOfWork, *, tenant_id: str, parcel_id: str, reading_g: int, scale_code: str, stable: bool = True,
    typed: str = "",
) -> ParcelView:  # fmt: skip
    """Weigh the empty container of a parcel that travels in somebody else's: its tare, as sure as the scale is, is part
    of what the parcel should weigh from now on. The reading and the scale are kept as evidence, and why a person typed
    it (`typed`), if one did.

    Raises:
        NotFound: this caller has no such parcel.
        IllegalTransition: it is in a carton of the site, in its own container, or weighed already.
        UnknownScale, UnusableReading: nothing can be concluded from this reading.

    Emits:
        shipping.parcel_tare_known.v1
    """
    parcel = _waiting(uow, tenant_id, parcel_id)
    scale = usable_scale(uow, parcel.site_id, scale_code, reading_g, stable=stable)
    proof = {"how": "weighed", "tare_g": reading_g, "scale": scale.evidence | typed_evidence(typed)}
    return _known(uow, parcel, reading_g, scale.spec.variance_g2**0.5, proof)


def state_container(
    uow: UnitOfWork, *, tenant_id: str, parcel_id: str, tare_g: int, source: str,
    sides_mm: Sequence[int] | None = None,
) -> ParcelView:  # fmt: skip
    """State what the empty container of a parcel weighs, by its data sheet or its owner's word (`source`): it is taken
    for true within 5 %. With `sides_mm` its outer sides are stated as well, by which carriers price it.

    Raises:
        NotFound: this caller has no such parcel.
        IllegalTransition: it is in a carton of the site, in its own container, or weighed already.
        Invalid: no container weighs or measures that, or no source is named.

    Emits:
        shipping.parcel_tare_known.v1
    """
    if not 0 < tare_g <= _HEAVIEST_G:
        raise Invalid(f"A container weighs 1 to {_HEAVIEST_G:,} g.", remedy="Weigh it empty.", pointer="/tare_g")
    if not source.strip():
        raise Invalid("Say where the tare is from.", remedy="Such as: printed on its lid.", pointer="/source")
    if sides_mm is not None and (len(sides_mm) != 3 or min(sides_mm) <= 0):  # noqa: PLR2004 - a box has three sides
        raise Invalid("A container has three sides, each above 0 mm.", pointer="/sides_mm")
    parcel = _waiting(uow, tenant_id, parcel_id)
    if sides_mm is not None:
        parcel.length_mm, parcel.width_mm, parcel.height_mm = sorted(sides_mm, reverse=True)
    proof = {"how": "stated", "tare_g": tare_g, "source": source.strip()[:500]}
    return _known(uow, parcel, tare_g, max(_STATED_CV * tare_g, _STATED_SD_G), proof)


def _waiting(uow: UnitOfWork, tenant_id: str, parcel_id: str) -> ParcelRow:
    parcel = lock_parcel(uow, tenant_id, parcel_id)
    if parcel.carton_code != FOREIGN_CONTAINER:
        detail = "This parcel is in no container of somebody else."
        raise IllegalTransition(detail, remedy="Its carton's tare is known: weigh it.", state=parcel.state)
    if parcel.state != "packed" or parcel.weight_g is not None:
        detail = "This parcel was weighed already."
        raise IllegalTransition(detail, remedy="Pack it anew to weigh its container.", state=parcel.state)
    return parcel


def _known(uow: UnitOfWork, parcel: ParcelRow, tare_g: int, sd_g: float, proof: Mapping[str, Any]) -> ParcelView:
    told = asdict(Extra(_NAME, 1, float(tare_g), sd_g))
    parcel.extras = [*(each for each in parcel.extras if each["name"] != _NAME), told]
    parcel.tare_proof = {**proof, "by": uow.actor.id, "at": uow.now.isoformat()}
    items = items_of(uow, [parcel])[parcel.id]
    beliefs = beliefs_about(items, item_weights(uow, parcel.tenant_id, [item.item_id for item in items]))
    expected = expect_parcel(items, beliefs, parcel, terms_of(uow, parcel.site_id).packaging)
    parcel.expected_g = round(expected.mean_g)
    uow.session.flush()
    uow.emit(ParcelTareKnown(**about(parcel, items), tare_g=tare_g, how=str(proof["how"])))
    uow.audit("parcel.tare_known", subject=parcel.id, tenant_id=parcel.tenant_id, sd_g=round(sd_g, 1), **proof)
    return parcel_view(parcel, items)
