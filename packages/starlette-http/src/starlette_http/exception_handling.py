"""Answering the exceptions that handlers are registered for.

`scope["starlette.exception_handlers"]` holds two tables: handlers by exception class, and handlers
by status code for `HTTPException`. Every place that answers exceptions (the exceptions middleware,
a route, an application's short path) watches the response start with a `StartWatch`, and gives
what was raised to `handle_exception`.

A handler is `handler(connection, exception)`; one that is not async runs in a worker thread. The
response that it returns, if any, is sent; a websocket gets it as `denial.refuse` has it.
"""

from collections.abc import Awaitable
from typing import Any

from .callables import is_async_callable
from .concurrency import run_in_threadpool
from .denial import refuse
from .exceptions import HTTPException
from .requests import ClientDisconnect, HTTPConnection
from .types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

__all__ = [
    "ExceptionHandlers",
    "StartWatch",
    "StatusHandlers",
    "handle_exception",
    "watch_start",
    "wrap_app_handling_exceptions",
]

ExceptionHandlers = dict[Any, ExceptionHandler]
StatusHandlers = dict[int, ExceptionHandler]

_Tables = tuple[ExceptionHandlers, StatusHandlers]
_NO_HANDLERS: _Tables = ({}, {})


class StartWatch:
    """A `send` that remembers in `started` whether an HTTP response was begun."""

    __slots__ = ("send", "started")

    def __init__(self, send: Send) -> None:
        self.send: Send = send
        self.started: bool = False

    # Not async: what `send` returns is awaited by the caller itself, without a frame in between.
    def __call__(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.started = True
        return self.send(message)

    def __repr__(self) -> str:
        # Without an address: Sentry names spans after what is called.
        return type(self).__name__


def watch_start(send: Send) -> StartWatch:
    """`send` itself where it is a watch already: layers with nothing in between share one."""
    return send if isinstance(send, StartWatch) else StartWatch(send)


def wrap_app_handling_exceptions(app: ASGIApp, conn: HTTPConnection[Any]) -> ASGIApp:
    """Return `app` with the exception handlers that `conn.scope` has at this moment around it."""
    return _Handled(app, conn)


class _Handled:
    """An application with handlers around it."""

    __slots__ = ("app", "conn", "tables")

    def __init__(self, app: ASGIApp, conn: HTTPConnection[Any]) -> None:
        self.app = app
        self.conn = conn
        self.tables = _tables(conn)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        watch = watch_start(send)
        try:
            await self.app(scope, receive, watch)
        except Exception as exc:
            handler = _find(self.tables, exc)
            if handler is None:
                raise
            await _answer(handler, exc, self.conn, scope, receive, send, watch.started)


async def handle_exception(
    exc: Exception, conn: HTTPConnection[Any], receive: Receive, send: Send, started: bool
) -> None:
    """Answer `exc` with the handler that `conn.scope` has for it, or raise it again.

    `started` says whether the response was begun (see `StartWatch`): then nothing can be answered
    any more, and an exception that has a handler becomes the cause of a `RuntimeError`; only that
    the client has left is still told to its handler. Errors of the handler propagate.
    """
    handler = _find(_tables(conn), exc)
    if handler is None:
        raise exc
    await _answer(handler, exc, conn, conn.scope, receive, send, started)


def _tables(conn: HTTPConnection[Any]) -> _Tables:
    tables: _Tables = conn.scope.get("starlette.exception_handlers", _NO_HANDLERS)
    return tables


def _find(tables: _Tables, exc: Exception) -> ExceptionHandler | None:
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


async def _answer(
    handler: ExceptionHandler,
    exc: Exception,
    conn: HTTPConnection[Any],
    scope: Scope,
    receive: Receive,
    send: Send,
    started: bool,
) -> None:
    if started and not isinstance(exc, ClientDisconnect):
        raise RuntimeError("Caught handled exception, but response already started.") from exc
    handle: Any = handler
    if is_async_callable(handler):
        response = await handle(conn, exc)
    else:
        response = await run_in_threadpool(handle, conn, exc)
    if response is not None and not started:
        await refuse(response, scope, receive, send)
    # The traceback's frames hold the exception: break that circle, or the collector has to.
    exc.__traceback__ = None
