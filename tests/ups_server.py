import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from app.simulators.ups import CLIENT_ID, CLIENT_SECRET, UpsDesk, create_ups_app

ACCOUNT = (
    ("account_country_code", "DE"), ("account_number", "A1B2C3"), ("client_id", CLIENT_ID),
    ("client_secret", CLIENT_SECRET),
)  # fmt: skip


@contextmanager
def serving_ups(desk: UpsDesk) -> Iterator[str]:
    """Run the simulated UPS on a loopback port and yield its base URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_ups_app(desk), log_level="critical", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
