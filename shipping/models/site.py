from datetime import date, datetime

from sqlalchemy import Double, ForeignKey, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class CartonRow(Base):
    """A carton that a site stocks, or a mailer: a bag, whose inner height is how far it may bulge."""

    __tablename__ = "carton_type"
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    inner_length_mm: Mapped[int]
    inner_width_mm: Mapped[int]
    inner_height_mm: Mapped[int]
    outer_length_mm: Mapped[int]
    outer_width_mm: Mapped[int]
    outer_height_mm: Mapped[int]
    tare_g: Mapped[int]
    tare_sd_g: Mapped[float] = mapped_column(Double)
    max_weight_g: Mapped[int]
    cost_minor: Mapped[int]
    kind: Mapped[str] = mapped_column(server_default=text("'carton'"))


class DunnageRow(Base):
    """What a site fills empty room with: its weight in g per liter, and how unsure that is. Paper without a row."""

    __tablename__ = "site_dunnage"
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    mean_g_per_l: Mapped[float] = mapped_column(Double)
    sd_g_per_l: Mapped[float] = mapped_column(Double)


class CarrierServiceRow(Base):
    """A carrier's service at a site: when the truck's doors close (local time), and on which weekdays (0 = Monday).

    `gateway` is "http" when the carrier is asked over its API, where one is configured, else "offline". The baseline
    service is what the site would use for everything without rate shopping; savings are told against it.
    `dangerous_goods` is what it takes of these, `mode` ground or air; empty while the first is "not_stated".
    """

    __tablename__ = "carrier_service"
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    carrier: Mapped[str] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    carrier_name: Mapped[str]
    service_name: Mapped[str]
    cut_off: Mapped[str]
    weekdays: Mapped[list[int]] = mapped_column(JSONB)
    gateway: Mapped[str]
    enabled: Mapped[bool]
    is_baseline: Mapped[bool]
    dangerous_goods: Mapped[str] = mapped_column(server_default=text("'not_stated'"))
    mode: Mapped[str] = mapped_column(server_default=text("''"))


class RateCardRow(Base):
    """A service's prices from a date on; `digest` is the hash of `card`, a JSON document."""

    __tablename__ = "rate_card"
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    carrier: Mapped[str] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    digest: Mapped[str]
    card: Mapped[str]


class ZoneChartRow(Base):
    """A carrier's zones as seen from a site, from a date on."""

    __tablename__ = "zone_chart"
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    carrier: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    digest: Mapped[str]
    chart: Mapped[str]


class ScaleRow(Base):
    """A scale, with what is needed to judge its readings and to defend them later. One that is `in_motion` weighs
    parcels on their way, not at a bench.
    """

    __tablename__ = "scale"
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    sd_g: Mapped[float] = mapped_column(Double)
    interval_g: Mapped[int]
    max_g: Mapped[int]
    calibrated_until: Mapped[date]
    in_motion: Mapped[bool] = mapped_column(server_default=text("false"))


class SiteDayRow(Base):
    """What a site says of one day of its calendar: that it works, whatever holiday it is, or that it is closed."""

    __tablename__ = "site_day"
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    works: Mapped[bool]
    reason: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
