"""`BaseHTTPMiddleware`: the response on its way through `dispatch`."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from dispatching import (
    CallNext,
    Dispatch,
    Style,
    at_once,
    chunk,
    hello,
    http,
    plainly,
    sending,
    start,
    with_a_header,
    with_another_iterator,
)

from starlette_http.requests import Request
from starlette_http.response import PlainTextResponse, Response
from starlette_http.types import Message, Receive, Scope, Send
from starlette_middleware import BaseHTTPMiddleware

# The response.


async def test_a_response_passes(channel: Any, layer: Any, app_style: Style) -> None:
    app = app_style(sending(start((b"x-app", b"1")), chunk(b"hello")))
    connection = channel()
    with anyio.fail_after(5):
        await layer(app)(http(), connection.receive, connection.send)
    assert connection.sent[0]["status"] == 200
    assert (b"x-app", b"1") in connection.sent[0]["headers"]
    assert connection.body == b"hello"
    assert not connection.sent[-1].get("more_body", False)


async def test_a_stream_passes(channel: Any, layer: Any, app_style: Style) -> None:
    app = app_style(sending(start(), chunk(b"a", True), chunk(b"b", True), chunk(b"c")))
    connection = channel()
    with anyio.fail_after(5):
        await layer(app)(http(), connection.receive, connection.send)
    assert connection.body == b"abc"


async def test_a_response_passes_through_many_layers(
    channel: Any, app_style: Style, dispatches: dict[str, Dispatch]
) -> None:
    app = app_style(sending(start((b"x-app", b"1")), chunk(b"a", True), chunk(b"b")))
    for dispatch in dispatches.values():
        app = BaseHTTPMiddleware(app, dispatch)
    connection = channel()
    with anyio.fail_after(5):
        await app(http(), connection.receive, connection.send)
    assert connection.body == b"ab"
    assert (b"x-app", b"1") in connection.sent[0]["headers"]


async def test_what_nobody_changes_is_sent_as_the_application_sent_it(channel: Any) -> None:
    connection = channel()
    await BaseHTTPMiddleware(hello, at_once)(http(), connection.receive, connection.send)
    assert connection.sent == [
        start((b"content-length", b"5")),
        {"type": "http.response.body", "body": b"hello"},
    ]


async def test_a_chunk_is_sent_before_the_next_is_asked_for(channel: Any, app_style: Style) -> None:
    log = []

    async def sends(send: Send) -> None:
        await send(start())
        for body in (b"a", b"b"):
            log.append(f"make {body!r}")
            await send(chunk(body, True))
        await send(chunk(b""))

    async def send(message: Message) -> None:
        if message.get("body"):
            log.append(f"send {message['body']!r}")

    app = BaseHTTPMiddleware(app_style(sends), with_another_iterator)
    with anyio.fail_after(5):
        await app(http(), channel().receive, send)
    assert log == ["make b'a'", "send b'a'", "make b'b'", "send b'b'"]


@pytest.mark.parametrize(
    "name",
    ["at_once", "after_a_wait", "within_a_timeout", "in_a_child_task", "in_another_response"],
)
async def test_the_start_is_sent_before_the_body_exists(
    dispatches: dict[str, Dispatch], name: str, app_style: Style
) -> None:
    started = anyio.Event()

    async def sends(send: Send) -> None:
        async with anyio.create_task_group() as group:
            await send(start())
            group.start_soon(started.wait)
        await send(chunk(b"late"))

    async def receive() -> Message:
        await anyio.sleep_forever()
        raise AssertionError

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.set()

    with anyio.fail_after(5):
        middleware = BaseHTTPMiddleware(app_style(sends), dispatches[name])
        await middleware(http(), receive, send)


async def test_status_and_headers_can_be_changed(channel: Any, app_style: Style) -> None:
    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response = await call_next(request)
        response.status_code = 201
        response.headers["x-dispatch"] = "seen"
        del response.headers["x-app"]
        return response

    app = app_style(sending(start((b"x-app", b"1")), chunk(b"hello")))
    connection = channel()
    await BaseHTTPMiddleware(app, dispatch)(http(), connection.receive, connection.send)
    assert connection.sent[0] == start((b"x-dispatch", b"seen"), status=201)
    assert connection.body == b"hello"


async def test_the_message_of_the_application_is_not_changed(channel: Any) -> None:
    constant = start((b"x-app", b"1"))
    app = plainly(sending(constant, chunk(b"")))
    connection = channel()
    middleware = BaseHTTPMiddleware(app, with_a_header)
    await middleware(http(), connection.receive, connection.send)
    assert constant == start((b"x-app", b"1"))
    assert connection.sent[0] == start((b"x-app", b"1"), (b"x-dispatch", b"seen"))


@pytest.mark.parametrize("headers", [None, (), ((b"X-App", b"1"),), iter([(b"X-App", b"1")])])
async def test_headers_may_be_any_iterable_or_missing(channel: Any, headers: Any) -> None:
    message: dict[str, Any] = {"type": "http.response.start", "status": 200}
    if headers is not None:
        message["headers"] = headers
    connection = channel()
    middleware = BaseHTTPMiddleware(plainly(sending(message, chunk(b""))), with_a_header)
    await middleware(http(), connection.receive, connection.send)
    assert (b"x-dispatch", b"seen") in connection.sent[0]["headers"]


async def test_a_body_message_may_leave_out_everything(channel: Any, layer: Any) -> None:
    app = plainly(sending(start(), {"type": "http.response.body"}))
    connection = channel()
    await layer(app)(http(), connection.receive, connection.send)
    assert connection.body == b""
    assert not connection.sent[-1].get("more_body", False)


@pytest.mark.parametrize("body", [bytearray(b"hello"), memoryview(b"hello")], ids=["array", "view"])
async def test_a_body_of_another_type_is_read_as_bytes(channel: Any, body: Any) -> None:
    read = []

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response: Any = await call_next(request)
        read.extend([part async for part in response.body_iterator])
        return response  # type: ignore[no-any-return]

    connection = channel()
    middleware = BaseHTTPMiddleware(plainly(sending(start(), chunk(body))), dispatch)
    await middleware(http(), connection.receive, connection.send)
    assert read == [b"hello"]
    assert type(read[0]) is bytes


async def test_dispatch_sees_a_response(channel: Any) -> None:
    seen: dict[str, Any] = {}

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response: Any = await call_next(request)
        seen.update(vars(response))
        seen["a Response"] = isinstance(response, Response)
        seen["has a body"] = hasattr(response, "body")
        seen["media_type"] = response.media_type
        return response  # type: ignore[no-any-return]

    info = {"type": "http.response.debug", "info": {"template": "index.html"}}
    app = plainly(sending(info, start((b"x-app", b"1"), status=202), chunk(b"")))
    connection = channel()
    await BaseHTTPMiddleware(app, dispatch)(http(), connection.receive, connection.send)
    assert seen["a Response"]
    assert not seen["has a body"]
    assert seen["status_code"] == 202
    assert seen["raw_headers"] == [(b"x-app", b"1")]
    assert (seen["background"], seen["media_type"]) == (None, None)
    assert seen["info"] == {"template": "index.html"}
    assert [message["type"] for message in connection.sent] == [
        "http.response.debug",
        "http.response.start",
        "http.response.body",
    ]


async def test_the_body_can_be_read_chunk_by_chunk(channel: Any, app_style: Style) -> None:
    read = []

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response: Any = await call_next(request)
        async for part in response.body_iterator:
            read.append(part)
        return PlainTextResponse("read")

    parts = [chunk(b"a", True), chunk(b"", True), chunk(b"b", True), chunk(b"")]
    connection = channel()
    middleware = BaseHTTPMiddleware(app_style(sending(start(), *parts)), dispatch)
    with anyio.fail_after(5):
        await middleware(http(), connection.receive, connection.send)
    assert read == [b"a", b"b"]
    assert connection.body == b"read"


async def test_the_rest_of_a_body_is_sent(channel: Any, app_style: Style) -> None:
    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response: Any = await call_next(request)
        assert await anext(response.body_iterator) == b"a"
        return response  # type: ignore[no-any-return]

    connection = channel()
    app = app_style(sending(start(), chunk(b"a", True), chunk(b"b", True), chunk(b"c")))
    with anyio.fail_after(5):
        await BaseHTTPMiddleware(app, dispatch)(http(), connection.receive, connection.send)
    assert connection.sent == [start(), chunk(b"b", True), chunk(b"c", True), chunk(b"")]


async def test_the_body_may_be_replaced_by_text(channel: Any) -> None:
    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response: Any = await call_next(request)

        async def text() -> AsyncIterator[str]:
            yield "grün"
            yield ""

        response.body_iterator = text()
        return response  # type: ignore[no-any-return]

    connection = channel()
    await BaseHTTPMiddleware(hello, dispatch)(http(), connection.receive, connection.send)
    assert connection.body == "grün".encode()
    assert not connection.sent[-1]["more_body"]


async def test_a_replaced_iterator_is_closed_when_the_client_is_gone() -> None:
    closed = []

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response: Any = await call_next(request)

        async def endless() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"x"
            finally:
                closed.append(True)

        response.body_iterator = endless()
        return response  # type: ignore[no-any-return]

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            raise OSError("gone")

    async def receive() -> Message:
        raise AssertionError

    with pytest.raises(OSError, match="gone"):
        await BaseHTTPMiddleware(hello, dispatch)(http(), receive, send)
    assert closed == [True]


async def test_a_response_called_by_hand_is_the_same(channel: Any) -> None:
    class Wrapper(Response):
        def __init__(self, response: Response) -> None:
            self.response = response

        async def __call__(self, scope: Any = None, receive: Any = None, send: Any = None) -> None:
            await self.response(receive, send)

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        return Wrapper(await call_next(request))

    connection = channel()
    await BaseHTTPMiddleware(hello, dispatch)(http(), connection.receive, connection.send)
    assert connection.body == b"hello"


async def test_an_early_answer_never_reaches_the_application(channel: Any) -> None:
    async def dispatch(request: Request, call_next: CallNext) -> Response:
        return PlainTextResponse("early", status_code=403)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError

    connection = channel()
    await BaseHTTPMiddleware(app, dispatch)(http(), connection.receive, connection.send)
    assert (connection.sent[0]["status"], connection.body) == (403, b"early")


async def test_an_application_whose_response_is_dropped_runs_to_its_end(
    channel: Any, app_style: Style
) -> None:
    ended = []

    async def sends(send: Send) -> None:
        for message in (start(), {"type": "x.unknown"}, chunk(b"a", True), chunk(b"b")):
            await send(message)
        ended.append(True)

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        await call_next(request)
        return PlainTextResponse("instead")

    connection = channel()
    with anyio.fail_after(5):
        middleware = BaseHTTPMiddleware(app_style(sends), dispatch)
        await middleware(http(), connection.receive, connection.send)
    assert ended == [True]
    assert connection.body == b"instead"


async def test_a_body_that_is_given_up_is_dropped(channel: Any, app_style: Style) -> None:
    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response: Any = await call_next(request)
        async with aclosing(response.body_iterator) as chunks:
            assert await anext(chunks) == b"a"
        assert [part async for part in response.body_iterator] == []
        return PlainTextResponse("instead")

    connection = channel()
    app = app_style(sending(start(), chunk(b"a", True), chunk(b"b", True), chunk(b"c")))
    with anyio.fail_after(5):
        await BaseHTTPMiddleware(app, dispatch)(http(), connection.receive, connection.send)
    assert connection.body == b"instead"


# What dispatch may do wrong.


async def test_dispatch_has_to_be_overridden(channel: Any) -> None:
    connection = channel()
    with pytest.raises(NotImplementedError):
        await BaseHTTPMiddleware(hello)(http(), connection.receive, connection.send)


async def test_a_subclass_overrides_dispatch(channel: Any) -> None:
    class Layer(BaseHTTPMiddleware):
        async def dispatch(self, request: Request, call_next: CallNext) -> Response:
            return await with_a_header(request, call_next)

    connection = channel()
    middleware = Layer(app=hello)
    assert middleware.app is hello
    await middleware(http(), connection.receive, connection.send)
    assert (b"x-dispatch", b"seen") in connection.sent[0]["headers"]


async def test_call_next_can_be_called_once(channel: Any) -> None:
    async def dispatch(request: Request, call_next: CallNext) -> Response:
        await call_next(request)
        return await call_next(request)

    connection = channel()
    with pytest.raises(AssertionError, match="once per request"):
        await BaseHTTPMiddleware(hello, dispatch)(http(), connection.receive, connection.send)


async def test_dispatch_must_return_a_response(channel: Any) -> None:
    async def dispatch(request: Request, call_next: CallNext) -> Any:
        await call_next(request)

    connection = channel()
    with pytest.raises(TypeError, match="dispatch must return a Response, not None"):
        await BaseHTTPMiddleware(hello, dispatch)(http(), connection.receive, connection.send)
    assert connection.sent == []
