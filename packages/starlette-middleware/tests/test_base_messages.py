"""`BaseHTTPMiddleware`: what the application sends besides start and body."""

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
    with_another_iterator,
)

from starlette_http.requests import Request
from starlette_http.response import Response
from starlette_http.types import Receive, Scope, Send
from starlette_middleware import BaseHTTPMiddleware


@pytest.mark.parametrize(
    "name", ["at_once", "after_a_wait", "within_a_timeout", "with_another_iterator"]
)
async def test_pathsend_ends_the_body(
    channel: Any, dispatches: dict[str, Dispatch], name: str, app_style: Style
) -> None:
    pathsend = {"type": "http.response.pathsend", "path": "/etc/hostname"}
    connection = channel()
    with anyio.fail_after(5):
        app = BaseHTTPMiddleware(app_style(sending(start(), pathsend)), dispatches[name])
        await app(http(), connection.receive, connection.send)
    assert connection.sent[1:] == [pathsend]


async def test_pathsend_is_an_item_of_the_body(channel: Any) -> None:
    items = []

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response: Any = await call_next(request)
        items.extend([item async for item in response.body_iterator])
        return Response()

    pathsend = {"type": "http.response.pathsend", "path": "/etc/hostname"}
    connection = channel()
    app = BaseHTTPMiddleware(plainly(sending(start(), pathsend)), dispatch)
    await app(http(), connection.receive, connection.send)
    assert items == [pathsend]


@pytest.mark.parametrize("name", ["at_once", "after_a_wait", "with_another_iterator"])
async def test_trailers_follow_the_body(
    channel: Any, dispatches: dict[str, Dispatch], name: str, app_style: Style
) -> None:
    messages = [
        start() | {"trailers": True},
        chunk(b"a", True),
        chunk(b"b"),
        {"type": "http.response.trailers", "headers": [(b"x-sum", b"1")], "more_trailers": True},
        {"type": "http.response.trailers", "headers": [(b"x-end", b"2")]},
    ]
    connection = channel()
    with anyio.fail_after(5):
        app = BaseHTTPMiddleware(app_style(sending(*messages)), dispatches[name])
        await app(http(), connection.receive, connection.send)
    assert connection.sent[0]["trailers"] is True
    assert connection.body == b"ab"
    assert connection.sent[-2:] == messages[-2:]


async def test_the_response_is_not_over_before_its_trailers(channel: Any) -> None:
    log: list[Any] = []
    trailers = {"type": "http.response.trailers", "headers": [], "more_trailers": True}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def listen() -> None:
            log.append(await receive())

        async with anyio.create_task_group() as group:
            group.start_soon(listen)
            await send(start() | {"trailers": True})
            for message in (chunk(b"a"), trailers, trailers | {"more_trailers": False}):
                await anyio.wait_all_tasks_blocked()
                log.append(message["type"])
                await send(message)

    connection = channel()
    with anyio.fail_after(5):
        middleware = BaseHTTPMiddleware(app, at_once)
        await middleware(http(), connection.receive, connection.send)
    assert log == [
        "http.response.body",
        "http.response.trailers",
        "http.response.trailers",
        {"type": "http.disconnect"},
    ]


async def test_trailers_follow_a_body_of_dispatch(channel: Any, app_style: Style) -> None:
    class Other:
        """An asynchronous iterator that cannot be closed."""

        def __init__(self) -> None:
            self.parts = [b"other"]

        def __aiter__(self) -> "Other":
            return self

        async def __anext__(self) -> bytes:
            if not self.parts:
                raise StopAsyncIteration
            return self.parts.pop()

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response: Any = await call_next(request)
        response.body_iterator = Other()
        return response  # type: ignore[no-any-return]

    trailers = {"type": "http.response.trailers", "headers": []}
    messages = [start() | {"trailers": True}, chunk(b"a", True), chunk(b"b"), trailers]
    connection = channel()
    with anyio.fail_after(5):
        app = BaseHTTPMiddleware(app_style(sending(*messages)), dispatch)
        await app(http(), connection.receive, connection.send)
    assert connection.body == b"other"
    assert connection.sent[-1] == trailers


async def test_trailers_that_never_come_are_not_waited_for(channel: Any) -> None:
    app = plainly(sending(start() | {"trailers": True}, chunk(b"a")))
    connection = channel()
    with anyio.fail_after(5):
        middleware = BaseHTTPMiddleware(app, with_another_iterator)
        await middleware(http(), connection.receive, connection.send)
    assert connection.body == b"a"


EARLY_HINT: dict[str, Any] = {"type": "http.response.early_hint", "links": [b"</a.css>"]}
PUSH: dict[str, Any] = {"type": "http.response.push", "path": "/a.css", "headers": []}


async def test_what_comes_before_the_start_is_sent_at_once(
    channel: Any, layer: Any, app_style: Style
) -> None:
    connection = channel()
    with anyio.fail_after(5):
        app = layer(app_style(sending(EARLY_HINT, PUSH, start(), chunk(b"a"))))
        await app(http(), connection.receive, connection.send)
    assert connection.sent[:2] == [EARLY_HINT, PUSH]
    assert connection.body == b"a"


async def test_unknown_messages_pass_in_order(channel: Any, app_style: Style) -> None:
    vendor: dict[str, Any] = {"type": "vendor.message", "value": 1}
    messages = [start(), vendor, chunk(b"a", True), PUSH, chunk(b"b")]
    connection = channel()
    with anyio.fail_after(5):
        app = BaseHTTPMiddleware(app_style(sending(*messages)), at_once)
        await app(http(), connection.receive, connection.send)
    assert connection.sent == messages


async def test_dispatch_can_send_early_hints(channel: Any) -> None:
    async def dispatch(request: Request, call_next: CallNext) -> Response:
        await request.send_early_hints("</a.css>")
        return await call_next(request)

    connection = channel()
    scope = http(extensions={"http.response.early_hint": {}})
    await BaseHTTPMiddleware(hello, dispatch)(scope, connection.receive, connection.send)
    assert connection.sent[0] == EARLY_HINT


async def test_a_body_without_a_start_is_an_error(channel: Any, layer: Any) -> None:
    connection = channel()
    with pytest.raises(RuntimeError, match="Expected 'http.response.start'"):
        await layer(plainly(sending(chunk(b"a"))))(http(), connection.receive, connection.send)


@pytest.mark.parametrize("kind", ["websocket", "lifespan", "vendor"])
async def test_other_scopes_pass_with_the_same_objects(kind: str) -> None:
    seen: list[Any] = []

    async def app(*arguments: Any) -> None:
        seen.extend(arguments)

    scope: Scope = {"type": kind}
    receive, send = object(), object()
    await BaseHTTPMiddleware(app, at_once)(scope, receive, send)  # type: ignore[arg-type]
    assert seen == [scope, receive, send]
