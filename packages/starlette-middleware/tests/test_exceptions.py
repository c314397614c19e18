"""`ExceptionMiddleware`: exceptions with a handler become responses, others go on."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from starlette_http.exceptions import HTTPException, WebSocketException
from starlette_http.requests import ClientDisconnect, Request
from starlette_http.response import PlainTextResponse, Response
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send
from starlette_middleware import ExceptionMiddleware
from starlette_websockets.websockets import WebSocket, WebSocketDisconnect

HTTP: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": []}
WEBSOCKET: dict[str, Any] = {"type": "websocket", "path": "/", "headers": []}
START: Message = {"type": "http.response.start", "status": 200, "headers": []}


def raising(exc: Exception, *before: Message) -> ASGIApp:
    """An application that sends `before` and then raises `exc`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in before:
            await send(message)
        raise exc

    return app


async def test_an_http_exception_is_answered_with_its_status_and_detail(channel: Any) -> None:
    connection = channel()
    app = ExceptionMiddleware(raising(HTTPException(404, "No such page")))
    await app(dict(HTTP), connection.receive, connection.send)
    assert connection.sent[0]["status"] == 404
    assert connection.body == b"No such page"
    assert (b"content-type", b"text/plain; charset=utf-8") in connection.sent[0]["headers"]


async def test_the_headers_of_an_http_exception_are_sent(channel: Any) -> None:
    connection = channel()
    app = ExceptionMiddleware(raising(HTTPException(401, headers={"WWW-Authenticate": "Basic"})))
    await app(dict(HTTP), connection.receive, connection.send)
    assert (b"www-authenticate", b"Basic") in connection.sent[0]["headers"]


@pytest.mark.parametrize("status", [204, 304])
async def test_a_status_without_content_is_answered_without_a_body(
    channel: Any, status: int
) -> None:
    connection = channel()
    app = ExceptionMiddleware(raising(HTTPException(status, headers={"x-why": "y"})))
    await app(dict(HTTP), connection.receive, connection.send)
    assert connection.sent[0] == {
        "type": "http.response.start",
        "status": status,
        "headers": [(b"x-why", b"y")],
    }
    assert connection.body == b""


async def test_an_exception_without_a_handler_goes_on(channel: Any) -> None:
    connection = channel()
    error = ValueError("not mine")
    with pytest.raises(ValueError, match="not mine") as raised:
        await ExceptionMiddleware(raising(error))(dict(HTTP), connection.receive, connection.send)
    assert raised.value is error
    assert connection.sent == []


async def on_error(request: Request, exc: Exception) -> Response:
    return PlainTextResponse(f"{type(exc).__name__} at {request.url.path}", status_code=418)


async def test_a_handler_answers_its_class_and_the_subclasses(channel: Any) -> None:
    connection = channel()
    app = ExceptionMiddleware(raising(KeyError("k")), handlers={LookupError: on_error})
    await app(dict(HTTP), connection.receive, connection.send)
    assert connection.body == b"KeyError at /"


async def test_the_nearest_class_wins(channel: Any) -> None:
    def nearer(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("nearer")

    connection = channel()
    handlers: dict[Any, Any] = {LookupError: on_error, KeyError: nearer}
    app = ExceptionMiddleware(raising(KeyError("k")), handlers=handlers)
    await app(dict(HTTP), connection.receive, connection.send)
    assert connection.body == b"nearer"


async def test_a_status_handler_comes_before_the_class(channel: Any) -> None:
    connection = channel()
    app = ExceptionMiddleware(raising(HTTPException(404)), handlers={404: on_error})
    await app(dict(HTTP), connection.receive, connection.send)
    assert connection.sent[0]["status"] == 418


async def test_a_handler_that_is_not_async_runs_in_a_thread(channel: Any) -> None:
    threads = []

    def handler(request: Request, exc: Exception) -> Response:
        threads.append(threading.current_thread())
        return Response()

    connection = channel()
    app = ExceptionMiddleware(raising(ValueError()), handlers={ValueError: handler})
    await app(dict(HTTP), connection.receive, connection.send)
    assert threads != [threading.current_thread()]


async def test_a_handler_may_answer_nothing(channel: Any) -> None:
    async def handler(request: Request, exc: Exception) -> None: ...

    connection = channel()
    app = ExceptionMiddleware(raising(ValueError()), handlers={ValueError: handler})
    await app(dict(HTTP), connection.receive, connection.send)
    assert connection.sent == []


async def test_a_handled_exception_after_the_start_is_an_error(channel: Any) -> None:
    connection = channel()
    error = HTTPException(404)
    app = ExceptionMiddleware(raising(error, START))
    with pytest.raises(RuntimeError, match="Caught handled exception") as raised:
        await app(dict(HTTP), connection.receive, connection.send)
    assert raised.value.__cause__ is error
    assert connection.sent == [START]


def disconnects() -> list[Any]:
    return [ClientDisconnect(), WebSocketDisconnect(1001)]


@pytest.mark.parametrize("before", [(), (START,)], ids=["before the start", "after the start"])
@pytest.mark.parametrize("index", [0, 1], ids=["ClientDisconnect", "WebSocketDisconnect"])
async def test_a_peer_that_leaves_is_no_error(
    channel: Any, index: int, before: tuple[Message, ...]
) -> None:
    connection = channel()
    if index and before:
        before = ({"type": "websocket.accept"},)
    scope = dict(WEBSOCKET if index else HTTP)
    app = ExceptionMiddleware(raising(disconnects()[index], *before))
    await app(scope, connection.receive, connection.send)
    assert connection.sent == list(before)


async def test_a_test_client_is_told_that_the_peer_has_left(channel: Any) -> None:
    connection = channel()
    app = ExceptionMiddleware(raising(ClientDisconnect()))
    scope = HTTP | {"starlette.raise_disconnects": True}
    with pytest.raises(ClientDisconnect):
        await app(scope, connection.receive, connection.send)


async def test_a_handler_for_a_peer_that_leaves_is_told(channel: Any) -> None:
    told = []

    async def handler(request: Request, exc: Exception) -> None:
        told.append(exc)

    connection = channel()
    error = ClientDisconnect()
    app = ExceptionMiddleware(raising(error, START), handlers={ClientDisconnect: handler})
    await app(dict(HTTP), connection.receive, connection.send)
    assert told == [error]


async def test_a_websocket_exception_closes(channel: Any) -> None:
    connection = channel()
    app = ExceptionMiddleware(raising(WebSocketException(1008, "why")))
    await app(dict(WEBSOCKET), connection.receive, connection.send)
    assert connection.sent == [{"type": "websocket.close", "code": 1008, "reason": "why"}]


async def test_an_application_inside_with_handlers_of_its_own_changes_nothing(channel: Any) -> None:
    inner = ExceptionMiddleware(raising(ValueError("v")))
    app = ExceptionMiddleware(
        inner, handlers={ValueError: lambda request, exc: PlainTextResponse("outer")}
    )
    connection = channel()
    await app({"type": "http", "headers": []}, connection.receive, connection.send)
    assert connection.body == b"outer"


async def test_an_http_exception_on_a_websocket_denies_it(channel: Any) -> None:
    connection = channel()
    app = ExceptionMiddleware(raising(HTTPException(403)))
    scope = {**WEBSOCKET, "extensions": {"websocket.http.response": {}}}
    await app(scope, connection.receive, connection.send)
    assert [message["type"] for message in connection.sent] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]
    assert connection.sent[0]["status"] == 403


