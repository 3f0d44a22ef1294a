import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from sqlalchemy.orm import configure_mappers

from app.availability.exports import Slots
from app.availability.routes import router as availability_routes
from app.availability.watch import Watch, ending_on_signals
from app.bill_routes import router as bill_routes
from app.dangerous_routes import router as dangerous_routes
from app.edge.errors import PROBLEM_RESPONSES, Problem, install_error_handlers
from app.edge.health import router as health
from app.edge.logs import configure_logs
from app.edge.metrics import install_log_collector
from app.edge.middleware import Edge
from app.edge.route_index import RouteIndex
from app.export_routes import router as export_routes
from app.hot.door import HotDoor
from app.hot.routes import HOT_OPENAPI_PATHS, close_hot_pool, hot_routes, open_hot_pool
from app.importers.arrivals.routes import router as arrival_imports
from app.importers.freight.routes import router as freight_imports
from app.importers.items.routes import router as item_imports
from app.importers.orders.routes import router as import_routes
from app.importers.waiting_files import LARGEST_BYTES
from app.nudges import Nudger
from app.papers import router as papers
from app.web.assets import mount_static
from app.web.routes import routers as web_routers
from crm.routes import router as crm_routes
from fulfillment.routes import routers as fulfillment_routes
from inventory.routes import routers as inventory_routes
from kernel.access.routes import router as access_routes
from kernel.db.transactions import on_events
from kernel.settings import settings
from kernel.web.problems import PROBLEM_TYPE
from notifications.routes import routers as notification_routes
from returns.routes import router as return_routes
from shipping.routes import routers as shipping_routes

API_ROUTERS = (
    health,
    access_routes,
    *inventory_routes,
    *fulfillment_routes,
    availability_routes,
    import_routes,
    arrival_imports,
    freight_imports,
    item_imports,
    *shipping_routes,
    papers,
    bill_routes,
    dangerous_routes,
    export_routes,
    return_routes,
    crm_routes,
    *notification_routes,
)
DESCRIPTION = """
Orders in, parcels out, and one story told to everybody.

Every request carries an API key (`Authorization: Bearer psk_live_...`). Requests that change something carry an
`Idempotency-Key`: repeat them as often as you like. Errors are problem documents (RFC 9457) that say what to do next.
Amounts are integer minor units, weights grams, lengths millimeters, times UTC.
"""


def create_app() -> FastAPI:
    """Put the house together: the hot routes, every context's API, the faces, and the edge around them."""
    app = FastAPI(
        title="Pickstream",
        version="1.0.0",
        description=DESCRIPTION,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        responses=PROBLEM_RESPONSES,
        # Requests are timed at the edge, and looking for a tracer costs each of them a twentieth of its time.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.availability_watch, app.state.availability_exports = Watch(), Slots()
    app.router.routes.extend(hot_routes)
    for router in API_ROUTERS:
        app.include_router(router)
    for router in web_routers:
        app.include_router(router, include_in_schema=False)
    mount_static(app)
    app.state.route_index = RouteIndex(app.router)
    app.router.middleware_stack = app.state.route_index
    install_error_handlers(app)
    configured = settings()
    app.add_middleware(HotDoor, routes=hot_routes)
    app.add_middleware(
        Edge,
        max_body_bytes=configured.max_body_bytes,
        larger_bodies=dict.fromkeys(
            (
                "/v1/imports/shopify",
                "/imports/shopify",
                "/v1/imports/items",
                "/imports/items",
                "/v1/freight/invoices",
                "/freight-invoices",
                "/v1/floor-plans/files",
                "/v1/floor-plans/check",
                "/floor/file",
            ),
            LARGEST_BYTES,
        ),
        rate=configured.rate_limit,
        redis_url=configured.redis_url,
    )
    _complete_openapi(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    configure_logs()
    install_log_collector()
    nudger = Nudger()
    on_events(nudger.nudge)
    await open_hot_pool(app, nudger.nudge)
    app.state.route_index.prepare()
    configure_mappers()
    # What the start has built keeps no first request waiting, and stays to the end: looking through it again and again
    # would take a tenth of each request's time, and some requests a tenth of a second.
    gc.collect()
    gc.freeze()
    with ending_on_signals(app.state.availability_watch.stop):
        yield
    await close_hot_pool(app)
    nudger.stop()


def _complete_openapi(app: FastAPI) -> None:
    """Add the hot routes to the document, and leave only our problem documents as errors."""
    generate = app.openapi

    def openapi() -> dict[str, object]:
        if app.openapi_schema is None:
            document = generate()
            document["paths"] = HOT_OPENAPI_PATHS | document["paths"]
            schemas = document["components"]["schemas"]
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            schemas.setdefault("Problem", Problem.model_json_schema(ref_template="#/components/schemas/{model}"))
            _tell_errors_as_problems(document["paths"])
            document["components"]["securitySchemes"] = {"apiKey": {"type": "http", "scheme": "bearer"}}
            document["security"] = [{"apiKey": []}]
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document


def _tell_errors_as_problems(paths: dict[str, dict[str, Any]]) -> None:
    """FastAPI lists the model of an error as application/json as well; ours come as problem documents only."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for operations in paths.values():
        for operation in operations.values():
            for status, response in operation.get("responses", {}).items():
                if status >= "400" and "content" in response:
                    response["content"] = {PROBLEM_TYPE: schema}
