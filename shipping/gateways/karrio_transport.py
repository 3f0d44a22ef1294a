"""The one place where karrio is loaded, and where its requests go out.

Three habits of the library are taken from it here. Its import switches the verification of certificates off for the
whole process; its requests have no timeout; and with an error tracker installed it sends a failed request once more,
which for a label would be a second purchase. Here every request is made once, verified, with timeouts, and its end has
a name.
"""

import io
import ssl
import warnings
from dataclasses import dataclass
from email.message import Message
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import Request

import httpx

TIMEOUT = httpx.Timeout(20.0, connect=3.0, pool=2.0)
INSTALL = "pip install 'pickstream[karrio]'"

# Turned away before it was looked at; a wrong key (401, 403) is for the operator to mend, not a verdict on the parcel.
_TURNED_AWAY = frozenset({401, 403, 408, 429, 503})
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_REFUSED = range(400, 500)
_OK = range(200, 300)
_LARGEST_ANSWER = 20_000_000


class KarrioMissingError(Exception):
    """The optional libraries of real carriers are not installed, or not for this carrier."""


class NothingHappenedError(Exception):
    """The carrier did not look at the request, or never got it."""

    def __init__(self, detail: str, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class NoAnswerError(Exception):
    """The request went out and no usable answer came: it may or may not have taken hold."""


@dataclass(frozen=True, slots=True)
class Karrio:
    """The library's parts that we use; it has no types of its own that would hold."""

    sdk: ModuleType
    models: ModuleType
    references: ModuleType
    tracing: ModuleType
    caching: ModuleType

    def connector(self, name: str) -> Any:  # noqa: ANN401 - the library's own description of a carrier
        """Return what the library knows of a carrier.

        Raises:
            KarrioMissingError: there is no connector of that name here.
        """
        found = self.references.collect_providers_data().get(name)
        if found is None:
            raise KarrioMissingError(f"There is no connector for {name!r} here: pip install karrio-{name}.")
        return found


@lru_cache
def load_karrio() -> Karrio:
    """Load the library, once and only when a carrier account is used: it takes a second and about 100 MB.

    Raises:
        KarrioMissingError: it is not installed.
    """
    verified = ssl._create_default_https_context  # noqa: SLF001 - the library overwrites it, and we put it back
    try:
        import_module("loguru").logger.disable("karrio")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            sdk = import_module("karrio.sdk")
            import_module("karrio.references").collect_providers_data()
    except ModuleNotFoundError as error:
        raise KarrioMissingError(f"The libraries of real carriers are not installed: {INSTALL}.") from error
    finally:
        ssl._create_default_https_context = verified  # noqa: SLF001 - see above
    helpers: Any = import_module("karrio.core.utils.helpers")
    helpers._urlopen_with_span = send_once  # noqa: SLF001 - the only door through which its requests leave
    return Karrio(
        sdk, import_module("karrio.core.models"), import_module("karrio.references"),
        import_module("karrio.core.utils.tracing"), import_module("karrio.core.utils.caching"),
    )  # fmt: skip


class Answered:
    """An answer in the form in which the library reads one."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.headers = dict(response.headers)
        self._content = response.content

    def read(self) -> bytes:
        """Return the body."""
        return self._content

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def send_once(request: Request, timeout: float | None = None) -> Answered:  # noqa: ARG001 - the library's signature
    """Make one request of the library's over HTTP.

    Raises:
        NothingHappenedError: it was not sent, or turned away unseen.
        NoAnswerError: nobody knows whether it took hold.
        HTTPError: the carrier declined it; the library reads why.
    """
    body = request.data if isinstance(request.data, bytes) else None
    headers = dict(request.header_items())
    try:
        response = _client().request(request.get_method(), request.full_url, content=body, headers=headers)
    except (*_NOT_SENT, httpx.InvalidURL) as error:
        raise NothingHappenedError(f"The carrier was not reached ({type(error).__name__})") from error
    except httpx.TransportError as error:
        raise NoAnswerError(f"No answer came ({type(error).__name__})") from error
    return _judged(request.full_url, response)


def _judged(url: str, response: httpx.Response) -> Answered:
    status = response.status_code
    if status in _OK and len(response.content) <= _LARGEST_ANSWER:
        return Answered(response)
    if status in _TURNED_AWAY:
        after = response.headers.get("retry-after", "")
        raise NothingHappenedError(
            f"The carrier answered with status {status}",
            int(after[:6]) if after.isascii() and after.isdigit() else None,
        )
    if status in _REFUSED:
        raise HTTPError(url, status, response.reason_phrase, Message(), io.BytesIO(response.content))
    raise NoAnswerError(f"The carrier answered with status {status}")


@lru_cache
def _client() -> httpx.Client:
    # A connection that the carrier has closed meanwhile would end a purchase without an answer: none is used twice.
    return httpx.Client(timeout=TIMEOUT, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
