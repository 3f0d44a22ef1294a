import errno
import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.home import require_writable
from kernel.errors import Invalid
from kernel.settings import settings


def up(
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Where the API listens; PICKSTREAM_PORT")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; PICKSTREAM_HOST")] = None,
    home: Annotated[Path | None, typer.Option(help="Where data live; PICKSTREAM_HOME")] = None,
    speed: Annotated[float, typer.Option(min=1, max=3600, help="Warehouse seconds per second of the live day")] = 60,
    live: Annotated[bool, typer.Option(help="Let a live day run through the sample warehouse")] = True,
) -> None:
    """Start everything: engines, schema, sample warehouse, API, worker, ticker, and a live day."""
    chosen_host, chosen_port = host or settings().host, port or settings().port
    chosen_home = (home or settings().home).absolute()
    _require_free(chosen_host, chosen_port)
    require_writable(chosen_home)
    options = [
        "--home", str(chosen_home), "--host", chosen_host, "--port", str(chosen_port),
        "--speed", str(speed), "--live" if live else "--no-live",
    ]  # fmt: skip
    # A process of its own, without what the other commands import: it stays in memory for as long as the house runs.
    os.execv(sys.executable, [sys.executable, "-m", "app.begin", "app.up", *options])  # noqa: S606 - our own module


def _require_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                detail = f"Nobody can listen on port {port} of {host} here: {error.strerror}."
                raise Invalid(detail, remedy="Choose others: PICKSTREAM_HOST, PICKSTREAM_PORT.") from error
            raise Invalid(
                f"Port {port} on {host} is taken.",
                remedy="Stop the other program, or choose another port: PICKSTREAM_PORT=8081 make up.",
            ) from error
