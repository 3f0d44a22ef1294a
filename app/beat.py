"""The ticker: it only says "look for work"; which work there is, PostgreSQL knows.

It imports nothing of the house but the settings, to stay small.
"""

from celery import Celery

from kernel.settings import settings

LANE_TASK = "pickstream.lane"
LANES = {
    "relay": 1.0, "webhooks": 1.0, "mail": 1.0, "labels": 1.0, "floor": 5.0, "walks": 3.0, "imports": 2.0,
    "plans": 1.0, "studies": 2.0, "weights": 20.0, "proofs": 5.0, "upkeep": 30.0, "tracking": 20.0,
}  # fmt: skip
"""Lane and seconds between ticks. Longer waits live in `next_at` columns, never in the broker."""


def broker_url(redis_url: str) -> str:
    """Return kombu's spelling of a Redis URL; redis-py spells unix sockets differently."""
    if not redis_url.startswith("unix://"):
        return redis_url or "memory://"
    path, _, query = redis_url.removeprefix("unix://").partition("?")
    database = dict(part.split("=", 1) for part in query.split("&") if "=" in part).get("db", "0")
    return f"redis+socket://{path}?virtual_host={database}"


def new_celery() -> Celery:
    """Return a Celery app with the house's settings: wake-ups only, so late acknowledgement and no results."""
    app = Celery("pickstream", broker=broker_url(settings().redis_url))
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_time_limit=120,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": 360,
            "socket_timeout": 5,
            "socket_connect_timeout": 2,
            "max_retries": 1,
        },
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        beat_scheduler="celery.beat:Scheduler",
        timezone="UTC",
    )
    return app


wakeups = new_celery()
wakeups.conf.beat_schedule = {
    lane: {"task": LANE_TASK, "schedule": seconds, "args": (lane,), "options": {"expires": max(seconds, 2)}}
    for lane, seconds in LANES.items()
}
