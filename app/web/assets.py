from pathlib import PurePosixPath

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.web.rendering import STATIC_DIR, static_root

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


class VersionedFiles(StaticFiles):
    """The static files under `/static/<digest of them all>/`: a page and its files always fit, and never go stale.

    Under the digest of today they may be kept for ever. A page from before a deployment still asks under its own: it is
    given today's file, to be asked for again.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Serve one file, without the version in front of its path."""
        version, *rest = PurePosixPath(path).parts or ("",)
        answer = await super().get_response("/".join(rest), scope)
        is_current = version == static_root().rpartition("/")[2]
        answer.headers["cache-control"] = FOR_EVER if is_current else ASK_AGAIN
        return answer


def mount_static(app: FastAPI) -> None:
    """Serve the static files of the faces; this is public."""
    app.mount("/static", VersionedFiles(directory=STATIC_DIR), name="static")
