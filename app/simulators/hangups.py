from typing import Any

from starlette.responses import Response


class Hangup(Response):
    """An answer whose head promises a body that never comes: the caller knows nothing."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401, ARG002 - ASGI's own
        """Send the head alone."""
        headers = [(b"content-length", b"9000"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
