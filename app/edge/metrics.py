from collections.abc import Iterator, Sequence
from typing import Any

from prometheus_client import REGISTRY, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Row, text
from sqlalchemy.exc import SQLAlchemyError

from inventory.api import LIVE_COUNTS, MoveCause
from kernel import actors
from kernel.db.transactions import transaction

REQUEST_SECONDS = Histogram(
    "pickstream_http_request_seconds", "Time to answer a request", ["method", "route", "status"]
)
_LAG = text(
    """
    select (select count(*) from outbox),
           (select coalesce(extract(epoch from now() - min(e.recorded_at)), 0)
              from outbox o join event e on e.id = o.event_id)
    """
)
_DRIFT = text("select count(*) from stock_drift")
_COUNTS = text(
    "select state, count(*) as counts from count_task where state in ('open', 'recount', 'counted') group by state"
)
_MOVES = text("select cause, count(*) as moves from move_task where state in ('open', 'claimed') group by cause")
_ACCURACY = text(
    """
    select abc, count(*) filter (where difference = 0)::float / count(*) as counts,
           coalesce(sum(least(expected, expected + difference))::float
                    / nullif(sum(greatest(expected, expected + difference)), 0), 1) as units
    from count_task where state = 'approved' and closed_at > now() - interval '30 days' group by abc
    """
)
_BEHIND = text(
    "select name, (select coalesce(max(pos), 0) from event_feed) - position as behind,"
    " (select count(*) from parked_event p where p.subscription = s.name) as parked from subscription s"
)


class LogCollector(Collector):
    """How far the event log's readers are behind: read from PostgreSQL when somebody scrapes."""

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges; with the database away, only that it is."""
        up = GaugeMetricFamily("pickstream_database_up", "Whether PostgreSQL answers")
        try:
            with transaction(actors.system("metrics")) as uow:
                waiting, oldest = uow.session.execute(_LAG).one()
                subscriptions = uow.session.execute(_BEHIND).all()
                drifted = uow.session.execute(_DRIFT).scalar_one()
                waiting_counts = uow.session.execute(_COUNTS).all()
                waiting_moves = uow.session.execute(_MOVES).all()
                accuracy = uow.session.execute(_ACCURACY).all()
        except SQLAlchemyError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield GaugeMetricFamily("pickstream_outbox_events", "Events without a place in the feed", value=waiting)
        yield GaugeMetricFamily("pickstream_outbox_oldest_seconds", "Age of the oldest of them", value=float(oldest))
        yield GaugeMetricFamily("pickstream_stock_drift", "Stock counters that differ from the ledger", value=drifted)
        behind = GaugeMetricFamily("pickstream_subscription_behind_events", "Events not yet read", labels=["name"])
        parked = GaugeMetricFamily("pickstream_subscription_parked_events", "Events set aside", labels=["name"])
        for row in subscriptions:
            behind.add_metric([row.name], row.behind)
            parked.add_metric([row.name], row.parked)
        yield behind
        yield parked
        yield from _counting(waiting_counts, accuracy)
        moves = GaugeMetricFamily("pickstream_moves_waiting", "Moves that are not finished", labels=["cause"])
        found = {row.cause: row.moves for row in waiting_moves}
        for cause in MoveCause:
            moves.add_metric([cause.value], found.get(cause.value, 0))
        yield moves


def _counting(waiting: Sequence[Row[*tuple[Any, ...]]], accuracy: Sequence[Row[*tuple[Any, ...]]]) -> Iterator[Metric]:
    """Yield what waits to be counted, and how right the book was where it was counted in the last 30 days."""
    counts = GaugeMetricFamily("pickstream_counts_waiting", "Bins to count or to decide on", labels=["state"])
    found = {row.state: row.counts for row in waiting}
    for state in LIVE_COUNTS:
        counts.add_metric([state], found.get(state, 0))
    right = GaugeMetricFamily(
        "pickstream_stock_accuracy_ratio", "Share of counts, and of units, for which the book was right, 30 days",
        labels=["abc", "of"],
    )  # fmt: skip
    for row in accuracy:
        right.add_metric([row.abc, "counts"], row.counts)
        right.add_metric([row.abc, "units"], row.units)
    yield counts
    yield right


def install_log_collector() -> None:
    """Register the collector with this process's registry, once."""
    if not any(isinstance(collector, LogCollector) for collector in list(REGISTRY._collector_to_names)):  # noqa: SLF001
        REGISTRY.register(LogCollector())
