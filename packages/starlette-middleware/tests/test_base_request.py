"""`BaseHTTPMiddleware`: the request on both sides of `dispatch`, and background tasks."""

from contextlib import aclosing
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from dispatching import GONE, CallNext, Style, at_once, chunk, hello, http, sending, start

from starlette_http.background import BackgroundTask
from starlette_http.exceptions import HTTPException
from starlette_http.requests import ClientDisconnect, Request
from starlette_http.response import Response
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send
from starlette_middleware import BaseHTTPMiddleware

WHOLE: dict[str, Any] = {"type": "http.request", "body": b"whole", "more_body": False}
FIRST: dict[str, Any] = {"type": "http.request", "body": b"first", "more_body": True}
SECOND: dict[str, Any] = {"type": "http.request", "body": b"second", "more_body": False}
EMPTY: dict[str, Any] = {"type": "http.request", "body": b"", "more_body": False}


# The scope and the request.


async def test_the_application_gets_the_scope_object_of_the_server(
    channel: Any, layer: Any
) -> None:
    scopes = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        await hello(scope, receive, send)

    scope = http()
    connection = channel()
    await layer(app)(scope, connection.receive, connection.send)
    assert scopes[0] is scope


async def test_an_application_may_return_any_awaitable(channel: Any, layer: Any) -> None:
    class Later:
        def __init__(self, *arguments: Any) -> None:
            self.arguments = arguments

        def __await__(self) -> Any:
            return hello(*self.arguments).__await__()

    connection = channel()
    await layer(Later)(http(), connection.receive, connection.send)
    assert connection.body == b"hello"


async def whole_body(request: Request, call_next: CallNext) -> Response:
    await request.body()
    return await call_next(request)


async def whole_stream(request: Request, call_next: CallNext) -> Response:
    async for _ in request.stream():
        pass
    return await call_next(request)


async def form(request: Request, call_next: CallNext) -> Response:
    await request.form()
    return await call_next(request)


async def one_chunk(request: Request, call_next: CallNext) -> Response:
    async with aclosing(request.stream()) as stream:
        await anext(stream)
    return await call_next(request)


async def until_the_client_leaves(request: Request, call_next: CallNext) -> Response:
    with pytest.raises(ClientDisconnect):
        await request.body()
    return await call_next(request)


async def polling(request: Request, call_next: CallNext) -> Response:
    await request.is_disconnected()
    return await call_next(request)


async def body_and_polling(request: Request, call_next: CallNext) -> Response:
    await request.body()
    assert await request.is_disconnected()
    return await call_next(request)


REPLAYED = {
    "nothing": (at_once, [FIRST, SECOND, GONE], [FIRST, SECOND, GONE]),
    "body": (whole_body, [FIRST, SECOND, GONE], [WHOLE | {"body": b"firstsecond"}, GONE]),
    "body, client gone": (body_and_polling, [WHOLE, GONE], [WHOLE, GONE, GONE]),
    "stream": (whole_stream, [FIRST, SECOND, GONE], [EMPTY, GONE]),
    "form": (form, [WHOLE, GONE], [EMPTY, GONE]),
    "part": (one_chunk, [FIRST, SECOND, GONE], [SECOND, GONE]),
    "whole in one chunk": (one_chunk, [WHOLE, GONE], [EMPTY, GONE]),
    "disconnect": (
        until_the_client_leaves,
        [FIRST, GONE],
        [GONE, GONE],
    ),
    "disconnect at once": (until_the_client_leaves, [GONE], [GONE, GONE]),
    "a poll": (polling, [FIRST, SECOND, GONE], [FIRST, SECOND, GONE]),
    "a poll that saw the disconnect": (polling, [GONE], [GONE, GONE]),
}


@pytest.mark.parametrize("case", REPLAYED)
async def test_the_request_body_is_there_for_both(channel: Any, case: str) -> None:
    dispatch, incoming, expected = REPLAYED[case]
    received = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in expected:
            received.append(await receive())
        await hello(scope, receive, send)

    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    connection = channel(*incoming)
    with anyio.fail_after(5):
        middleware = BaseHTTPMiddleware(app, dispatch)
        await middleware(http(headers=headers), connection.receive, connection.send)
    assert received == expected


async def test_the_body_passes_many_layers(channel: Any) -> None:
    received = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        received.append(await Request(scope, receive).body())
        await hello(scope, receive, send)

    stack: ASGIApp = app
    for _ in range(3):
        stack = BaseHTTPMiddleware(stack, whole_body)
    connection = channel(FIRST, SECOND)
    await stack(http(), connection.receive, connection.send)
    assert received == [b"firstsecond"]


