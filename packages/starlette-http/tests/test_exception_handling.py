"""Answering exceptions with registered handlers."""

import threading
from typing import Any

import pytest

from starlette_http.exception_handling import (
    StartWatch,
    _lookup_exception_handler,
    handle_exception,
    wrap_app_handling_exceptions,
)
from starlette_http.exceptions import HTTPException
from starlette_http.requests import ClientDisconnect, HTTPConnection, Request
from starlette_http.response import PlainTextResponse, Response
from starlette_http.types import ASGIApp, Receive, Scope, Send

START = {"type": "http.response.start", "status": 200, "headers": []}


class AppError(Exception):
    pass


class Conflict(AppError):
    pass


async def answer(request: Request, exc: Exception) -> Response:
    return PlainTextResponse(f"{type(exc).__name__}: {exc}", status_code=400)


def http(*tables: Any) -> Scope:
    scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    if tables:
        scope["starlette.exception_handlers"] = tables
    return scope


def raising(exc: BaseException, *first: Any) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in first:
            await send(message)
        raise exc

    return app


async def run(app: ASGIApp, scope: Scope, connection: Any) -> None:
    request = Request(scope, connection.receive, connection.send)
    await wrap_app_handling_exceptions(app, request)(scope, connection.receive, connection.send)


async def test_application_that_raises_nothing_is_left_alone(channel: Any) -> None:
    connection = channel()
    await run(PlainTextResponse("fine"), http(), connection)
    assert connection.body == b"fine"


async def test_handler_of_the_class_answers(channel: Any) -> None:
    connection = channel()
    await run(raising(AppError("no")), http({AppError: answer}, {}), connection)
    assert (connection.sent[0]["status"], connection.body) == (400, b"AppError: no")


async def test_handler_of_the_nearest_base_class_answers(channel: Any) -> None:
    connection = channel()

    async def never(request: Request, exc: Exception) -> Response:
        raise NotImplementedError

    handlers = {Exception: never, AppError: answer}
    await run(raising(Conflict("no")), http(handlers, {}), connection)
    assert connection.body == b"Conflict: no"


