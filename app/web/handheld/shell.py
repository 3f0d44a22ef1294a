"""The handheld without a network: the page that a device keeps, and the worker that keeps it."""

from functools import cache
from typing import Final

import msgspec

from app.web.pages import Field, Form, Frame, ScanPage, ScanStep
from app.web.rendering import STATIC_DIR, static_root, static_url

_WORKER: Final = "js/scan/worker.js"
_FILES: Final = (
    "css/base.css",
    "css/scan.css",
    "icons/pickstream.svg",
    "js/h.js",
    "scan.webmanifest",
)


def shell_page(frame: Frame) -> ScanPage:
    """Return the scan page as everybody sees it before their work is read; its script fills it from the device."""
    form = Form("/scan", "Try again", (Field("task", "", "hidden", "claim"),))
    step = ScanStep("Loading your work", "Try again", "If this stays, open the page again where there is a network.")
    return ScanPage(frame=frame, person="", batch="", progress="", step=step, form=form, build=release())


def release() -> str:
    """Return the version of the faces' files: a device keeps those of one release."""
    return static_root().rpartition("/")[2]


@cache
def worker_script() -> str:
    """Return the service worker with its release and the addresses to keep in front."""
    scripts = sorted(path.relative_to(STATIC_DIR).as_posix() for path in (STATIC_DIR / "js/scan").glob("*.js"))
    files = [static_url(path) for path in (*_FILES, *scripts) if path != _WORKER]
    shell = msgspec.json.encode({"version": release(), "page": "/scan/shell", "files": files}).decode()
    return f"self.shell = {shell};\n{(STATIC_DIR / _WORKER).read_text()}"
