from urllib.parse import urlencode


def address(path: str, **asked: str | None) -> str:
    """Return an address with what is asked of it; empty values are left out."""
    told = urlencode({name: value for name, value in asked.items() if value})
    return f"{path}?{told}" if told else path
