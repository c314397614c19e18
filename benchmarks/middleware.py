"""Layers around a raw ASGI application of two messages; the control is the application alone.

What a layer costs is the difference to the control, over the number of layers. `plain` layers, as
everybody writes them in bare ASGI, are the floor; the cases named "hooks" have no upstream.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import Response

from cases import App, Once, case, drive, http_scope

try:
    from starlette_middleware.hooks import HookMiddleware
except ImportError:
    HookMiddleware = None

HEADERS = [(b"content-length", b"5"), (b"content-type", b"text/plain")]
CallNext = Callable[[Request], Awaitable[Response]]


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b"hello"})


async def echo(scope: Any, receive: Any, send: Any) -> None:
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": message["body"]})


async def stream(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    for _ in range(20):
        await send({"type": "http.response.body", "body": b"x" * 100, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


class Plain:
    """A layer in bare ASGI that looks at every message and adds a header."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return

        async def send_with_header(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = [*message["headers"], (b"x-layer", b"1")]
                message = {**message, "headers": headers}
            await send(message)

        await self.app(scope, receive, send_with_header)


async def passing(request: Request, call_next: CallNext) -> Response:
    return await call_next(request)


async def adding_header(request: Request, call_next: CallNext) -> Response:
    response = await call_next(request)
    response.headers["x-layer"] = "1"
    return response


async def reading_request(request: Request, call_next: CallNext) -> Response:
    await request.body()
    return await call_next(request)


async def reading_response(request: Request, call_next: CallNext) -> Response:
    response: Any = await call_next(request)
    body = b"".join([chunk async for chunk in response.body_iterator])
    return Response(body, response.status_code, dict(response.headers))


def base(dispatch: Any) -> Callable[[App], App]:
    return lambda app: BaseHTTPMiddleware(app, dispatch=dispatch)


def layers(name: str, app: App, make: Callable[[App], App], count: int, *body: bytes) -> None:
    """Register `count` layers around `app`, and `app` alone as their control."""
    scope = http_scope("POST" if body else "GET")

    @case(name)
    def around() -> Once:
        stack = app
        for _ in range(count):
            stack = make(stack)
        return drive(stack, scope, *body)

    @case(name, contender="raw")
    def alone() -> Once:
        return drive(app, scope, *body)


layers("plain x1", hello, Plain, 1)
layers("plain x5", hello, Plain, 5)
layers("BaseHTTPMiddleware x1", hello, base(passing), 1)
layers("BaseHTTPMiddleware x5", hello, base(passing), 5)
layers("BaseHTTPMiddleware, a header added", hello, base(adding_header), 1)
layers("BaseHTTPMiddleware, POST", echo, base(passing), 1, b"x" * 100)
layers("BaseHTTPMiddleware, POST read twice", echo, base(reading_request), 1, b"x" * 100)
layers("BaseHTTPMiddleware, 20 chunks", stream, base(passing), 1)
layers("BaseHTTPMiddleware, response read", hello, base(reading_response), 1)

if HookMiddleware is not None:

    class Hooks(HookMiddleware):
        def on_request(self, connection: Any) -> None:
            return None

        def on_response(self, connection: Any, response: Any) -> None:
            response.headers["x-layer"] = "1"

    layers("hooks x1", hello, Hooks, 1)
    layers("hooks x5", hello, Hooks, 5)
