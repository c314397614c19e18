"""`ExceptionMiddleware`: answer the exceptions that somebody registered a handler for.

The innermost layer of an application. What it has no handler for goes on outwards, to
`ServerErrorMiddleware` in the end. The lookup itself is `starlette_http.exception_handling`, which
routes use as well: they find the handlers in the scope, under "starlette.exception_handlers".
"""

from collections.abc import Mapping
from typing import Any

from starlette_http.exception_handling import (
    ExceptionHandlers,
    HandlerTables,
    StartWatch,
    StatusHandlers,
    handle_exception,
)
from starlette_http.exceptions import HTTPException, WebSocketException
from starlette_http.requests import ClientDisconnect, HTTPConnection, Request
from starlette_http.response import PlainTextResponse, Response
from starlette_http.types import ASGIApp, ExceptionHandler, Receive, Scope, Send
from starlette_websockets.websockets import WebSocket, WebSocketDisconnect

__all__ = ["ExceptionMiddleware"]


async def _say_nothing(conn: HTTPConnection[Any], exc: Exception) -> None:
    """The handler for a peer that has left: nobody is there to be answered.

    A test client is, and asks in the scope to be told.
    """
    if "starlette.raise_disconnects" in conn.scope:
        raise exc


class ExceptionMiddleware:
    """Turn exceptions into responses by handlers, for http and websocket connections.

    `handlers` maps a status code or an `Exception` subclass to `handler(conn, exc)`, sync (run in
    a thread) or async, which returns a response or None. A status code is looked up first, for
    HTTPException only; then the classes of the exception's MRO. Built in, and replaced by a
    handler for the same class: HTTPException, WebSocketException, and for ClientDisconnect and
    WebSocketDisconnect one that does nothing, since a peer that leaves is no error.

    A handled exception after the response started is a RuntimeError: a second response cannot
    follow the first. `debug` is kept as an attribute and has no effect here.
    """

    def __init__(
        self,
        app: ASGIApp,
        handlers: Mapping[Any, ExceptionHandler] | None = None,
        debug: bool = False,
    ) -> None:
        self.app = app
        self.debug = debug
        self._status_handlers: StatusHandlers = {}
        self._exception_handlers: ExceptionHandlers = {
            HTTPException: self.http_exception,
            WebSocketException: self.websocket_exception,
            ClientDisconnect: _say_nothing,
            WebSocketDisconnect: _say_nothing,
        }
        # What the scope of every connection carries: the live tables, by class and by status.
        self.tables: HandlerTables = (self._exception_handlers, self._status_handlers)
        for key, handler in (handlers or {}).items():
            self.add_exception_handler(key, handler)

    def add_exception_handler(
        self, exc_class_or_status_code: int | type[Exception], handler: ExceptionHandler
    ) -> None:
        """Handle a status code or an Exception subclass (AssertionError for anything else)."""
        key = exc_class_or_status_code
        if isinstance(key, int):
            self._status_handlers[key] = handler
        elif isinstance(key, type) and issubclass(key, Exception):
            self._exception_handlers[key] = handler
        else:
            raise AssertionError(
                f"An exception handler needs a status code or a subclass of Exception, not {key!r}."
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; the handlers are looked up only once it raised."""
        kind = scope["type"]
        if kind != "http" and kind != "websocket":
            await self.app(scope, receive, send)
            return
        scope["starlette.exception_handlers"] = self.tables
        given: Any = send
        watch = given if type(given) is StartWatch else StartWatch(send)
        try:
            await self.app(scope, receive, watch)
        except Exception as exc:
            connection = Request if kind == "http" else WebSocket
            conn: HTTPConnection[Any] = connection(scope, receive, watch)
            await handle_exception(exc, self.tables, conn, scope, receive, watch, watch.started)

    async def http_exception(self, request: Request, exc: Any) -> Response:
        """Answer an HTTPException with its status, detail as plain text, and headers."""
        if exc.status_code in (204, 304):
            return Response(status_code=exc.status_code, headers=exc.headers)
        return PlainTextResponse(exc.detail, status_code=exc.status_code, headers=exc.headers)

    async def websocket_exception(self, websocket: WebSocket, exc: Any) -> None:
        """Answer a WebSocketException: close with its code and reason."""
        await websocket.close(code=exc.code, reason=exc.reason)