async def test_only_a_disconnect_may_follow_the_body(channel: Any, layer: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await receive()

    connection = channel(WHOLE, WHOLE)
    with pytest.raises(RuntimeError, match=r"Unexpected message received: http\.request"):
        await layer(app)(http(), connection.receive, connection.send)


async def test_a_body_that_the_application_streamed_is_consumed(channel: Any) -> None:
    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response = await call_next(request)
        with pytest.raises(RuntimeError, match="Stream consumed"):
            await request.body()
        return response

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert await Request(scope, receive).body() == b"firstsecond"
        await hello(scope, receive, send)

    connection = channel(FIRST, SECOND)
    await BaseHTTPMiddleware(app, dispatch)(http(), connection.receive, connection.send)
    assert connection.body == b"hello"


async def test_after_the_response_receive_gives_a_disconnect(
    channel: Any, layer: Any, app_style: Style
) -> None:
    received = []
    receivers: list[Receive] = []

    async def sends(send: Send) -> None:
        await send(start())
        await send(chunk(b"a"))
        received.append(await receivers[0]())

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        receivers.append(receive)
        await app_style(sends)(scope, receive, send)

    connection = channel()
    with anyio.fail_after(5):
        await layer(app)(http(), connection.receive, connection.send)
    assert received == [GONE]


async def test_a_pending_receive_gives_a_disconnect_after_the_response(
    channel: Any, layer: Any
) -> None:
    received = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def listen() -> None:
            received.append(await receive())
            received.append(await receive())

        async with anyio.create_task_group() as group:
            group.start_soon(listen)
            await anyio.lowlevel.checkpoint()
            await hello(scope, receive, send)

    connection = channel(WHOLE)
    with anyio.fail_after(5):
        await layer(app)(http(), connection.receive, connection.send)
    assert received == [WHOLE, GONE]


async def test_is_disconnected_works_in_the_application(channel: Any, layer: Any) -> None:
    answers: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        answers.append(await request.is_disconnected())
        answers.append(await request.body())
        answers.append(await request.is_disconnected())
        await hello(scope, receive, send)

    connection = channel(WHOLE, GONE)
    with anyio.fail_after(5):
        await layer(app)(http(), connection.receive, connection.send)
    assert answers == [False, b"whole", True]


async def test_what_receive_raises_arrives_as_it_is(layer: Any, app_style: Style) -> None:
    error = HTTPException(413)

    async def receive() -> Message:
        raise error

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()

    async def send(message: Message) -> None:
        raise AssertionError

    with pytest.raises(HTTPException) as raised:
        await layer(app)(http(), receive, send)
    assert raised.value is error


# Background tasks.


async def test_a_background_task_starts_after_the_response(
    channel: Any, layer: Any, app_style: Style
) -> None:
    log = []
    connection = channel()

    async def send(message: Message) -> None:
        await connection.send(message)
        await anyio.lowlevel.checkpoint()
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            log.append("response sent")

    async def sends(send: Send) -> None:
        await send(start())
        await send(chunk(b"a", True))
        await send(chunk(b"b"))
        log.append("background")

    with anyio.fail_after(5):
        await layer(app_style(sends))(http(), connection.receive, send)
    assert log == ["response sent", "background"]


async def test_a_background_task_set_by_dispatch_runs_after_the_response(
    channel: Any, app_style: Style
) -> None:
    log = []
    connection = channel()

    async def after() -> None:
        log.append(connection.body)

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response = await call_next(request)
        response.background = BackgroundTask(after)
        return response

    app = app_style(sending(start(), chunk(b"a", True), chunk(b"b")))
    with anyio.fail_after(5):
        await BaseHTTPMiddleware(app, dispatch)(http(), connection.receive, connection.send)
    assert log == [b"ab"]


async def test_the_call_returns_when_the_application_has_ended(
    channel: Any, layer: Any, app_style: Style
) -> None:
    log = []

    async def sends(send: Send) -> None:
        await send(start())
        await send(chunk(b"a"))
        for _ in range(5):
            await anyio.lowlevel.checkpoint()
        log.append("ended")

    connection = channel()
    with anyio.fail_after(5):
        await layer(app_style(sends))(http(), connection.receive, connection.send)
    assert log == ["ended"]
