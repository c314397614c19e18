"""From what an application sent to the response that the test gets."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import NamedTuple

from .exchange import Exchange
from .library import httpx
from .timeouts import WaitTimeout

__all__ = ["CollectedBody", "Rules", "response_of"]


class Rules(NamedTuple):
    """Which ends of an application are failures of the test.

    `strict` takes a cut-off response for one.
    """

    raise_server_exceptions: bool
    strict: bool

    def failure(self, exchange: Exchange) -> BaseException | None:
        """The exception with which `exchange` fails the test, if it does."""
        error = exchange.error
        if error is None:
            return self._omission(exchange)
        if self.raise_server_exceptions or isinstance(error, WaitTimeout):
            return error
        return None if isinstance(error, Exception) else error

    def _omission(self, exchange: Exchange) -> AssertionError | None:
        if exchange.status is None and self.raise_server_exceptions:
            return AssertionError("TestClient did not receive any response.")
        if self.strict and exchange.missing:
            return AssertionError(f"The application returned without {exchange.missing}.")
        return None


class CollectedBody(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A whole body; closing it raises what the application did after the start."""

    def __init__(self, chunks: Sequence[bytes], failure: BaseException | None) -> None:
        self._chunks = chunks
        self._failure = failure

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk

    def close(self) -> None:
        """Raise the failure."""
        if self._failure is not None:
            raise self._failure

    async def aclose(self) -> None:
        """Raise the failure."""
        self.close()


def response_of(
    exchange: Exchange, body: httpx.SyncByteStream | httpx.AsyncByteStream
) -> httpx.Response:
    """The response of `exchange`, with the debug information that templates leave on it."""
    if exchange.status is None:
        return httpx.Response(500, stream=httpx.ByteStream(b""))
    response = httpx.Response(exchange.status, headers=exchange.headers, stream=body)
    # The very dict: trailers come later.
    response.extensions = exchange.extensions
    debug = exchange.extensions.get("http.response.debug", {})
    if "template" in debug:
        response.template = debug["template"]  # type: ignore[attr-defined]
    if "context" in debug:
        response.context = debug["context"]  # type: ignore[attr-defined]
    return response
