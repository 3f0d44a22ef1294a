"""The pages and their addresses, one module a face."""

from app.web.routes import (
    admin,
    batches,
    board,
    documents,
    holds,
    imports,
    manifests,
    messages,
    orders,
    orders_actions,
    parcels,
    returns,
    scan,
    session,
    stock,
    tracker,
    tracker_actions,
    webhooks,
)

routers = [
    session.router,
    board.router,
    batches.router,
    orders.router,
    orders_actions.router,
    scan.router,
    holds.router,
    parcels.router,
    manifests.router,
    documents.router,
    returns.router,
    stock.router,
    messages.router,
    webhooks.router,
    imports.router,
    admin.router,
    tracker.router,
    tracker_actions.router,
]
"""All routers of the faces, in the order in which they are asked."""