async def test_an_http_exception_closes_a_websocket_that_is_accepted(channel: Any) -> None:
    connection = channel()
    accept = {"type": "websocket.accept"}
    app = ExceptionMiddleware(raising(HTTPException(403), accept))
    scope = {**WEBSOCKET, "extensions": {"websocket.http.response": {}}}
    await app(scope, connection.receive, connection.send)
    assert connection.sent == [accept, {"type": "websocket.close", "code": 1008, "reason": ""}]


async def test_an_http_exception_closes_a_websocket_that_cannot_be_denied(channel: Any) -> None:
    connection = channel()
    app = ExceptionMiddleware(raising(HTTPException(403)))
    await app(dict(WEBSOCKET), connection.receive, connection.send)
    assert connection.sent == [{"type": "websocket.close", "code": 1008, "reason": ""}]


async def test_a_websocket_handler_is_given_the_websocket(channel: Any) -> None:
    async def handler(websocket: WebSocket, exc: Exception) -> None:
        await websocket.close(code=4000, reason=str(exc))

    connection = channel()
    app = ExceptionMiddleware(raising(ValueError("bad")), handlers={ValueError: handler})
    await app(dict(WEBSOCKET), connection.receive, connection.send)
    assert connection.sent == [{"type": "websocket.close", "code": 4000, "reason": "bad"}]


async def test_other_scopes_pass_with_the_same_objects() -> None:
    seen: list[Any] = []

    async def app(*arguments: Any) -> None:
        seen.extend(arguments)

    scope: Scope = {"type": "lifespan"}
    receive, send = object(), object()
    await ExceptionMiddleware(app)(scope, receive, send)  # type: ignore[arg-type]
    assert seen == [scope, receive, send]
    assert scope == {"type": "lifespan"}


async def test_routes_find_the_handlers_in_the_scope(channel: Any) -> None:
    scope = dict(HTTP)

    async def app(scope: Scope, receive: Receive, send: Send) -> None: ...

    middleware = ExceptionMiddleware(app, handlers={404: on_error, KeyError: on_error})
    connection = channel()
    await middleware(scope, connection.receive, connection.send)
    by_class, by_status = scope["starlette.exception_handlers"]
    assert by_class[KeyError] is on_error
    assert by_status == {404: on_error}
    middleware.add_exception_handler(ValueError, on_error)
    assert by_class[ValueError] is on_error


@pytest.mark.parametrize("key", ["404", int, BaseException, None])
def test_a_key_that_is_neither_status_nor_exception_class_is_refused(key: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None: ...

    with pytest.raises(AssertionError, match="status code or a subclass of Exception"):
        ExceptionMiddleware(app, handlers={key: on_error})


async def test_the_built_in_answer_can_be_overridden(channel: Any) -> None:
    class Terse(ExceptionMiddleware):
        async def http_exception(self, request: Request, exc: Any) -> Response:
            return PlainTextResponse("terse", status_code=exc.status_code)

    connection = channel()
    await Terse(raising(HTTPException(404)))(dict(HTTP), connection.receive, connection.send)
    assert connection.body == b"terse"


def handlers_replaced_in_place(wrap: Callable[[Any], Any]) -> type[ExceptionMiddleware]:
    class Wrapped(ExceptionMiddleware):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            for key, handler in self._exception_handlers.items():
                self._exception_handlers[key] = wrap(handler)

    return Wrapped


async def test_instrumentation_may_wrap_every_handler(channel: Any) -> None:
    wrapped = []

    def wrap(handler: Any) -> Any:
        async def wrapper(conn: Any, exc: Exception) -> Any:
            wrapped.append(exc)
            return await handler(conn, exc)

        return wrapper

    connection = channel()
    error = HTTPException(404)
    app = handlers_replaced_in_place(wrap)(raising(error))
    await app(dict(HTTP), connection.receive, connection.send)
    assert wrapped == [error]
    assert connection.sent[0]["status"] == 404
