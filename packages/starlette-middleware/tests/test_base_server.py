"""`BaseHTTPMiddleware` and `ServerErrorMiddleware` under a real server."""

import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import httpx
import pytest
from dispatching import CallNext

from starlette_http.background import BackgroundTask
from starlette_http.requests import Request
from starlette_http.response import PlainTextResponse, Response
from starlette_http.streaming import StreamingResponse
from starlette_http.types import ASGIApp, Receive, Scope, Send
from starlette_middleware import BaseHTTPMiddleware, ServerErrorMiddleware


async def counting(request: Request, call_next: CallNext) -> Response:
    response = await call_next(request)
    response.headers.append("x-layer", "1")
    return response


async def reading(request: Request, call_next: CallNext) -> Response:
    await request.body()
    response = await call_next(request)
    response.headers.append("x-layer", "1")
    return response


def layered(app: ASGIApp) -> ASGIApp:
    for dispatch in (counting, reading, counting):
        app = BaseHTTPMiddleware(app, dispatch)
    return app


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10) as client:
        yield client


def test_a_body_goes_there_and_back(client: httpx.Client, serve: Any) -> None:
    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        await PlainTextResponse(await request.body())(scope, receive, send)

    url = serve(layered(echo))
    for size in (0, 10, 1_000_000):
        response = client.post(url, content=b"x" * size)
        assert response.content == b"x" * size
        assert response.headers.get_list("x-layer") == ["1"] * 3


def test_a_stream_arrives_chunk_by_chunk(client: httpx.Client, serve: Any) -> None:
    received = threading.Event()

    async def chunks() -> AsyncIterator[bytes]:
        yield b"first"
        await anyio.to_thread.run_sync(received.wait, 5)
        yield b"second"

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await StreamingResponse(chunks())(scope, receive, send)

    with client.stream("GET", serve(layered(app))) as response:
        parts = response.iter_raw()
        assert next(parts) == b"first"
        received.set()
        assert next(parts) == b"second"


def test_a_client_that_leaves_closes_the_stream(client: httpx.Client, serve: Any) -> None:
    closed = threading.Event()

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 10_000
                await anyio.lowlevel.checkpoint()
        finally:
            closed.set()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await StreamingResponse(endless())(scope, receive, send)

    with client.stream("GET", serve(layered(app))) as response:
        next(response.iter_raw())
    assert closed.wait(10)


def test_a_response_does_not_wait_for_its_background_task(client: httpx.Client, serve: Any) -> None:
    received, ended = threading.Event(), threading.Event()

    def background() -> None:
        if received.wait(5):
            ended.set()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = PlainTextResponse("done", background=BackgroundTask(background))
        await response(scope, receive, send)

    assert client.get(serve(layered(app))).text == "done"
    received.set()
    assert ended.wait(5)


def test_the_debug_page_is_served(client: httpx.Client, serve: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("broken")

    url = serve(ServerErrorMiddleware(layered(app), debug=True), log_level="critical")
    response = client.get(url, headers={"accept": "text/html"})
    assert response.status_code == 500
    assert "<h2>ValueError: broken</h2>" in response.text
