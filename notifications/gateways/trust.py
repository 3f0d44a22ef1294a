import ssl
from functools import cache


@cache
def client_tls() -> ssl.SSLContext:
    """Return TLS settings that trust the system's certificate authorities.

    Reading these takes some 20 ms, so that one context serves all connections until the process ends.
    """
    return ssl.create_default_context()
