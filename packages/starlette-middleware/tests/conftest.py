"""How the tests of this package drive an application: raw ASGI messages through a channel.

The second half has the ways to write a dispatch function and an application that decide whether
the two share a task: what holds for one layer has to hold for all of them.
"""

from collections.abc import AsyncIterator, Callable, MutableMapping
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from compressing import sending
from dispatching import (
    CallNext,
    Dispatch,
    Sends,
    Style,
    at_once,
    plainly,
    with_a_header,
    with_another_iterator,
)

from starlette_http.concurrency import create_collapsing_task_group
from starlette_http.requests import Request
from starlette_http.response import Response
from starlette_http.streaming import StreamingResponse
from starlette_http.types import ASGIApp, Receive, Scope, Send
from starlette_middleware import BaseHTTPMiddleware, GZipMiddleware

Message = MutableMapping[str, Any]


class Channel:
    """One ASGI connection: `receive` gives the queued messages, `sent` keeps what was sent."""

    def __init__(self, *messages: Message) -> None:
        self.incoming = list(messages)
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        if not self.incoming:
            await anyio.sleep_forever()
        return self.incoming.pop(0)

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


@pytest.fixture
def channel() -> type[Channel]:
    """The class of a connection: `channel(message, ...)` has those messages to receive."""
    return Channel


@pytest.fixture
async def nothing_is_left_behind() -> AsyncIterator[None]:
    """No test that uses this may leave a task."""
    before = len(anyio.get_running_tasks())
    yield
    for _ in range(5):
        await anyio.lowlevel.checkpoint()
    assert len(anyio.get_running_tasks()) == before


@pytest.fixture
def run(channel: Any) -> Callable[..., Any]:
    """Run an application that sends these messages behind the middleware; give what arrives."""

    async def run(
        *messages: Message,
        accept: bytes | None = b"gzip",
        method: str = "GET",
        middleware: Callable[[ASGIApp], ASGIApp] = GZipMiddleware,
    ) -> list[Message]:
        connection = channel()
        headers = [] if accept is None else [(b"accept-encoding", accept)]
        scope = {"type": "http", "method": method, "headers": headers}
        await middleware(sending(*messages))(scope, connection.receive, connection.send)
        sent: list[Message] = connection.sent
        return sent

    return run


# The ways to write a dispatch function.


async def after_a_wait(request: Request, call_next: CallNext) -> Response:
    await anyio.lowlevel.checkpoint()
    return await call_next(request)


async def within_a_timeout(request: Request, call_next: CallNext) -> Response:
    with anyio.fail_after(5):
        return await call_next(request)


async def within_a_task_group(request: Request, call_next: CallNext) -> Response:
    async with create_collapsing_task_group() as group:
        group.start_soon(anyio.lowlevel.checkpoint)
        return await call_next(request)
    raise AssertionError


async def in_a_child_task(request: Request, call_next: CallNext) -> Response:
    responses = []

    async def child() -> None:
        responses.append(await call_next(request))

    async with create_collapsing_task_group() as group:
        group.start_soon(child)
    return responses[0]


async def with_the_body_read(request: Request, call_next: CallNext) -> Response:
    response: Any = await call_next(request)
    body = b"".join([part async for part in response.body_iterator])
    return Response(body, response.status_code, dict(response.headers))


async def with_the_body_read_in_time(request: Request, call_next: CallNext) -> Response:
    response: Any = await call_next(request)
    with anyio.fail_after(5):
        body = b"".join([part async for part in response.body_iterator])
    return Response(body, response.status_code, dict(response.headers))


async def in_another_response(request: Request, call_next: CallNext) -> Response:
    response: Any = await call_next(request)
    return StreamingResponse(response.body_iterator, headers=dict(response.headers))


DISPATCHES: list[Dispatch] = [
    at_once,
    after_a_wait,
    within_a_timeout,
    within_a_task_group,
    in_a_child_task,
    with_a_header,
    with_the_body_read,
    with_the_body_read_in_time,
    with_another_iterator,
    in_another_response,
]


@pytest.fixture
def dispatches() -> dict[str, Dispatch]:
    """The ways to write a dispatch function, by name."""
    return {dispatch.__name__: dispatch for dispatch in DISPATCHES}


@pytest.fixture(params=DISPATCHES, ids=lambda dispatch: dispatch.__name__)
def layer(request: pytest.FixtureRequest) -> Callable[[ASGIApp], BaseHTTPMiddleware]:
    """A BaseHTTPMiddleware, to be given an application; one for each way to dispatch."""
    return lambda app: BaseHTTPMiddleware(app, request.param)


# The ways to write an application, around one that sends `messages`.


def after_some_waiting(sends: Sends) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await anyio.lowlevel.checkpoint()

        async def slowly(message: Message) -> None:
            await send(message)
            await anyio.lowlevel.checkpoint()

        await sends(slowly)

    return app


def from_a_cancel_scope(sends: Sends) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        with anyio.fail_after(5):
            await sends(send)

    return app


def from_a_child_task(sends: Sends) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(sends, send)

    return app


async def _sent(send: Send, message: Message) -> None:
    await send(message)


def body_from_a_child_task(sends: Sends) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async with anyio.create_task_group() as group:

            async def carefully(message: Message) -> None:
                if message["type"] == "http.response.start":
                    await send(message)
                else:
                    async with anyio.create_task_group() as inner:
                        inner.start_soon(_sent, send, message)

            group.start_soon(anyio.lowlevel.checkpoint)
            await sends(carefully)

    return app


STYLES: list[Style] = [
    plainly,
    after_some_waiting,
    from_a_cancel_scope,
    from_a_child_task,
    body_from_a_child_task,
]


@pytest.fixture(params=STYLES, ids=lambda style: style.__name__)
def app_style(request: pytest.FixtureRequest) -> Style:
    """A function from what sends a response to an application, one for each way to send."""
    style: Style = request.param
    return style
