"""`ServerErrorMiddleware`: what is unexpected becomes a 500, and goes on to the server."""

import threading
from typing import Any

import anyio
import pytest

from starlette_http.requests import ClientDisconnect, Request
from starlette_http.response import PlainTextResponse, Response
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send
from starlette_middleware import BaseHTTPMiddleware, CORSMiddleware, ServerErrorMiddleware

START: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": []}


def http(*headers: tuple[bytes, bytes]) -> Scope:
    return {"type": "http", "method": "GET", "path": "/", "headers": list(headers)}


def raising(error: BaseException, *before: Message) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in before:
            await send(message)
        raise error

    return app


async def on_error(request: Request, exc: Exception) -> Response:
    return PlainTextResponse(f"handled {exc}", status_code=500)


async def test_an_error_is_answered_and_raised(channel: Any) -> None:
    connection = channel()
    error = ValueError("secret detail")
    app = ServerErrorMiddleware(raising(error))
    with pytest.raises(ValueError, match="secret detail") as raised:
        await app(http(), connection.receive, connection.send)
    assert raised.value is error
    assert connection.sent[0]["status"] == 500
    assert connection.body == b"Internal Server Error"
    assert (b"content-type", b"text/plain; charset=utf-8") in connection.sent[0]["headers"]


async def test_an_error_after_the_start_is_only_raised(channel: Any) -> None:
    for debug in (False, True):
        connection = channel()
        app = ServerErrorMiddleware(raising(ValueError("late"), START), debug=debug)
        with pytest.raises(ValueError, match="late"):
            await app(http(), connection.receive, connection.send)
        assert connection.sent == [START]


@pytest.mark.parametrize("before", [(), (START,)], ids=["before the start", "after the start"])
async def test_a_client_that_leaves_is_no_error(channel: Any, before: tuple[Message, ...]) -> None:
    connection = channel()
    app = ServerErrorMiddleware(raising(ClientDisconnect(), *before), handler=on_error)
    await app(http(), connection.receive, connection.send)
    assert connection.sent == list(before)


async def test_a_test_client_is_told_that_the_client_has_left(channel: Any) -> None:
    connection = channel()
    scope = {**http(), "starlette.raise_disconnects": True}
    app = ServerErrorMiddleware(raising(ClientDisconnect()))
    with pytest.raises(ClientDisconnect):
        await app(scope, connection.receive, connection.send)
    assert connection.sent[0]["status"] == 500


async def test_a_response_passes(channel: Any) -> None:
    connection = channel()
    app = ServerErrorMiddleware(PlainTextResponse("fine"))
    await app(http(), connection.receive, connection.send)
    assert connection.body == b"fine"


async def test_the_handler_answers(channel: Any) -> None:
    connection = channel()
    app = ServerErrorMiddleware(raising(ValueError("it")), handler=on_error)
    with pytest.raises(ValueError, match="it"):
        await app(http(), connection.receive, connection.send)
    assert connection.body == b"handled it"


async def test_a_handler_that_is_not_async_runs_in_a_thread(channel: Any) -> None:
    threads = []

    def handler(request: Request, exc: Exception) -> Response:
        threads.append(threading.current_thread())
        return PlainTextResponse("handled", status_code=500)

    connection = channel()
    app = ServerErrorMiddleware(raising(ValueError("it")), handler=handler)
    with pytest.raises(ValueError, match="it"):
        await app(http(), connection.receive, connection.send)
    assert connection.body == b"handled"
    assert threads != [threading.current_thread()]


async def test_the_handler_is_called_after_the_start_too(channel: Any) -> None:
    told = []

    async def handler(request: Request, exc: Exception) -> Response:
        told.append(exc)
        return Response()

    connection = channel()
    error = ValueError("late")
    app = ServerErrorMiddleware(raising(error, START), handler=handler)
    with pytest.raises(ValueError, match="late"):
        await app(http(), connection.receive, connection.send)
    assert told == [error]
    assert connection.sent == [START]


async def test_an_error_of_the_handler_replaces_the_first(channel: Any) -> None:
    async def handler(request: Request, exc: Exception) -> Response:
        raise KeyError("handler")

    connection = channel()
    app = ServerErrorMiddleware(raising(ValueError("it")), handler=handler)
    with pytest.raises(KeyError, match="handler"):
        await app(http(), connection.receive, connection.send)


