def words(code: str) -> str:
    """Return a code in words, as in "Dhl Express"."""
    return code.replace("_", " ").title()
