"""`HookMiddleware`: code before the application, and at the start of its response.

    class ServerTiming(HookMiddleware):
        def on_request(self, connection):
            connection.scope["began"] = time.perf_counter()

        def on_response(self, connection, response):
            seconds = time.perf_counter() - connection.scope["began"]
            response.headers["server-timing"] = f"app;dur={seconds * 1000:.1f}"

1. `on_request` is called before the application. What it returns, if it is not None, is sent as
   the response, and the application is not called.
2. `on_response` is called when the response starts, whoever made it, and may change its status and
   headers. It never sees the body.

The names are those of HTTP, and fit websockets as well: a handshake is an HTTP request, and the
application answers it by accepting (101) or denying it (RFC 6455, section 4).
"""

from collections.abc import Awaitable
from types import MethodType
from typing import Any

from starlette_http.callables import is_async_callable
from starlette_http.denial import refuse
from starlette_http.headers import MutableHeaders
from starlette_http.requests import HTTPConnection
from starlette_http.response import Response
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send

from .messages import HeaderPairs, header_pairs, with_headers

__all__ = ["HookMiddleware", "ResponseStart"]

_STARTS = frozenset(
    {
        "http.response.start",
        "websocket.accept",
        "websocket.http.response.start",
    }
)


class ResponseStart:
    """The start of a response: `status` and `headers`.

    The status of an accepted websocket is 101, and cannot be another one.
    """

    # Without slots: what lives this short is made faster so.
    _headers: MutableHeaders | None = None
    _pairs: HeaderPairs  # what `_headers` shows

    def __init__(self, message: Message) -> None:
        self._message = message
        self.status: int = message.get("status", 101)
        self._status = self.status

    @property
    def headers(self) -> MutableHeaders:
        """The headers, to read and to change."""
        headers = self._headers
        if headers is None:
            self._pairs = header_pairs(self._message)
            headers = self._headers = MutableHeaders(None, self._pairs)
        return headers

    def message(self) -> Message:
        """The message with what was changed; the application's own if nothing was."""
        message = self._message
        if self._headers is not None:
            message = with_headers(message, self._pairs)
        if self.status != self._status:
            message = {**message, "status": self.status}
        return message


class HookMiddleware:
    """Call `on_request` and `on_response` around http and websocket connections.

    Override one or both, each as a plain or an async method; a plain one must not block. Both get
    the same `connection`. They run in the task of the request and see the application's context
    variables; there is no task and no copy of a stream, which makes a layer cost about as much as
    one written out in plain ASGI. Use `BaseHTTPMiddleware` where one function has to run on both
    sides of the application, or has to see the body.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        cls = type(self)
        # What is not overridden costs nothing.
        self._asks = cls.on_request is not HookMiddleware.on_request
        self._asks_async = is_async_callable(self.on_request)
        self._watches = cls.on_response is not HookMiddleware.on_response
        self._watches_async = is_async_callable(self.on_response)

    def on_request(
        self, connection: HTTPConnection[Any]
    ) -> Response | None | Awaitable[Response | None]:
        """Called before the application. A response that is returned is sent in its place; a
        server that cannot send one to a websocket closes it with 1008."""
        return None

    def on_response(
        self, connection: HTTPConnection[Any], response: ResponseStart
    ) -> None | Awaitable[None]:
        """Called before the start of the response is sent."""
        return None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            connection: HTTPConnection[Any] = HTTPConnection(scope)
            if self._watches:
                send = _Watch(self, connection, send).send
            if self._asks:
                answer: Any = self.on_request(connection)
                if self._asks_async:
                    answer = await answer
                if answer is not None:
                    await refuse(answer, scope, receive, send)
                    return
        await self.app(scope, receive, send)


class _Watch:
    """The `send` of one layer in one request.

    Layers with nothing in between make a chain: the innermost calls the hooks of all of them, with
    one `ResponseStart`, and whatever else the application sends goes to the server at once.
    """

    def __init__(self, layer: HookMiddleware, connection: HTTPConnection[Any], send: Send) -> None:
        self.layer = layer
        self.connection = connection
        self.outer: _Watch | None = None
        self.is_async: bool = layer._watches_async
        self.pass_on = send
        if isinstance(send, MethodType) and isinstance(send.__self__, _Watch):
            outer = self.outer = send.__self__
            self.is_async = self.is_async or outer.is_async
            self.pass_on = outer.pass_on

    # Not async: what the server's `send` returns is awaited by the application itself.
    def send(self, message: Message) -> Awaitable[None]:
        if message["type"] in _STARTS:
            if self.is_async:
                return self._send_async(message)
            start = ResponseStart(message)
            watch: _Watch | None = self
            while watch is not None:
                watch.layer.on_response(watch.connection, start)
                watch = watch.outer
            message = start.message()
        return self.pass_on(message)

    async def _send_async(self, message: Message) -> None:
        start = ResponseStart(message)
        watch: _Watch | None = self
        while watch is not None:
            awaitable: Any = watch.layer.on_response(watch.connection, start)
            if watch.layer._watches_async:
                await awaitable
            watch = watch.outer
        await self.pass_on(start.message())
