"""`BaseHTTPMiddleware`: cancellation at every point, and nothing left behind."""

import asyncio
import contextlib
import gc
import itertools
import sys
import weakref
from collections.abc import AsyncIterator
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from dispatching import FIRST, LAST, START, CallNext, Dispatch, Hook, Style, at_once, http

from starlette_http.requests import ClientDisconnect, Request
from starlette_http.response import PlainTextResponse, Response
from starlette_http.streaming import StreamingResponse
from starlette_http.types import Message, Receive, Scope, Send
from starlette_middleware import BaseHTTPMiddleware

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")


POINTS = pytest.mark.parametrize(
    "count", [0, 1, 2, 3], ids=["before the start", "in the body", "later", "after the response"]
)


@POINTS
async def test_a_cancelled_request_cancels_the_application(
    channel: Any, layer: Any, app_style: Style, count: int
) -> None:
    hook = Hook(count)
    connection = channel()
    with anyio.fail_after(5):
        with anyio.CancelScope() as scope:
            hook.reached = scope.cancel
            await layer(app_style(hook))(http(), connection.receive, connection.send)
    assert scope.cancelled_caught
    assert hook.log == ["cancelled"]


@POINTS
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_task_that_is_cancelled_natively_cancels_the_application(
    channel: Any, layer: Any, app_style: Style, count: int
) -> None:
    hook = Hook(count)
    connection = channel()
    app = layer(app_style(hook))
    task = asyncio.create_task(app(http(), connection.receive, connection.send))
    hook.reached = lambda: asyncio.get_running_loop().call_soon(task.cancel)
    await asyncio.wait({task}, timeout=5)
    assert task.cancelled()
    assert hook.log == ["cancelled"]


@POINTS
async def test_a_cancelled_request_cancels_through_many_layers(
    channel: Any, dispatches: dict[str, Dispatch], app_style: Style, count: int
) -> None:
    hook = Hook(count)
    app = app_style(hook)
    for dispatch in dispatches.values():
        app = BaseHTTPMiddleware(app, dispatch)
    connection = channel()
    with anyio.fail_after(5):
        with anyio.CancelScope() as scope:
            hook.reached = scope.cancel
            await app(http(), connection.receive, connection.send)
    assert scope.cancelled_caught
    assert hook.log == ["cancelled"]


@pytest.mark.parametrize("kind", ["http.response.start", "http.response.body"])
async def test_a_request_cancelled_in_the_server_cancels_the_application(
    channel: Any, layer: Any, app_style: Style, kind: str
) -> None:
    hook = Hook(3)

    async def send(message: Message) -> None:
        if message["type"] == kind:
            scope.cancel()
            await anyio.sleep_forever()

    with anyio.fail_after(5):
        with anyio.CancelScope() as scope:
            await layer(app_style(hook))(http(), channel().receive, send)
    assert scope.cancelled_caught


@pytest.mark.parametrize("waits", [False, True], ids=["at once", "after waiting"])
async def test_dispatch_is_cancelled_before_call_next(channel: Any, waits: bool) -> None:
    log: list[str] = []

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        if waits:
            await anyio.lowlevel.checkpoint()
        scope.cancel()
        try:
            return await call_next(request)
        finally:
            log.append("dispatch is told")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await anyio.sleep_forever()

    connection = channel()
    with anyio.fail_after(5):
        with anyio.CancelScope() as scope:
            middleware = BaseHTTPMiddleware(app, dispatch)
            await middleware(http(), connection.receive, connection.send)
    assert scope.cancelled_caught
    assert log == ["dispatch is told"]


async def test_dispatch_is_cancelled_after_call_next(channel: Any, app_style: Style) -> None:
    hook = Hook(3)

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        await call_next(request)
        scope.cancel()
        await anyio.sleep_forever()
        raise AssertionError

    connection = channel()
    with anyio.fail_after(5):
        with anyio.CancelScope() as scope:
            middleware = BaseHTTPMiddleware(app_style(hook), dispatch)
            await middleware(http(), connection.receive, connection.send)
    assert scope.cancelled_caught
    assert connection.sent == []
    assert hook.log == ["cancelled"] * len(hook.log)


