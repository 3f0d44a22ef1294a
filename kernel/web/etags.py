from starlette.requests import Request


def is_current(request: Request, etag: str) -> bool:
    """Say whether the caller has this version already, so that 304 suffices: If-None-Match names it, be it as one of
    several, or as a weak tag, which a proxy makes of it when it compresses (RFC 9110, section 13.1.2).
    """
    header = request.headers.get("if-none-match", "")
    return any(tag.strip().removeprefix("W/") in {etag, "*"} for tag in header.split(","))


def is_based_on(request: Request, etag: str) -> bool:
    """Say whether If-Match allows an edit of this version: it names it (weak tags do not count), or there is none."""
    header = request.headers.get("if-match", "").strip()
    return not header or any(tag.strip() in {etag, "*"} for tag in header.split(","))
