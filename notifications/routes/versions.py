import msgspec
from starlette.responses import Response

from kernel.errors import Refusal, VersionConflict


class IfMatchMissing(Refusal):
    """An edit that does not say which version it is based on."""

    code = "if_match_missing"
    status = 428
    title = "This edit needs an If-Match header"


def version_of(if_match: str | None) -> int:
    """Return the version that an edit is based on.

    Raises:
        IfMatchMissing: the request does not say.
        VersionConflict: it names something that is no version.
    """
    if if_match is None:
        raise IfMatchMissing("Say which version the edit is based on.", remedy="Send the ETag of the last answer.")
    tag = if_match.strip().strip('"')
    if not (tag.isascii() and tag.isdigit()):
        raise VersionConflict("This is no ETag of an endpoint.", remedy="Send the ETag of the last answer.")
    return int(tag[:18])


def tagged(response: Response) -> Response:
    """Give an answer the ETag of the version that its body names."""
    version = msgspec.json.decode(response.body)["version"]
    response.headers["etag"] = f'"{version}"'
    return response
