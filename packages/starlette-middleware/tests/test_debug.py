"""`DebugMiddleware`: the traceback as the response, for ASGI-3 and ASGI-2 applications."""

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import httpx
import pytest

from starlette_http.response import PlainTextResponse
from starlette_http.types import Message, Receive, Scope, Send
from starlette_middleware import DebugMiddleware

START: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": []}


def http(accept: bytes | None = None) -> Scope:
    headers = [] if accept is None else [(b"accept", accept)]
    return {"type": "http", "method": "GET", "path": "/", "headers": headers}


async def failing(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError("<broken>")


class FailingWhenCalled:
    def __init__(self, scope: Scope) -> None: ...

    async def __call__(self, receive: Receive, send: Send) -> None:
        raise ValueError("<broken>")


def failing_when_made(scope: Scope) -> Callable[[Receive, Send], Awaitable[None]]:
    raise ValueError("<broken>")


APPLICATIONS = pytest.mark.parametrize("app", [failing, FailingWhenCalled, failing_when_made])


@APPLICATIONS
async def test_an_exception_is_answered_with_its_traceback(channel: Any, app: Any) -> None:
    connection = channel()
    await DebugMiddleware(app)(http(), connection.receive, connection.send)
    assert connection.sent[0]["status"] == 500
    assert (b"content-type", b"text/plain; charset=utf-8") in connection.sent[0]["headers"]
    assert connection.body.startswith(b"Traceback (most recent call last)")
    assert connection.body.endswith(b"ValueError: <broken>\n")


@APPLICATIONS
async def test_a_browser_gets_a_page(channel: Any, app: Any) -> None:
    connection = channel()
    await DebugMiddleware(app)(http(b"text/html,*/*;q=0.8"), connection.receive, connection.send)
    assert (b"content-type", b"text/html; charset=utf-8") in connection.sent[0]["headers"]
    assert b"<h1>500 Server Error</h1>" in connection.body
    assert b"ValueError: &lt;broken&gt;" in connection.body


@pytest.mark.parametrize("accept", [b"*/*", b"text/html;q=0", b"text/plain"])
async def test_others_get_text(channel: Any, accept: bytes) -> None:
    connection = channel()
    await DebugMiddleware(failing)(http(accept), connection.receive, connection.send)
    assert connection.body.startswith(b"Traceback")


async def test_the_classic_call_in_two_steps_works(channel: Any) -> None:
    connection = channel()
    await DebugMiddleware(FailingWhenCalled)(http())(connection.receive, connection.send)
    assert connection.sent[0]["status"] == 500


async def test_a_response_passes(channel: Any) -> None:
    connection = channel()
    await DebugMiddleware(PlainTextResponse("fine"))(http(), connection.receive, connection.send)
    assert connection.body == b"fine"


async def test_an_exception_after_the_start_is_raised(channel: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        raise ValueError("late")

    connection = channel()
    with pytest.raises(ValueError, match="late"):
        await DebugMiddleware(app)(http(), connection.receive, connection.send)
    assert connection.sent == [START]


async def test_a_cancellation_is_not_answered(channel: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        cancel_scope.cancel()
        await anyio.sleep_forever()

    connection = channel()
    with anyio.CancelScope() as cancel_scope:
        await DebugMiddleware(app)(http(), connection.receive, connection.send)
    assert cancel_scope.cancelled_caught
    assert connection.sent == []


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
async def test_other_scopes_pass_with_the_same_objects(kind: str) -> None:
    seen: list[Any] = []

    async def app(*arguments: Any) -> None:
        seen.extend(arguments)

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        raise AssertionError

    scope: Scope = {"type": kind}
    await DebugMiddleware(app)(scope, receive, send)
    assert seen == [scope, receive, send]


async def test_the_exception_of_another_scope_is_raised(channel: Any) -> None:
    connection = channel()
    with pytest.raises(ValueError, match="broken"):
        await DebugMiddleware(failing)({"type": "lifespan"}, connection.receive, connection.send)


async def test_a_real_server_takes_it_for_asgi_3(serve: Any) -> None:
    async with httpx.AsyncClient() as client:
        response = await client.get(serve(DebugMiddleware(FailingWhenCalled)))
    assert response.status_code == 500
    assert "ValueError: <broken>" in response.text
