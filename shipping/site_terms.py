from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import text

from kernel.access.queries import SiteView
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from shipping.domain.carton_plans import CartonType
from shipping.domain.dangerous_goods import NOT_STATED, GoodsTerms
from shipping.domain.overruling import mix_key
from shipping.domain.rates import RateCard
from shipping.domain.weight_audit import AuditThresholds
from shipping.domain.weight_causes import GOODS, Goods
from shipping.domain.weight_packaging import DUNNAGE, Guess, Noise, Packaging, ScaleSpec, tare_of
from shipping.domain.working_days import Locality, SiteCalendar, WorkingDays, locality_of

CARTON: Final = "carton"
MAILER: Final = "mailer"
_KEY: Final = "shipping.site_terms"
# Everything that a parcel's way through a site depends on, in one round trip.
_LOAD = text(
    """
    select json_build_object(
      'site', json_build_object('id', s.id, 'code', s.code, 'name', s.name, 'time_zone', s.time_zone,
        'company_prefix', s.company_prefix, 'street', s.street, 'city', s.city, 'region', s.region,
        'postal_code', s.postal_code, 'country', s.country),
      'cartons', (select coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object('on_hand', k.on_hand) order by c.code),
                  '[]') from carton_type c left join carton_stock k on (k.site_id, k.carton_code) = (c.site_id, c.code)
                  where c.site_id = s.id),
      'services', (select coalesce(json_agg(v order by v.carrier, v.service), '[]') from carrier_service v
                   where v.site_id = s.id and v.enabled),
      'routes', (select coalesce(json_agg(json_build_object('tenant_id', coalesce(u.tenant_id, ''),
                 'carrier', u.carrier, 'service', u.service, 'account_id', u.account_id,
                 'service_code', u.service_code)), '[]')
                 from carrier_route u where u.site_id = s.id),
      'scales', (select coalesce(json_agg(w order by w.code), '[]') from scale w where w.site_id = s.id),
      'cards', (select coalesce(json_agg(json_build_array(r.currency, r.digest) order by r.digest), '[]')
                from rate_card r where r.site_id = s.id),
      'weights', (select json_build_object('tares', w.tares, 'offsets', w.offsets, 'dunnage', w.dunnage,
                  'noise', w.noise, 'goods', w.goods, 'recheck', w.recheck, 'hold', w.hold)
                  from site_weight w where w.site_id = s.id),
      'filling', (select json_build_array(f.mean_g_per_l, f.sd_g_per_l) from site_dunnage f where f.site_id = s.id),
      'days', (select coalesce(json_agg(d), '[]') from site_day d where d.site_id = s.id and d.day >= :since),
      'bars', (select coalesce(json_agg(json_build_array(b.tenant_id, b.mix_key, b.carton_code)), '[]')
               from carton_bar b where b.site_id = s.id and b.lifted_at is null),
      'charts', (select coalesce(json_agg(json_build_array(z.carrier, z.valid_from, z.digest) order by z.valid_from),
                 '[]') from zone_chart z where z.site_id = s.id))::text
    from site s where s.id = :site
    """
)


class Carton(msgspec.Struct, frozen=True):
    """A carton that the site stocks: sides in mm, weights in g, cost in minor units, and how many there are by the
    books, None where the site does not count it. The inner height of a mailer is how far the bag may bulge.
    """

    code: str
    name: str
    inner_length_mm: int
    inner_width_mm: int
    inner_height_mm: int
    outer_length_mm: int
    outer_width_mm: int
    outer_height_mm: int
    tare_g: int
    tare_sd_g: float
    max_weight_g: int
    cost_minor: int
    on_hand: int | None = None
    kind: str = CARTON

    @property
    def is_mailer(self) -> bool:
        """Whether it is a bag."""
        return self.kind == MAILER

    @property
    def outer_mm(self) -> tuple[int, int, int]:
        """Outer sides in mm."""
        return (self.outer_length_mm, self.outer_width_mm, self.outer_height_mm)

    def carton_type(self) -> CartonType:
        """Return the carton in the form that the packing domain takes."""
        inner = (self.inner_length_mm, self.inner_width_mm, self.inner_height_mm)
        return CartonType(
            self.code, inner, self.outer_mm, self.tare_g, self.tare_sd_g, self.max_weight_g, self.cost_minor,
            inner if self.is_mailer else None,
        )  # fmt: skip


