import logging
from threading import Timer
from typing import Any

from celery.signals import setup_logging, worker_ready

from app.beat import LANE_TASK, new_celery
from app.edge.logs import configure_logs
from app.lanes import run_lane
from fulfillment import api as fulfillment

COMPILE_AFTER_SECONDS = 20

_log = logging.getLogger(__name__)
celery = new_celery()


@setup_logging.connect
def _log_as_json(**_: Any) -> None:  # noqa: ANN401
    configure_logs()


@worker_ready.connect
def _compile_routes(**_: Any) -> None:  # noqa: ANN401
    """Compile the router beside the first tasks, once those of the start are done; until then it works uncompiled."""
    compiling = Timer(COMPILE_AFTER_SECONDS, fulfillment.warm_up_routes)
    compiling.daemon = True
    compiling.start()


@celery.task(name=LANE_TASK)
def lane(name: str) -> None:
    """Do what is due in one lane. Safe to run any number of times, at once or not at all."""
    run_lane(name)
