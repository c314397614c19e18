"""`BaseHTTPMiddleware`: scopes, timeouts and task groups of `dispatch` and the application nest."""

import asyncio
from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from dispatching import FIRST, LAST, START, CallNext, Dispatch, Hook, Style, http

from starlette_http.concurrency import create_collapsing_task_group
from starlette_http.requests import Request
from starlette_http.response import PlainTextResponse, Response
from starlette_http.types import Receive, Scope, Send
from starlette_middleware import BaseHTTPMiddleware

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")


async def test_a_scope_around_call_next_cancels_the_application(
    channel: Any, app_style: Style
) -> None:
    hook = Hook(0)

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        with anyio.CancelScope() as scope:
            hook.reached = scope.cancel
            return await call_next(request)
        return PlainTextResponse("too late", status_code=504)

    connection = channel()
    with anyio.fail_after(5):
        app = BaseHTTPMiddleware(app_style(hook), dispatch)
        await app(http(), connection.receive, connection.send)
    assert hook.log == ["cancelled"]
    assert connection.sent[0]["status"] == 504


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("waits", [False, True], ids=["at once", "after waiting"])
async def test_a_native_timeout_around_call_next_cancels_the_application(
    channel: Any, app_style: Style, waits: bool
) -> None:
    hook = Hook(0)

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        if waits:
            await asyncio.sleep(0)
        try:
            async with asyncio.timeout(None) as timeout:
                hook.reached = lambda: timeout.reschedule(0)
                return await call_next(request)
        except TimeoutError:
            return PlainTextResponse("too late", status_code=504)

    connection = channel()
    app = BaseHTTPMiddleware(app_style(hook), dispatch)
    await app(http(), connection.receive, connection.send)
    assert hook.log == ["cancelled"]
    assert connection.sent[0]["status"] == 504
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_wait_for_around_call_next_cancels_the_application(
    channel: Any, app_style: Style
) -> None:
    hook = Hook(0)

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        try:
            return await asyncio.wait_for(call_next(request), 0.01)
        except TimeoutError:
            return PlainTextResponse("too late", status_code=504)

    connection = channel()
    app = BaseHTTPMiddleware(app_style(hook), dispatch)
    await app(http(), connection.receive, connection.send)
    assert hook.log == ["cancelled"]
    assert connection.sent[0]["status"] == 504


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_timeout_of_the_application_is_its_error(channel: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async with asyncio.timeout(0.01):
            await send(START)
            await send(LAST)

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response = await call_next(request)
        await asyncio.sleep(5)
        return response

    connection = channel()
    middleware = BaseHTTPMiddleware(app, dispatch)
    with pytest.raises(TimeoutError):
        await middleware(http(), connection.receive, connection.send)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_failing_child_of_dispatch_cancels_the_application(
    channel: Any, app_style: Style
) -> None:
    hook = Hook(0)
    reached = anyio.Event()
    hook.reached = reached.set

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        async def child() -> None:
            await reached.wait()
            raise ValueError("child")

        async with create_collapsing_task_group() as group:
            group.start_soon(child)
            return await call_next(request)
        raise AssertionError

    connection = channel()
    app = BaseHTTPMiddleware(app_style(hook), dispatch)
    with anyio.fail_after(5), pytest.raises(ValueError, match="child"):
        await app(http(), connection.receive, connection.send)
    assert hook.log == ["cancelled"]


async def test_a_chunk_that_was_not_waited_for_long_enough_is_not_lost(
    channel: Any, app_style: Style
) -> None:
    more = anyio.Event()

    async def sends(send: Send) -> None:
        await send(START)
        await send(FIRST)
        await more.wait()
        await send(LAST)

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response: Any = await call_next(request)
        parts = [await anext(response.body_iterator)]
        with anyio.move_on_after(0.01):
            await anext(response.body_iterator)
        more.set()
        parts += [part async for part in response.body_iterator]
        return PlainTextResponse(b"".join(parts))

    connection = channel()
    with anyio.fail_after(5):
        app = BaseHTTPMiddleware(app_style(sends), dispatch)
        await app(http(), connection.receive, connection.send)
    assert connection.body == b"ab"


async def test_a_chunk_sent_while_nobody_waits_is_not_lost(channel: Any) -> None:
    more = anyio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await more.wait()
        await send(LAST)

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response: Any = await call_next(request)
        with anyio.move_on_after(0.01):
            await anext(response.body_iterator)
        more.set()
        await anyio.wait_all_tasks_blocked()
        return response  # type: ignore[no-any-return]

    connection = channel()
    with anyio.fail_after(5):
        middleware = BaseHTTPMiddleware(app, dispatch)
        await middleware(http(), connection.receive, connection.send)
    assert connection.body == b"b"


@pytest.mark.parametrize("make", [anyio.Lock, lambda: anyio.CapacityLimiter(1)], ids=["a", "b"])
async def test_what_a_task_takes_it_can_give_back(
    channel: Any, app_style: Style, make: Callable[[], Any]
) -> None:
    taken = make()

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        async with taken:
            return await call_next(request)

    async def sends(send: Send) -> None:
        for message in (START, FIRST, LAST):
            await send(message)

    connection = channel()
    with anyio.fail_after(5):
        app = BaseHTTPMiddleware(app_style(sends), dispatch)
        await app(http(), connection.receive, connection.send)
    assert connection.body == b"ab"


async def test_scopes_of_both_sides_may_cross(
    channel: Any, dispatches: dict[str, Dispatch]
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        with anyio.fail_after(5):
            await send(FIRST)
            async with anyio.create_task_group() as group:
                group.start_soon(anyio.lowlevel.checkpoint)
                await send(FIRST)
        await send(LAST)

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response: Any = await call_next(request)
        parts = []
        for _ in range(2):
            with anyio.fail_after(5):
                parts.append(await anext(response.body_iterator))
        parts += [part async for part in response.body_iterator]
        return PlainTextResponse(b"".join(parts))

    connection = channel()
    with anyio.fail_after(5):
        middleware = BaseHTTPMiddleware(app, dispatch)
        await middleware(http(), connection.receive, connection.send)
    assert connection.body == b"aab"


# anyio has no public way to ask for the current cancel scope: this tells when its own has changed.
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize(
    ("name", "is_shared"),
    [("at_once", True), ("with_a_header", True), ("within_a_timeout", False)],
)
async def test_the_task_is_shared_unless_dispatch_has_a_scope_open(
    channel: Any, dispatches: dict[str, Dispatch], name: str, is_shared: bool
) -> None:
    tasks = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        tasks.append(asyncio.current_task())
        await send(START)
        await send(LAST)

    connection = channel()
    await BaseHTTPMiddleware(app, dispatches[name])(http(), connection.receive, connection.send)
    assert (tasks == [asyncio.current_task()]) is is_shared
