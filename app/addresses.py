def own_address(host: str, port: int) -> str:
    """Return where the API can be asked from this machine: one that listens everywhere also does so here."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
