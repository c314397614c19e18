"""The synchronous test client."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from anyio.from_thread import BlockingPortal

from starlette_http.asgi2 import ASGI2App
from starlette_http.exceptions import StarletteDeprecationWarning
from starlette_http.types import ASGIApp

from .classic import ClassicSession
from .conversation import handshake_headers, websocket_url
from .foreign import own_auth, own_cookies, own_request, own_url
from .library import httpx
from .lifespan import Lifespan
from .portal import LoopThread
from .scopes import absolute_url
from .sse import MAX_EVENT_SIZE, EventSource, sse_headers
from .target import SESSION, STREAM, Target, with_user_agent
from .transport import Transport
from .websocket import WebSocketTestSession

if TYPE_CHECKING:
    from httpx._client import UseClientDefault
    from httpx._types import (
        AuthTypes,
        CookieTypes,
        HeaderTypes,
        QueryParamTypes,
        RequestContent,
        RequestData,
        RequestExtensions,
        RequestFiles,
        TimeoutTypes,
    )

    from .mailbox import Mailbox

__all__ = ["TestClient"]

SessionT = TypeVar("SessionT", bound=WebSocketTestSession)

_TIMEOUT_WARNING = (
    "You should not use the 'timeout' argument with the TestClient. See"
    " https://github.com/Kludex/starlette/issues/1108 for more information."
)

# What only exists inside the client's `with`.
_INSIDE = ("portal", "task", "stream_send", "stream_receive", "exit_stack", "_lifespan")


class TestClient(httpx.Client):
    """An HTTP client that calls an ASGI application instead of a server, by plain functions.

    It is the HTTP library's client in all but the transport. Each request has an event loop of its
    own; inside `with TestClient(app) as client:` all share one, and the application's lifespan
    runs around them.

    - `app`: the application; ASGI-2 ones are told by their signature.
    - `base_url`: its scheme, host and path go before relative URLs.
    - `raise_server_exceptions`: what the application raises is raised by the request; otherwise
      the response is a 500.
    - `root_path`, `client`: as they go into the scope.
    - `backend`, `backend_options`: for `anyio.run`.
    - `cookies`, `headers`, `follow_redirects`: as for the library's client.
    - `timeout`: how long, in seconds, one wait for the application may last before `WaitTimeout`
      is raised; no limit by default. When set, requests may have a `timeout` of their own.
    - `strict`: a response whose body is cut short, or that lacks the trailers it declares, is an
      AssertionError.
    - `asgi_extensions`: extensions to announce to the application besides those of the client.
    - `disconnect`: tell an application by "http.disconnect" that its streamed response is no
      longer read, and wait for it to return, where it is cancelled by default.
    - `loop_of`: another client; inside its `with`, this one shares its loop.
    """

    __test__ = False
    portal: BlockingPortal | None = None
    task: Future[None]
    stream_send: Mailbox[Any]
    stream_receive: Mailbox[Any]
    exit_stack: ExitStack
    _asgi: Transport
    _lifespan: Lifespan

    def __init__(
        self,
        app: ASGIApp | ASGI2App,
        base_url: str = "http://testserver",
        raise_server_exceptions: bool = True,
        root_path: str = "",
        backend: Literal["asyncio", "trio"] = "asyncio",
        backend_options: dict[str, Any] | None = None,
        cookies: CookieTypes | None = None,
        headers: dict[str, str] | None = None,
        follow_redirects: bool = True,
        client: tuple[str, int] = ("testclient", 50000),
        *,
        timeout: TimeoutTypes = None,
        strict: bool = False,
        asgi_extensions: Mapping[str, Mapping[str, Any]] | None = None,
        disconnect: bool = False,
        loop_of: TestClient | None = None,
    ) -> None:
        options = backend_options or {}
        self._target = Target(
            app, root_path, client, asgi_extensions, raise_server_exceptions, strict, disconnect
        )
        sharer = None if loop_of is None else loop_of._asgi
        self._asgi = Transport(self._target, backend, options, timeout is not None, sharer)
        self.app: ASGIApp = self._target.app
        self.app_state: dict[str, Any] = self._target.state
        self.async_backend: dict[str, Any] = {"backend": backend, "backend_options": options}
        super().__init__(
            base_url=base_url,
            headers=with_user_agent(headers),
            transport=self._asgi,
            follow_redirects=follow_redirects,
            cookies=own_cookies(cookies),
        )
        if timeout is not None:
            self.timeout = httpx.Timeout(timeout)

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

    def request(
        self,
        method: str,
        url: httpx.URL | str,
        *,
        content: RequestContent | None = None,
        data: RequestData | None = None,
        files: RequestFiles | None = None,
        json: Any = None,
        params: QueryParamTypes | None = None,
        headers: HeaderTypes | None = None,
        cookies: CookieTypes | None = None,
        auth: AuthTypes | UseClientDefault | None = httpx.USE_CLIENT_DEFAULT,
        follow_redirects: bool | UseClientDefault = httpx.USE_CLIENT_DEFAULT,
        timeout: TimeoutTypes | UseClientDefault = httpx.USE_CLIENT_DEFAULT,
        extensions: RequestExtensions | None = None,
    ) -> httpx.Response:
        """Send a request and read the response.

        `timeout` warns and has no effect on a client that was made without one.
        """
        if timeout is not httpx.USE_CLIENT_DEFAULT and not self._asgi.timed:
            warnings.warn(_TIMEOUT_WARNING, StarletteDeprecationWarning, stacklevel=2)
        return super().request(
            method,
            url,
            content=content,
            data=data,
            files=files,
            json=json,
            params=params,
            headers=headers,
            cookies=cookies,
            auth=auth,
            follow_redirects=follow_redirects,
            timeout=timeout,
            extensions=extensions,
        )

    def send(
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
        return super().send(
            request, stream=stream, auth=own_auth(auth), follow_redirects=follow_redirects
        )

    def query(self, url: httpx.URL | str, **options: Any) -> httpx.Response:
        """Send a QUERY request; takes what `request` takes."""
        return self.request("QUERY", url, **options)

    @contextmanager
    def sse(
        self,
        url: httpx.URL | str,
        *,
        method: str = "GET",
        headers: HeaderTypes | None = None,
        max_event_size: int | None = MAX_EVENT_SIZE,
        **options: Any,
    ) -> Iterator[EventSource]:
        """The server-sent events of `url`, one by one as the application sends them.

        Takes what `stream` takes; leaving the block ends the application.
        """
        with self.stream(method, url, headers=sse_headers(headers), **options) as response:
            yield EventSource(response, max_event_size)

    def websocket_connect(
        self, url: str, subprotocols: Sequence[str] | None = None, **kwargs: Any
    ) -> WebSocketTestSession:
        """The session of a websocket; entering it connects. Takes what `request` takes.

        `url` is relative to ws://testserver. `timeout` limits each wait of the session.
        """
        return self._websocket(WebSocketTestSession, url, subprotocols, **kwargs)

    def wsconnect(
        self, url: str, subprotocols: Sequence[str] | None = None, **options: Any
    ) -> ClassicSession:
        """A websocket that is connected already; as `websocket_connect` otherwise.

        Raises `Disconnect` when the application refuses.
        """
        return self._websocket(ClassicSession, url, subprotocols, **options).__enter__()

    def _websocket(
        self,
        kind: type[SessionT],
        url: str,
        subprotocols: Sequence[str] | None,
        *,
        headers: HeaderTypes | None = None,
        timeout: TimeoutTypes = None,
        extensions: RequestExtensions | None = None,
        **options: Any,
    ) -> SessionT:
        response = super().request(
            "GET",
            websocket_url(url),
            headers=handshake_headers(headers, subprotocols),
            extensions={**(extensions or {}), SESSION: kind},
            **options,
        )
        session: SessionT = response.extensions[SESSION]
        if timeout is not None:
            session.timeout = httpx.Timeout(timeout).read
        return session

    def __enter__(self) -> Self:
        before = {name: vars(self).get(name) for name in _INSIDE}
        with ExitStack() as stack:
            stack.callback(vars(self).update, before)
            host = self._asgi.host()
            stack.push(host)
            host.open_portal()
            if isinstance(host, LoopThread):
                stack.callback(setattr, self._asgi, "thread", None)
                self._asgi.thread = host
            self._lifespan = lifespan = self._target.lifespan(
                self.timeout.read if self._asgi.timed else None
            )
            self.stream_receive, self.stream_send = lifespan.to_app, lifespan.from_app
            self.task = Future()
            host.spawn(partial(self._run_lifespan, self.task))
            stack.callback(host.post, lifespan.cancel)
            host.run(self.wait_startup)
            stack.callback(host.run, self.wait_shutdown)
            stack.callback(self._asgi.abort)
            self.portal = host.portal
            self.exit_stack = stack.pop_all()
        return self

    def __exit__(self, *args: object) -> None:
        self.exit_stack.close()

    async def _run_lifespan(self, task: Future[None]) -> None:
        try:
            await self._lifespan.run(self.lifespan)
        finally:
            task.set_result(None)

    async def lifespan(self) -> None:
        """Call the application with a lifespan scope; may be overridden."""
        await self._lifespan.call_app()

    async def wait_startup(self) -> None:
        """Wait until the application has started up; may be overridden."""
        await self._lifespan.startup()

    async def wait_shutdown(self) -> None:
        """Wait until the application has shut down; may be overridden."""
        await self._lifespan.shutdown()
