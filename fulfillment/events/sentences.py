from datetime import date


def items(count: int) -> str:
    """Return a number of items in words, as in "3 items"."""
    return "1 item" if count == 1 else f"{count} items"


def day(iso: str) -> str:
    """Return an ISO date in words, as in "Tuesday 24 November 2026"."""
    found = date.fromisoformat(iso)
    return f"{found:%A} {found.day} {found:%B %Y}"
