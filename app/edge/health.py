from functools import lru_cache
from pathlib import Path

import redis
from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError
from starlette.responses import JSONResponse, Response

from kernel import actors
from kernel.db.transactions import transaction
from kernel.settings import settings

router = APIRouter(tags=["health"])
_MIGRATIONS = Path(__file__).parents[1] / "migrations" / "versions"
_SCHEMA = text("select version_num from alembic_version")


@router.get("/healthz", operation_id="getHealth", summary="Is this process alive")
def get_health() -> dict[str, str]:
    """Answer as long as the process can answer; look at nothing else."""
    return {"status": "alive"}


@router.get("/readyz", operation_id="getReadiness", summary="Can this process serve")
def get_readiness() -> Response:
    """Answer 200 when PostgreSQL serves and has the schema of this release. Redis may be away, which only costs latency
    and is said.
    """
    database, broker = _database(), _broker()
    status = 200 if database == "ok" else 503
    return JSONResponse({"status": "ready" if status == 200 else "not ready", "database": database, "redis": broker},  # noqa: PLR2004
                        status_code=status)  # fmt: skip


@router.get("/metrics", operation_id="getMetrics", summary="Prometheus metrics", include_in_schema=False)
def get_metrics() -> Response:
    """Return this process's metrics in the Prometheus text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _database() -> str:
    try:
        with transaction(actors.system("readiness")) as uow:
            found = uow.session.scalar(_SCHEMA)
    except ProgrammingError:
        return "of an older release: run `pickstream db upgrade`"
    except SQLAlchemyError as error:
        return f"unreachable: {type(error).__name__}"
    if found == newest_schema():
        return "ok"
    older = found is None or found < newest_schema()
    return (
        f"of {'an older' if older else 'a newer'} release: {'run `pickstream db upgrade`' if older else 'start that'}"
    )


@lru_cache
def newest_schema() -> str:
    """Return the number of the newest migration, by its file: loading Alembic would cost every process its memory."""
    return max(path.name[:4] for path in _MIGRATIONS.glob("[0-9]*.py"))


def _broker() -> str:
    if not settings().redis_url:
        return "not configured"
    try:
        with redis.Redis.from_url(settings().redis_url, socket_timeout=1, socket_connect_timeout=1) as client:
            client.ping()
    except redis.RedisError as error:
        return f"away: {type(error).__name__}"
    return "ok"