class Service(msgspec.Struct, frozen=True):
    """A carrier's service that the site uses; `cut_off` is local time, weekdays count from Monday = 0."""

    carrier: str
    service: str
    carrier_name: str
    service_name: str
    cut_off: str
    weekdays: tuple[int, ...]
    gateway: str
    is_baseline: bool
    dangerous_goods: str = NOT_STATED
    mode: str = ""

    @property
    def goods_terms(self) -> GoodsTerms:
        """Which dangerous goods it takes."""
        return GoodsTerms(self.dangerous_goods, self.mode)


class Route(msgspec.Struct, frozen=True):
    """A service that is bought through an account at a real carrier, for one merchant or (no tenant) for all."""

    tenant_id: str
    carrier: str
    service: str
    account_id: str
    service_code: str


class Scale(msgspec.Struct, frozen=True):
    """A scale of the site, in g."""

    code: str
    sd_g: float
    interval_g: int
    max_g: int
    calibrated_until: date
    in_motion: bool = False

    @property
    def spec(self) -> ScaleSpec:
        """The scale's accuracy, as the weight audit takes it."""
        return ScaleSpec(self.sd_g, self.interval_g)

    @property
    def evidence(self) -> dict[str, Any]:
        """What defends a reading later: the scale as it was then."""
        return {
            "code": self.code, "sd_g": self.sd_g, "interval_g": self.interval_g, "max_g": self.max_g,
            "calibrated_until": self.calibrated_until.isoformat(),
        }  # fmt: skip


class SiteDay(msgspec.Struct, frozen=True):
    """What a site said of one day: whether it works, and why."""

    day: date
    works: bool
    reason: str


class SiteWeights(msgspec.Struct, frozen=True):
    """What weighing taught of a site: means and doubts of tares and offsets, dunnage, noise, goods, and limits."""

    tares: dict[str, tuple[float, float]]
    offsets: dict[str, tuple[float, float]]
    dunnage: tuple[float, float]
    noise: tuple[float, float, float, float]
    goods: tuple[float, float]
    recheck: float
    hold: float


