import logging
from typing import Any

from celery.signals import setup_logging

from app.beat import LANE_TASK, new_celery
from app.edge.logs import configure_logs
from app.lanes import run_lane

_log = logging.getLogger(__name__)
celery = new_celery()


@setup_logging.connect
def _log_as_json(**_: Any) -> None:  # noqa: ANN401
    configure_logs()


@celery.task(name=LANE_TASK)
def lane(name: str) -> None:
    """Do what is due in one lane. Safe to run any number of times, at once or not at all."""
    run_lane(name)
