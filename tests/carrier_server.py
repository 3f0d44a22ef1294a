import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import uvicorn

from app.simulators.carrier import create_carrier_app
from app.simulators.carrier_desk import CarrierDesk
from app.simulators.carrier_model import CarrierModel
from app.simulators.carrier_pushes import CarrierSimulator, Poster, VirtualClock
from app.simulators.carrier_wire import Faults

API_KEY = "carrier-key"
SECRET = "carrier-secret"
START = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)


def taking_all(_body: bytes, _headers: dict[str, str]) -> bool:
    return True


def carrier_simulator(post: Poster = taking_all, *, seed: int = 7, speed: float = 0.0) -> CarrierSimulator:
    return CarrierSimulator(CarrierDesk(CarrierModel(seed)), VirtualClock(START, speed), post, SECRET)


@contextmanager
def serving(simulator: CarrierSimulator, faults: Faults | None = None) -> Iterator[str]:
    """Run the carriers' API on a loopback port and yield its base URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    app = create_carrier_app(simulator, API_KEY, faults)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