class SiteTerms(msgspec.Struct, frozen=True):
    """A site with its cartons, services, scales and days, and the digests of its price documents."""

    site: SiteView
    cartons: tuple[Carton, ...]
    services: tuple[Service, ...]
    scales: tuple[Scale, ...]
    cards: tuple[tuple[str, str], ...]
    charts: tuple[tuple[str, date, str], ...]
    days: tuple[SiteDay, ...]
    bars: tuple[tuple[str, str, str], ...] = ()
    weights: SiteWeights | None = None
    filling: tuple[float, float] | None = None
    routes: tuple[Route, ...] = ()

    @property
    def sheet(self) -> Packaging:
        """The packaging and the scales by their data sheets, before anything was weighed."""
        tares = {carton.code: tare_of(carton.tare_g) for carton in self.cartons}
        scales = {scale.code: scale.spec for scale in self.scales}
        nominal_g = {carton.code: carton.tare_g for carton in self.cartons}
        return Packaging(tares, scales, self.told_dunnage, nominal_g=nominal_g)

    @property
    def told_dunnage(self) -> Guess:
        """What fills empty room, in g per liter, as it was told and before anything was weighed."""
        return Guess(*self.filling) if self.filling else DUNNAGE

    @property
    def packaging(self) -> Packaging:
        """The packaging and the scales as weighing taught them."""
        sheet, learned = self.sheet, self.weights
        if learned is None:
            return sheet
        tares = {code: Guess(*guess) for code, guess in learned.tares.items() if code in sheet.tares}
        offsets = {code: Guess(*guess) for code, guess in learned.offsets.items()}
        return Packaging(
            {**sheet.tares, **tares}, sheet.scales, Guess(*learned.dunnage), offsets, Noise(*learned.noise),
            sheet.nominal_g,
        )  # fmt: skip

    @property
    def limits(self) -> AuditThresholds:
        """From which score on a parcel is weighed again or stops."""
        return AuditThresholds(self.weights.recheck, self.weights.hold) if self.weights else AuditThresholds()

    @property
    def goods(self) -> Goods:
        """What the items that the site packs weigh."""
        return Goods(*self.weights.goods) if self.weights else GOODS

    @property
    def home(self) -> Locality:
        """Where the site lies, as far as its days off depend on it."""
        return locality_of(self.site.country, self.site.postal_code, self.site.region)

    @property
    def calendar(self) -> SiteCalendar:
        """The days on which the site works and is collected from."""
        return SiteCalendar(self.home, {each.day: each.works for each in self.days})

    def journey_to(self, country: str, postal_code: str) -> WorkingDays:
        """Return the days on which parcels from here travel to an address and are delivered there."""
        return self.calendar.journey(locality_of(country, postal_code))

    def cartons_for(self, tenant_id: str, mix: Mapping[str, int]) -> tuple[Carton, ...]:
        """Return the cartons that are planned for so many units of a merchant's items: without those that packers
        overruled too often for them.
        """
        key = mix_key(mix) if self.bars else ""
        barred = {code for tenant, barred_mix, code in self.bars if (tenant, barred_mix) == (tenant_id, key)}
        return tuple(carton for carton in self.cartons if carton.code not in barred)

    def carton(self, code: str) -> Carton | None:
        """Return the carton with this code."""
        return next((carton for carton in self.cartons if carton.code == code), None)

    def scale(self, code: str) -> Scale | None:
        """Return the scale with this code."""
        return next((scale for scale in self.scales if scale.code == code), None)

    def service(self, carrier: str, service: str) -> Service | None:
        """Return the service, if the site uses it."""
        return next((s for s in self.services if (s.carrier, s.service) == (carrier, service)), None)

    def goods_terms(self, cards: Sequence[RateCard]) -> list[GoodsTerms]:
        """Return which dangerous goods the services of some rate cards take, in their order."""
        found = {(each.carrier, each.service): each.goods_terms for each in self.services}
        return [found.get((card.carrier, card.service), GoodsTerms()) for card in cards]

    def route(self, tenant_id: str, carrier: str, service: str) -> Route | None:
        """Return how a merchant's labels of a service are bought at a real carrier: its own account before the house's,
        None where no account is used.
        """
        of_service = (each for each in self.routes if (each.carrier, each.service) == (carrier, service))
        fit = [each for each in of_service if each.tenant_id in ("", tenant_id)]
        return max(fit, key=lambda route: route.tenant_id, default=None)


_decoder = msgspec.json.Decoder(SiteTerms)


def terms_of(uow: UnitOfWork, site_id: str) -> SiteTerms:
    """Return a site's terms as of this transaction; they are read once in it.

    Raises:
        NotFound: there is no such site.
    """
    known: dict[str, SiteTerms] = uow.session.info.setdefault(_KEY, {})
    if site_id not in known:
        since = uow.now.date() - timedelta(days=1)
        document = uow.session.execute(_LOAD, {"site": site_id, "since": since}).scalar_one_or_none()
        if document is None:
            raise NotFound("There is no such site.")
        known[site_id] = _decoder.decode(document)
    return known[site_id]


def forget_terms(uow: UnitOfWork) -> None:
    """Let this transaction read a site's terms again, after it changed them."""
    uow.session.info.pop(_KEY, None)
