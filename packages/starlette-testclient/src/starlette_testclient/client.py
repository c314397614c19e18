"""The synchronous test client."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import urljoin

from anyio.from_thread import BlockingPortal

from starlette_http.asgi2 import ASGI2App, as_asgi3, is_asgi2
from starlette_http.exceptions import StarletteDeprecationWarning
from starlette_http.types import ASGIApp

from .library import httpx
from .lifespan import Lifespan
from .portal import LoopThread
from .responses import Rules
from .scopes import WEBSOCKET_SCHEMES, ScopeBuilder
from .transport import SESSION, STREAM, Transport
from .websocket import WebSocketTestSession

if TYPE_CHECKING:
    from concurrent.futures import Future

    from httpx._client import UseClientDefault
    from httpx._types import (
        AuthTypes,
        CookieTypes,
        HeaderTypes,
        QueryParamTypes,
        RequestContent,
        RequestData,
        RequestFiles,
        TimeoutTypes,
    )

    from .mailbox import Mailbox

__all__ = ["TestClient"]


class TestClient(httpx.Client):
    """A client that calls an ASGI application instead of a server, in plain functions.

    It has everything of the library's client; `with TestClient(app) as client` runs the
    application's lifespan besides, and keeps one event loop for all requests.
    """

    __test__ = False
    portal: BlockingPortal | None = None
    task: Future[None]
    stream_send: Mailbox[Any]
    stream_receive: Mailbox[Any]
    exit_stack: ExitStack

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
    ) -> None:
        self.app = as_asgi3(app)
        self.app_state: dict[str, Any] = {}
        self.async_backend = {"backend": backend, "backend_options": backend_options or {}}
        self._optional_lifespan = is_asgi2(app)
        self._timed = timeout is not None
        transport = Transport(
            self.app,
            ScopeBuilder(root_path, client, self.app_state, asgi_extensions or {}),
            Rules(raise_server_exceptions, strict),
            backend,
            backend_options or {},
            self._timed,
        )
        all_headers = httpx.Headers(headers)
        all_headers.setdefault("user-agent", "testclient")
        super().__init__(
            base_url=base_url,
            headers=all_headers,
            transport=transport,
            follow_redirects=follow_redirects,
            cookies=cookies,
        )
        self._app_transport = transport
        if timeout is not None:
            self.timeout = timeout

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
        extensions: dict[str, Any] | None = None,
    ) -> httpx.Response:
        if timeout is not httpx.USE_CLIENT_DEFAULT and not self._timed:
            warnings.warn(
                "You should not use the 'timeout' argument with the TestClient. See"
                " https://github.com/Kludex/starlette/issues/1108 for more information.",
                StarletteDeprecationWarning,
                stacklevel=2,
            )
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
        if stream:
            request.extensions = {**request.extensions, STREAM: True}
        return super().send(request, stream=stream, auth=auth, follow_redirects=follow_redirects)

    def websocket_connect(
        self, url: str, subprotocols: list[str] | None = None, **kwargs: Any
    ) -> WebSocketTestSession:
        """A session with the websocket at `url`, to be entered; takes what `request` takes."""
        url = urljoin("ws://testserver", str(url))
        if httpx.URL(url).scheme not in WEBSOCKET_SCHEMES:
            raise RuntimeError("Expected WebSocket upgrade")
        headers = httpx.Headers(kwargs.pop("headers", None))
        defaults = {
            "connection": "upgrade",
            "sec-websocket-key": "testserver==",
            "sec-websocket-version": "13",
        }
        if subprotocols is not None:
            defaults["sec-websocket-protocol"] = ", ".join(subprotocols)
        for name, value in defaults.items():
            headers.setdefault(name, value)
        response = super().request("GET", url, headers=headers, **kwargs)
        session: WebSocketTestSession = response.extensions[SESSION]
        return session

    def __enter__(self) -> Self:
        options = self._app_transport
        with ExitStack() as stack:
            thread = LoopThread(options.backend, options.options)
            self.portal = stack.enter_context(thread)
            self._app_transport.thread = thread
            stack.callback(self._leave)
            lifespan = Lifespan(self.app, self.app_state, self._optional_lifespan)
            self._lifespan = lifespan
            self.stream_receive, self.stream_send = lifespan.to_app, lifespan.from_app
            self.task = self.portal.start_task_soon(lifespan.run, self.lifespan)
            self.portal.call(self.wait_startup)
            stack.callback(self.portal.call, self.wait_shutdown)
            stack.callback(self._app_transport.abort)
            self.exit_stack = stack.pop_all()
        return self

    def __exit__(self, *args: object) -> None:
        self.exit_stack.close()

    def _leave(self) -> None:
        self.portal = None
        self._app_transport.thread = None

    async def lifespan(self) -> None:
        """Call the application with a lifespan scope; may be overridden."""
        await self._lifespan.call_app()

    async def wait_startup(self) -> None:
        """Wait until the application has started up; may be overridden."""
        await self._lifespan.startup()

    async def wait_shutdown(self) -> None:
        """Wait until the application has shut down; may be overridden."""
        await self._lifespan.shutdown()
