"""The application under test: how requests reach it and what becomes of its responses."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from starlette_http.asgi2 import ASGI2App, as_asgi3, is_asgi2
from starlette_http.types import ASGIApp, Scope

from .exchange import Exchange, Item, StreamedExchange
from .library import httpx
from .lifespan import Lifespan
from .mailbox import Outbox
from .scopes import ScopeBuilder
from .timeouts import WaitTimeout

__all__ = ["SESSION", "STREAM", "CollectedBody", "Target", "response_of", "with_user_agent"]

STREAM = "starlette_testclient.stream"
"""Among a request's extensions: its response is to be streamed."""

SESSION = "starlette_testclient.session"
"""Among a response's extensions: the websocket session that the request opens."""


class Target:
    """An application with the options that both clients have in common."""

    def __init__(
        self,
        app: ASGIApp | ASGI2App,
        root_path: str,
        client: tuple[str, int],
        asgi_extensions: Mapping[str, Mapping[str, Any]] | None,
        raise_server_exceptions: bool,
        strict: bool,
        polite: bool,
    ) -> None:
        self.app: ASGIApp = as_asgi3(app)
        self.state: dict[str, Any] = {}
        self.scopes: ScopeBuilder = ScopeBuilder(
            root_path, client, self.state, asgi_extensions or {}
        )
        self._asgi2 = is_asgi2(app)
        self._raises = raise_server_exceptions
        self._strict = strict
        self._polite = polite

    def lifespan(self, limit: float | None) -> Lifespan:
        """A new run of the application's lifespan; one answer may take `limit` seconds."""
        return Lifespan(self.app, self.state, self._asgi2, limit)

    def exchange(self, scope: Scope, body: bytes) -> Exchange:
        """A request whose response is collected."""
        return Exchange(self.app, scope, body)

    def streamed_exchange(
        self, scope: Scope, body: bytes, outbox: Outbox[Item]
    ) -> StreamedExchange:
        """A request whose response is streamed."""
        return StreamedExchange(self.app, scope, body, outbox, self._polite)

    def failure(self, exchange: Exchange) -> BaseException | None:
        """The exception with which the end of `exchange` fails the test, if it does."""
        error = exchange.error
        if error is None:
            return self._omission(exchange)
        if self._raises or isinstance(error, WaitTimeout) or not isinstance(error, Exception):
            return error
        return None

    def _omission(self, exchange: Exchange) -> AssertionError | None:
        if exchange.status is None and self._raises:
            return AssertionError("TestClient did not receive any response.")
        if self._strict and exchange.missing and not exchange.cancelled:
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


def with_user_agent(headers: Mapping[str, str] | None) -> httpx.Headers:
    """A copy of `headers` that names the test client as user agent, unless they name another."""
    complete = httpx.Headers(headers)
    complete.setdefault("user-agent", "testclient")
    return complete


def response_of(
    exchange: Exchange, body: httpx.SyncByteStream | httpx.AsyncByteStream
) -> httpx.Response:
    """The response of `exchange`: its own, or 500 when it has none.

    The debug information of a template is left on it as `template` and `context`.
    """
    if exchange.status is None:
        return httpx.Response(500, stream=httpx.ByteStream(b""))
    response = httpx.Response(exchange.status, headers=exchange.headers, stream=body)
    response.extensions = exchange.extensions  # the very dict: trailers come later
    debug = exchange.extensions.get("http.response.debug", {})
    for name in ("template", "context"):
        if name in debug:
            setattr(response, name, debug[name])
    return response
