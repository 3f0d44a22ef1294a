import logging
from threading import Timer

from celery.signals import setup_logging, worker_ready

from app.beat import LANE_TASK, new_celery
from app.compiling import compile_when_wanted
from app.edge.logs import configure_logs
from app.lanes import run_lane

COMPILE_AFTER_SECONDS = 20

_log = logging.getLogger(__name__)
celery = new_celery()


@setup_logging.connect
def _log_as_json(**_: object) -> None:
    configure_logs()


@worker_ready.connect
def _compile_routes(**_: object) -> None:
    """Have the router compiled beside the first tasks that use it, but not beside those of the start."""
    compiling = Timer(COMPILE_AFTER_SECONDS, compile_when_wanted)
    compiling.daemon = True
    compiling.start()


@celery.task(name=LANE_TASK)
def lane(name: str) -> None:
    """Do what is due in one lane. Safe to run any number of times, at once or not at all."""
    run_lane(name)
