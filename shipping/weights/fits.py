from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import timedelta
from functools import partial

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from kernel import actors
from kernel.db.jobs import take_slot
from kernel.db.transactions import UnitOfWork, run
from shipping.domain.weight_audit import AuditThresholds
from shipping.domain.weight_belief import ItemWeight
from shipping.domain.weight_causes import Goods
from shipping.domain.weight_limits import fit_thresholds
from shipping.domain.weight_packaging import Packaging
from shipping.domain.weight_refit import WeighedParcel, goods_of, refit
from shipping.models.weights import SiteWeightRow
from shipping.repository import save_item_weights
from shipping.site_terms import terms_of
from shipping.weights.findings import note_findings
from shipping.weights.history import Confirmed, confirmed_parcels

WEIGHT_FITTER = "weights"
_EVERY = timedelta(minutes=5)
_ENOUGH = 25
"""So many new weighings are worth a fit."""
# Which sites have weighings enough since their last fit; a fit that waits for a day takes what there is.
_DUE = text(
    """
    select s.id from site s left join site_weight w on w.site_id = s.id
    where (select count(*) from (select 1 from weight_audit a where a.site_id = s.id
             and a.weighed_at > coalesce(w.fitted_at, '-infinity') limit :enough) n) >= case
             when w.fitted_at < cast(:now as timestamptz) - interval '1 day' then 1 else :enough end
    order by s.id
    """
)


@dataclass(frozen=True, slots=True)
class SiteFit:
    """What the confirmed parcels of a site teach; items by merchant and item id."""

    parcels: int
    items: Mapping[tuple[str, str], ItemWeight]
    packaging: Packaging
    limits: AuditThresholds
    goods: Goods


def refit_weights() -> int:
    """Fit item weights, packaging and limits of each site with enough new weighings, and return how many were fitted.

    Parcels are read in one transaction, fitted outside of any (seconds of CPU for 20,000), and written in another.
    What was weighed meanwhile is in the next fit. It also notes what stands out: see `note_findings`.
    """
    actor = actors.system(WEIGHT_FITTER)
    sites = run(actor, _due_sites)
    for site_id in sites:
        parcels, sheet = run(actor, partial(_read, site_id=site_id))
        fit = fit_site(parcels, sheet)
        run(actor, partial(record_fit, site_id=site_id, fit=fit, parcels=parcels))
    return len(sites)


def fit_site(parcels: Sequence[Confirmed], sheet: Packaging) -> SiteFit:
    """Fit everything to a site's confirmed parcels; `sheet` is the packaging before anything was weighed."""
    tares = {_carton(parcel, sheet): sheet.guess(parcel.tare_g) for parcel in parcels}
    case = replace(sheet, tares={**tares, **sheet.tares})
    masters = {_key(parcel, line.item_id): line.master_g for parcel in parcels for line in parcel.lines}
    weighed = [_weighed(parcel, sheet) for parcel in parcels if parcel.scale in sheet.scales]
    fit = refit(weighed, masters, case)
    items = {_split(key): item for key, item in fit.items.items()}
    learned = replace(fit.packaging, tares={code: fit.packaging.tares[code] for code in sheet.tares})
    scores = [parcel.score for parcel in parcels if parcel.score is not None]
    return SiteFit(len(parcels), items, learned, fit_thresholds(scores), goods_of(masters.values()))


def record_fit(uow: UnitOfWork, *, site_id: str, fit: SiteFit, parcels: Sequence[Confirmed]) -> None:
    """Keep what a fit taught, and note what stands out among its parcels."""
    by_tenant: dict[str, list[ItemWeight]] = {}
    for (tenant, item_id), weight in fit.items.items():
        if weight.parcels:
            by_tenant.setdefault(tenant, []).append(replace(weight, ref=item_id))
    for tenant in sorted(by_tenant):
        save_item_weights(uow, tenant, by_tenant[tenant])
    packaging = fit.packaging
    learned = {
        "tares": {code: astuple(guess) for code, guess in packaging.tares.items()},
        "offsets": {code: astuple(guess) for code, guess in packaging.offsets.items()},
        "dunnage": astuple(packaging.dunnage), "noise": astuple(packaging.noise), "goods": astuple(fit.goods),
        "recheck": fit.limits.recheck, "hold": fit.limits.hold, "parcels": fit.parcels, "fitted_at": uow.now,
    }  # fmt: skip
    statement = insert(SiteWeightRow).values(site_id=site_id, **learned)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["site_id"], set_=learned))
    note_findings(uow, site_id=site_id, parcels=parcels, items=fit.items)


def _due_sites(uow: UnitOfWork) -> list[str]:
    if not take_slot(uow, WEIGHT_FITTER, _EVERY):
        return []
    return list(uow.session.scalars(_DUE, {"enough": _ENOUGH, "now": uow.now}))


def _read(uow: UnitOfWork, *, site_id: str) -> tuple[Sequence[Confirmed], Packaging]:
    return confirmed_parcels(uow, site_id=site_id), terms_of(uow, site_id).sheet


def _carton(parcel: Confirmed, sheet: Packaging) -> str:
    """Name the container that was used: one whose tare was told, or has changed since, is one of its own."""
    if sheet.nominal_g.get(parcel.carton_code) == parcel.tare_g:
        return parcel.carton_code
    return f"{parcel.carton_code} {parcel.tare_g}"


def _weighed(parcel: Confirmed, sheet: Packaging) -> WeighedParcel:
    lines: dict[str, int] = {}
    for line in parcel.lines:
        key = _key(parcel, line.item_id)
        lines[key] = lines.get(key, 0) + line.quantity
    return WeighedParcel(
        parcel.scale,
        _carton(parcel, sheet),
        parcel.void_ml / 1000,
        parcel.reading_g - parcel.extras_g,
        tuple(lines.items()),
    )


def _key(parcel: Confirmed, item_id: str) -> str:
    return f"{parcel.tenant_id} {item_id}"


def _split(key: str) -> tuple[str, str]:
    tenant, _, item_id = key.partition(" ")
    return tenant, item_id
