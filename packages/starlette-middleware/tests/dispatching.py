"""What the tests of `BaseHTTPMiddleware` send, and small applications and dispatch functions."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import anyio
import anyio.lowlevel

from starlette_http.requests import Request
from starlette_http.response import Response
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send

CallNext = Callable[[Request], Awaitable[Response]]
Dispatch = Callable[[Request, CallNext], Awaitable[Response]]
Sends = Callable[[Send], Coroutine[Any, Any, None]]
Style = Callable[[Sends], ASGIApp]

START: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": []}
FIRST: dict[str, Any] = {"type": "http.response.body", "body": b"a", "more_body": True}
LAST: dict[str, Any] = {"type": "http.response.body", "body": b"b", "more_body": False}
GONE: dict[str, Any] = {"type": "http.disconnect"}


def http(**more: Any) -> Scope:
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
    return scope | more


def start(*headers: tuple[bytes, bytes], status: int = 200) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def chunk(body: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": more}


def sending(*messages: Message) -> Sends:
    async def sends(send: Send) -> None:
        for message in messages:
            await send(message)

    return sends


def plainly(sends: Sends) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await sends(send)

    return app


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start((b"content-length", b"5")))
    await send({"type": "http.response.body", "body": b"hello"})


class Hook:
    """Sends messages, and once its `count`th was sent calls `reached` and waits for ever."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.reached: Callable[[], object] = lambda: None
        self.log: list[str] = []

    async def __call__(self, send: Send) -> None:
        try:
            for message in (START, FIRST, LAST)[: self.count]:
                await send(message)
            self.reached()
            await anyio.sleep_forever()
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True):
                await anyio.lowlevel.checkpoint()
            self.log.append("cancelled")
            raise


async def at_once(request: Request, call_next: CallNext) -> Response:
    return await call_next(request)


async def with_a_header(request: Request, call_next: CallNext) -> Response:
    response = await call_next(request)
    response.headers["x-dispatch"] = "seen"
    return response


async def with_another_iterator(request: Request, call_next: CallNext) -> Response:
    response: Any = await call_next(request)
    chunks = response.body_iterator

    async def same() -> AsyncIterator[bytes]:
        async for part in chunks:
            yield part

    response.body_iterator = same()
    return response  # type: ignore[no-any-return]
