"""The asynchronous test client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from starlette_http.asgi2 import ASGI2App
from starlette_http.types import ASGIApp

from .async_transport import AsyncTransport, IterableStream
from .async_websocket import AsyncWebSocketTestSession
from .conversation import handshake_headers, websocket_url
from .foreign import own_auth, own_cookies, own_request, own_url
from .library import httpx
from .scopes import absolute_url
from .sse import MAX_EVENT_SIZE, EventSource, sse_headers
from .target import SESSION, STREAM, Target, with_user_agent
from .tasks import Tasks

if TYPE_CHECKING:
    from httpx._client import UseClientDefault
    from httpx._types import AuthTypes, CookieTypes, HeaderTypes, TimeoutTypes

    from .lifespan import Lifespan
    from .mailbox import Mailbox

__all__ = ["AsyncTestClient"]


class AsyncTestClient(httpx.AsyncClient):
    """`TestClient` for tests that are coroutines themselves, on asyncio and trio.

    The application runs in tasks of the test's own loop, without any thread: they see the test's
    context variables, and are cancelled with the test. `async with AsyncTestClient(app) as client:`
    runs the application's lifespan around the requests.

    The parameters are those of `TestClient`, without `backend` and `loop_of`: the loop is the one
    that the test runs in. Any request may have a `timeout`.
    """

    __test__ = False
    stream_send: Mailbox[Any]
    stream_receive: Mailbox[Any]
    _lifespan: Lifespan

    def __init__(
        self,
        app: ASGIApp | ASGI2App,
        base_url: str = "http://testserver",
        raise_server_exceptions: bool = True,
        root_path: str = "",
        *,
        cookies: CookieTypes | None = None,
        headers: dict[str, str] | None = None,
        follow_redirects: bool = True,
        client: tuple[str, int] = ("testclient", 50000),
        timeout: TimeoutTypes = None,
        strict: bool = False,
        asgi_extensions: Mapping[str, Mapping[str, Any]] | None = None,
        disconnect: bool = False,
    ) -> None:
        self._target = Target(
            app, root_path, client, asgi_extensions, raise_server_exceptions, strict, disconnect
        )
        self._asgi = AsyncTransport(self._target)
        self._lifespan_tasks = Tasks()
        self.app: ASGIApp = self._target.app
        self.app_state: dict[str, Any] = self._target.state
        super().__init__(
            base_url=base_url,
            headers=with_user_agent(headers),
            transport=self._asgi,
            follow_redirects=follow_redirects,
            cookies=own_cookies(cookies),
            timeout=timeout,
        )

    def build_request(
        self,
        method: str,
        url: httpx.URL | str,
        *,
        cookies: CookieTypes | None = None,
        **options: Any,
    ) -> httpx.Request:
        """A request that `send` takes."""
        url = own_url(absolute_url(self.base_url, url))
        return super().build_request(method, url, cookies=own_cookies(cookies), **options)

    async def send(
        self,
        request: httpx.Request,
        *,
        stream: bool = False,
        auth: AuthTypes | UseClientDefault | None = httpx.USE_CLIENT_DEFAULT,
        follow_redirects: bool | UseClientDefault = httpx.USE_CLIENT_DEFAULT,
    ) -> httpx.Response:
        """Send `request`; with `stream`, return as soon as the response has started."""
        request = own_request(request)
        if stream:
            request.extensions = {**request.extensions, STREAM: True}
        response = await super().send(
            request, stream=stream, auth=own_auth(auth), follow_redirects=follow_redirects
        )
        if (body := self._asgi.streams.get(response)) is not None:
            response.stream = IterableStream(response.stream, body)
        return response

    async def query(self, url: httpx.URL | str, **options: Any) -> httpx.Response:
        """Send a QUERY request; takes what `request` takes."""
        return await self.request("QUERY", url, **options)

    @asynccontextmanager
    async def sse(
        self,
        url: httpx.URL | str,
        *,
        method: str = "GET",
        headers: HeaderTypes | None = None,
        max_event_size: int | None = MAX_EVENT_SIZE,
        **options: Any,
    ) -> AsyncIterator[EventSource]:
        """The server-sent events of `url`, one by one as the application sends them.

        Takes what `stream` takes; leaving the block ends the application.
        """
        async with self.stream(method, url, headers=sse_headers(headers), **options) as response:
            yield EventSource(response, max_event_size)

    @asynccontextmanager
    async def websocket_connect(
        self,
        url: str,
        subprotocols: Sequence[str] | None = None,
        *,
        headers: HeaderTypes | None = None,
        **options: Any,
    ) -> AsyncIterator[AsyncWebSocketTestSession]:
        """The session of a websocket, connected. Takes what `request` takes.

        `url` is relative to ws://testserver. `timeout` limits each wait of the session.
        """
        headers = handshake_headers(headers, subprotocols)
        response = await self.request("GET", websocket_url(url), headers=headers, **options)
        session: AsyncWebSocketTestSession = response.extensions[SESSION]
        async with session:
            yield session

    async def __aenter__(self) -> Self:
        self._lifespan = lifespan = self._target.lifespan(self.timeout.read)
        self.stream_receive, self.stream_send = lifespan.to_app, lifespan.from_app
        self._lifespan_tasks.spawn(partial(lifespan.run, self.lifespan))
        try:
            await self.wait_startup()
        except BaseException:
            await self._lifespan_tasks.end()
            raise
        return self

    async def __aexit__(self, *args: object) -> None:
        try:
            await self._asgi.abort()
            await self.wait_shutdown()
        finally:
            await self._lifespan_tasks.end()

    async def lifespan(self) -> None:
        """Call the application with a lifespan scope; may be overridden."""
        await self._lifespan.call_app()

    async def wait_startup(self) -> None:
        """Wait until the application has started up; may be overridden."""
        await self._lifespan.startup()

    async def wait_shutdown(self) -> None:
        """Wait until the application has shut down; may be overridden."""
        await self._lifespan.shutdown()