async def test_the_request_of_the_handler_has_no_receive(channel: Any) -> None:
    async def handler(request: Request, exc: Exception) -> Response:
        with pytest.raises(RuntimeError, match="Receive channel has not been made available"):
            await request.body()
        return Response()

    connection = channel()
    app = ServerErrorMiddleware(raising(ValueError("it")), handler=handler)
    with pytest.raises(ValueError, match="it"):
        await app(http(), connection.receive, connection.send)


async def test_a_cancellation_is_no_error(channel: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        cancel_scope.cancel()
        await anyio.sleep_forever()

    connection = channel()
    with anyio.CancelScope() as cancel_scope:
        await ServerErrorMiddleware(app)(http(), connection.receive, connection.send)
    assert cancel_scope.cancelled_caught
    assert connection.sent == []


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
async def test_errors_of_other_scopes_are_only_raised(channel: Any, kind: str) -> None:
    connection = channel()
    app = ServerErrorMiddleware(raising(ValueError("it")), handler=on_error, debug=True)
    with pytest.raises(ValueError, match="it"):
        await app({"type": kind}, connection.receive, connection.send)
    assert connection.sent == []


async def test_other_scopes_pass_with_the_same_objects() -> None:
    seen: list[Any] = []

    async def app(*arguments: Any) -> None:
        seen.extend(arguments)

    scope: Scope = {"type": "lifespan"}
    receive, send = object(), object()
    await ServerErrorMiddleware(app)(scope, receive, send)  # type: ignore[arg-type]
    assert seen == [scope, receive, send]


async def test_the_responses_can_be_overridden(channel: Any) -> None:
    class Terse(ServerErrorMiddleware):
        def error_response(self, request: Request, exc: Exception) -> Response:
            return PlainTextResponse("oops", status_code=500)

    connection = channel()
    with pytest.raises(ValueError, match="it"):
        await Terse(raising(ValueError("it")))(http(), connection.receive, connection.send)
    assert connection.body == b"oops"


# The error layer inside of others.

ORIGIN = (b"origin", b"https://example.org")


async def test_an_error_layer_inside_gives_its_response_to_the_layers_outside(channel: Any) -> None:
    async def with_request_id(request: Request, call_next: Any) -> Response:
        response: Response = await call_next(request)
        response.headers["x-request-id"] = "17"
        return response

    app: ASGIApp = ServerErrorMiddleware(raising(ValueError("it")), handler=on_error)
    app = CORSMiddleware(app, allow_origins=["*"])
    app = BaseHTTPMiddleware(app, with_request_id)
    app = ServerErrorMiddleware(app, handler=on_error)
    connection = channel()
    with pytest.raises(ValueError, match="it"):
        await app(http(ORIGIN), connection.receive, connection.send)
    headers = dict(connection.sent[0]["headers"])
    assert connection.sent[0]["status"] == 500
    assert headers[b"access-control-allow-origin"] == b"*"
    assert headers[b"x-request-id"] == b"17"
    assert connection.body == b"handled it"


async def test_two_layers_call_their_common_handler_once(channel: Any) -> None:
    called = []

    async def handler(request: Request, exc: Exception) -> Response:
        called.append(exc)
        return Response(status_code=500)

    connection = channel()
    error = ValueError("it")
    app = ServerErrorMiddleware(
        ServerErrorMiddleware(raising(error), handler=handler), handler=handler
    )
    with pytest.raises(ValueError, match="it"):
        await app(http(), connection.receive, connection.send)
    assert called == [error]


async def test_the_layer_outside_answers_what_the_layers_between_raise(channel: Any) -> None:
    class Between:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await self.app(scope, receive, lambda message: anyio.lowlevel.checkpoint())
            except ValueError:
                raise KeyError("between") from None

    inner = ServerErrorMiddleware(raising(ValueError("it")), handler=on_error)
    app = ServerErrorMiddleware(Between(inner), handler=on_error)
    connection = channel()
    with pytest.raises(KeyError, match="between"):
        await app(http(), connection.receive, connection.send)
    assert connection.body == b"handled 'between'"