async def test_handler_of_the_status_code_comes_before_that_of_the_class(channel: Any) -> None:
    async def by_status(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("by status")

    connection = channel()
    scope = http({HTTPException: answer}, {404: by_status})
    await run(raising(HTTPException(404)), scope, connection)
    await run(raising(HTTPException(400)), scope, connection)
    assert connection.body == b"by statusHTTPException: 400: Bad Request"


async def test_handler_that_is_not_async_runs_in_a_worker_thread(channel: Any) -> None:
    threads: list[threading.Thread] = []

    def plain(request: Request, exc: Exception) -> Response:
        threads.append(threading.current_thread())
        return PlainTextResponse("plain")

    connection = channel()
    await run(raising(AppError()), http({AppError: plain}, {}), connection)
    assert connection.body == b"plain"
    assert threads != [threading.current_thread()]


async def test_handler_gets_the_connection_and_the_exception(channel: Any) -> None:
    given: list[Any] = []

    async def handler(*arguments: Any) -> None:
        given.extend(arguments)

    exc, scope, connection = AppError(), http({}, {}), channel()
    scope["starlette.exception_handlers"][0][AppError] = handler
    request = Request(scope)
    app = wrap_app_handling_exceptions(raising(exc), request)
    await app(scope, connection.receive, connection.send)
    assert given == [request, exc]
    assert connection.sent == []


@pytest.mark.parametrize("tables", [(), ({}, {}), ({Conflict: answer}, {404: answer})])
async def test_exception_without_a_handler_is_raised_as_it_is(channel: Any, tables: Any) -> None:
    exc = AppError("mine")
    with pytest.raises(AppError) as raised:
        await run(raising(exc), http(*tables), channel())
    assert raised.value is exc
    assert exc.__cause__ is None


async def test_base_exceptions_are_not_handled(channel: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        await run(raising(KeyboardInterrupt()), http({BaseException: answer}, {}), channel())


async def test_handled_exception_after_the_start_is_a_runtime_error(channel: Any) -> None:
    exc = AppError()
    with pytest.raises(
        RuntimeError, match="^Caught handled exception, but response already started.$"
    ) as raised:
        await run(raising(exc, START), http({AppError: answer}, {}), channel())
    assert raised.value.__cause__ is exc


async def test_exception_without_a_handler_after_the_start_is_raised_as_it_is(
    channel: Any,
) -> None:
    with pytest.raises(AppError):
        await run(raising(AppError(), START), http(), channel())


async def test_messages_of_websockets_are_no_start(channel: Any) -> None:
    connection = channel()
    app = raising(AppError("x"), {"type": "websocket.http.response.start"})
    await run(app, http({AppError: answer}, {}), connection)
    assert connection.body == b"AppError: x"


@pytest.mark.parametrize("extensions", [{}, {"websocket.http.response": {}}], ids=["", "denial"])
async def test_application_that_a_handler_returns_is_called_also_for_a_websocket(
    channel: Any, extensions: Any
) -> None:
    close = {"type": "websocket.close", "code": 4000}

    async def closing(scope: Scope, receive: Receive, send: Send) -> None:
        await send(close)

    connection = channel()
    scope = {"type": "websocket", "extensions": extensions}
    channels = connection.receive, connection.send
    tables: Any = {AppError: lambda connection, exc: closing}, {}
    await handle_exception(AppError(), tables, HTTPConnection(scope), scope, *channels, False)
    assert connection.sent == [close]


async def test_response_that_a_handler_returns_refuses_a_websocket(channel: Any) -> None:
    connection, scope = channel(), {"type": "websocket"}
    channels = connection.receive, connection.send
    tables: Any = {AppError: answer}, {}
    await handle_exception(AppError(), tables, HTTPConnection(scope), scope, *channels, False)
    assert connection.sent == [{"type": "websocket.close", "code": 1008, "reason": ""}]


async def test_handler_is_told_that_the_client_left_after_the_start(channel: Any) -> None:
    told: list[Exception] = []

    async def handler(request: Request, exc: Exception) -> Response:
        told.append(exc)
        return PlainTextResponse("nobody reads this")

    exc, connection = ClientDisconnect(), channel()
    await run(raising(exc, START), http({ClientDisconnect: handler}, {}), connection)
    assert told == [exc]
    assert connection.sent == [START]


async def test_errors_of_the_handler_propagate(channel: Any) -> None:
    async def broken(request: Request, exc: Exception) -> Response:
        raise LookupError("broken handler")

    with pytest.raises(LookupError, match="broken handler"):
        await run(raising(AppError()), http({AppError: broken}, {}), channel())


async def test_handled_exception_keeps_no_frames_alive(channel: Any) -> None:
    exc = AppError()
    await run(raising(exc), http({AppError: answer}, {}), channel())
    assert exc.__traceback__ is None


async def test_handlers_are_those_of_the_moment_of_wrapping(channel: Any) -> None:
    connection, scope = channel(), http({AppError: answer}, {})
    app = wrap_app_handling_exceptions(raising(AppError("x")), Request(scope))
    scope["starlette.exception_handlers"] = ({}, {})
    await app(scope, connection.receive, connection.send)
    assert connection.body == b"AppError: x"


async def test_handle_exception_answers_by_the_tables(channel: Any) -> None:
    connection, scope = channel(), http()
    request = Request(scope)
    channels = connection.receive, connection.send
    await handle_exception(
        AppError("x"), ({AppError: answer}, {}), request, scope, *channels, False
    )
    assert connection.body == b"AppError: x"


@pytest.mark.parametrize("tables", [None, ({}, {}), ({Conflict: answer}, {})])
async def test_handle_exception_raises_what_has_no_handler(channel: Any, tables: Any) -> None:
    exc, connection, scope = AppError(), channel(), http()
    channels = connection.receive, connection.send
    with pytest.raises(AppError) as raised:
        await handle_exception(exc, tables, Request(scope), scope, *channels, False)
    assert raised.value is exc


async def test_start_watch_notes_the_start_and_passes_everything_on(channel: Any) -> None:
    connection = channel()
    watch = StartWatch(connection.send)
    await watch({"type": "http.response.early_hint", "links": []})
    assert not watch.started
    await watch(START)
    assert watch.started
    assert [message["type"] for message in connection.sent] == [
        "http.response.early_hint",
        "http.response.start",
    ]


def test_start_watch_shows_itself_without_an_address(channel: Any) -> None:
    assert repr(StartWatch(channel().send)) == "StartWatch"


def test_lookup_gives_none_where_there_is_no_handler() -> None:
    assert _lookup_exception_handler({AppError: answer}, Conflict()) is answer
    assert _lookup_exception_handler({Conflict: answer}, AppError()) is None