# Senders and listeners beside each other.


async def test_two_tasks_may_send(channel: Any, layer: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def later() -> None:
            await send(FIRST)
            await send(LAST)

        async with anyio.create_task_group() as group:
            group.start_soon(later)
            await send(START)

    connection = channel()
    with anyio.fail_after(5):
        await layer(app)(http(), connection.receive, connection.send)
    assert connection.body == b"ab"


@pytest.mark.parametrize("spec_version", ["2.3", "2.4"])
async def test_a_client_that_leaves_ends_the_stream(
    layer: Any, dispatches: dict[str, Dispatch], spec_version: str
) -> None:
    if "read" in layer(at_once).dispatch_func.__name__:
        return  # These wait for the end of the stream, as their own business.
    left = anyio.Event()
    closed = []

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x"
                await anyio.lowlevel.checkpoint()
        finally:
            closed.append(True)

    async def receive() -> Message:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if left.is_set() and spec_version == "2.4":
            raise OSError("gone")
        if message["type"] == "http.response.body":
            left.set()

    scope = http(asgi={"spec_version": spec_version})
    with anyio.fail_after(5):
        with contextlib.suppress(OSError, ClientDisconnect):
            await layer(StreamingResponse(endless()))(scope, receive, send)
    assert closed == [True]


async def test_an_endless_stream_that_is_dropped_can_be_cancelled(
    channel: Any, app_style: Style
) -> None:
    async def sends(send: Send) -> None:
        await send(START)
        for number in itertools.count():
            await send(FIRST)
            if number == 10:
                scope.cancel()

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        await call_next(request)
        return PlainTextResponse("instead")

    connection = channel()
    app = BaseHTTPMiddleware(app_style(sends), dispatch)
    with anyio.fail_after(5), anyio.CancelScope() as scope:
        await app(http(), connection.receive, connection.send)
    assert scope.cancelled_caught
    assert connection.body == b"instead"


# Memory, and other ways to make tasks.


async def test_a_request_is_gone_when_it_is_over(
    channel: Any, dispatches: dict[str, Dispatch], app_style: Style
) -> None:
    requests = []

    async def sends(send: Send) -> None:
        for message in (START, FIRST, LAST):
            await send(message)

    for name in ("at_once", "with_the_body_read", "within_a_timeout"):

        async def dispatch(request: Request, call_next: CallNext, name: str = name) -> Response:
            requests.append(weakref.ref(request))
            return await dispatches[name](request, call_next)

        connection = channel()
        app = BaseHTTPMiddleware(app_style(sends), dispatch)
        gc.disable()
        try:
            await app(http(), connection.receive, connection.send)
            await anyio.wait_all_tasks_blocked()
            assert requests.pop()() is None
        finally:
            gc.enable()


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_tasks_may_be_eager(layer: Any, app_style: Style, channel: Any) -> None:
    if sys.version_info < (3, 12):
        pytest.skip("Python 3.11 has no eager tasks")

    async def sends(send: Send) -> None:
        for message in (START, FIRST, LAST):
            await send(message)

    connection = channel()
    loop = asyncio.get_running_loop()
    loop.set_task_factory(asyncio.eager_task_factory)
    try:
        app = layer(app_style(sends))
        await asyncio.create_task(app(http(), connection.receive, connection.send))
    finally:
        loop.set_task_factory(None)
    assert connection.body == b"ab"


# An event loop that goes away.


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("name", ["at_once", "after_a_wait", "with_another_iterator"])
@POINTS
async def test_a_request_that_is_closed_closes_both_sides(
    channel: Any, dispatches: dict[str, Dispatch], name: str, count: int
) -> None:
    closed = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            for message in (START, FIRST, LAST)[:count]:
                await send(message)
            await asyncio.sleep(0)
        finally:
            closed.append("app")

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        try:
            return await dispatches[name](request, call_next)
        finally:
            closed.append("dispatch")

    async def send(message: Message) -> None:
        await asyncio.sleep(0)

    coroutine = BaseHTTPMiddleware(app, dispatch)(http(), channel().receive, send)
    coroutine.send(None)
    coroutine.close()
    await asyncio.sleep(0)
    assert "dispatch" in closed
