"""Answering the exceptions that handlers are registered for.

`scope["starlette.exception_handlers"]` holds two tables: handlers by exception class, and handlers
by status code for `HTTPException`. Every place that answers exceptions (the exceptions middleware,
a route, an application's short path) watches the response start with a `StartWatch`, and gives
what was raised to `handle_exception`.

A handler is `handler(connection, exception)`; one that is not async runs in a worker thread. What
it returns, if anything, is called as an ASGI application; for a websocket, a `Response` is sent as
`denial.refuse` has it.
"""

from collections.abc import Awaitable
from functools import partial
from typing import Any

from .callables import is_async_callable
from .concurrency import run_in_threadpool
from .denial import refuse
from .exceptions import HTTPException
from .requests import ClientDisconnect, HTTPConnection
from .response import Response
from .types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

__all__ = [
    "ExceptionHandlers",
    "HandlerTables",
    "StartWatch",
    "StatusHandlers",
    "handle_exception",
    "watch_start",
    "wrap_app_handling_exceptions",
]

ExceptionHandlers = dict[Any, ExceptionHandler]
StatusHandlers = dict[int, ExceptionHandler]
HandlerTables = tuple[ExceptionHandlers, StatusHandlers]


class StartWatch:
    """A `send` that remembers whether an HTTP response was `started`, a websocket `accepted`."""

    accepted: bool = False

    # One is made for every request: without slots, which the interpreter is quicker to make.
    def __init__(self, send: Send) -> None:
        self.send: Send = send
        self.started: bool = False

    # Not async: what `send` returns is awaited by the caller itself, without a frame in between.
    def __call__(self, message: Message) -> Awaitable[None]:
        kind = message["type"]
        if kind == "http.response.start":
            self.started = True
        elif kind == "websocket.accept":
            self.accepted = True
        return self.send(message)

    def __repr__(self) -> str:
        # Without an address: Sentry names spans after what is called.
        return type(self).__name__


def watch_start(send: Send) -> StartWatch:
    """`send` itself where it is a watch already: layers with nothing in between share one."""
    given: Any = send  # which a type checker narrows, unlike a Callable
    return given if type(given) is StartWatch else StartWatch(send)


def wrap_app_handling_exceptions(app: ASGIApp, conn: HTTPConnection[Any]) -> ASGIApp:
    """Return `app` with the exception handlers that `conn.scope` has at this moment around it."""
    return _Handled(app, conn)


class _Handled:
    """An application with handlers around it."""

    __slots__ = ("app", "conn", "tables")

    def __init__(self, app: ASGIApp, conn: HTTPConnection[Any]) -> None:
        self.app = app
        self.conn = conn
        self.tables: HandlerTables | None = conn.scope.get("starlette.exception_handlers")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        watch = watch_start(send)
        try:
            await self.app(scope, receive, watch)
        except Exception as exc:
            conn, started = self.conn, watch.started
            await handle_exception(exc, self.tables, conn, scope, receive, watch, started)


async def handle_exception(
    exc: Exception,
    tables: HandlerTables | None,
    conn: HTTPConnection[Any],
    scope: Scope,
    receive: Receive,
    send: Send,
    started: bool,
) -> None:
    """Answer `exc` with the handler that `tables` have for it, or raise it again.

    `tables` are what the scope held before the application was called: what is called in there may
    put its own in their place. `started` says whether the response was begun (see `StartWatch`):
    then nothing can be answered any more, and an exception that has a handler becomes the cause of
    a `RuntimeError`; only that the client has left is still told to its handler. Errors of the
    handler propagate.
    """
    handle: Any = None if tables is None else _find(tables, exc)
    if handle is None:
        raise exc
    if started and not isinstance(exc, ClientDisconnect):
        raise RuntimeError("Caught handled exception, but response already started.") from exc
    if is_async_callable(handle):
        response = await handle(conn, exc)
    else:
        response = await run_in_threadpool(handle, conn, exc)
    if response is not None and not started:
        denies = scope["type"] == "websocket" and isinstance(response, Response)
        respond = partial(refuse, response) if denies else response
        await respond(scope, receive, send)
    # The traceback's frames hold the exception: break that circle, or the collector has to.
    exc.__traceback__ = None


def _find(tables: HandlerTables, exc: Exception) -> ExceptionHandler | None:
    by_class, by_status = tables
    handler = by_status.get(exc.status_code) if isinstance(exc, HTTPException) else None
    return _lookup_exception_handler(by_class, exc) if handler is None else handler


def _lookup_exception_handler(
    exc_handlers: ExceptionHandlers, exc: Exception
) -> ExceptionHandler | None:
    """Return the handler of the nearest class in the exception's MRO, or None."""
    for cls in type(exc).__mro__:
        if cls in exc_handlers:
            return exc_handlers[cls]
    return None
