"""sse-starlette's response, to a client that reads all of it and to one that leaves."""

import threading
from collections.abc import AsyncIterator

import anyio
import httpx
from conftest import Serve
from sse_starlette import EventSourceResponse, ServerSentEvent

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def test_events_arrive(serve: Serve) -> None:
    async def count() -> AsyncIterator[ServerSentEvent]:
        for n in range(3):
            yield ServerSentEvent(str(n), event="number", id=str(n))

    async def numbers(request: Request) -> Response:
        return EventSourceResponse(count())

    answer = httpx.get(serve(Starlette(routes=[Route("/", numbers)])) + "/")
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    blocks = answer.text.split("\r\n\r\n")
    assert blocks == [*(f"id: {n}\r\nevent: number\r\ndata: {n}" for n in range(3)), ""]


def test_iterator_is_closed_when_the_client_leaves(serve: Serve) -> None:
    closed = threading.Event()

    async def forever() -> AsyncIterator[str]:
        try:
            yield "first"
            await anyio.sleep_forever()
        finally:
            closed.set()

    async def events(request: Request) -> Response:
        return EventSourceResponse(forever())

    with httpx.stream("GET", serve(Starlette(routes=[Route("/", events)])) + "/") as answer:
        assert next(answer.iter_lines()) == "data: first"
    assert closed.wait(10)
