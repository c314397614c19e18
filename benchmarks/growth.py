"""What waiting costs, and how costs grow: memory of routes and sockets, streams, idle neighbours.

Memory is what tracemalloc counts, after a collection. An idle websocket has been accepted and waits
in `receive` of an application; the task that a server makes for each is counted with it, its scope
is not, and the control is a raw ASGI application that does the same. "at its peak" is the most that
was in use at once while a stream was sent, or a form read, above what was in use before.
"""

import asyncio
import gc
import tracemalloc
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute

from cases import App, Once, case, drive, figure, http_scope, websocket_scope

MIB = 1024 * 1024
ROUTES = 2_000
SOCKETS = 1_000
PATHS = 10_000


async def text(request):
    return PlainTextResponse("Hello, world!")


async def waiting(websocket):
    await websocket.accept()
    await websocket.receive_text()


async def raw_waiting(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
    await receive()


async def in_use(work: Callable[[], Awaitable[object]]) -> tuple[int, int]:
    """The bytes that are in use after `work()`, while its result lives, and were at its peak."""
    gc.collect()
    tracemalloc.start()
    try:
        result = await work()
        gc.collect()
        after, peak = tracemalloc.get_traced_memory()
        del result
        return after, peak
    finally:
        tracemalloc.stop()


def idle_route(path: str) -> Callable[[], Awaitable[float]]:
    """`once` that gives the bytes of each of many routes, behind the first request."""

    async def work():
        app = Starlette(routes=[Route(path.format(n), text) for n in range(ROUTES)])
        await drive(app, http_scope(path="/none"))()
        return app

    async def once() -> float:
        return (await in_use(work))[0] / ROUTES

    return once


@figure("idle route", "B")
def literal_route():
    return idle_route("/api/v1/thing{}")


@figure("idle route, with a parameter", "B")
def route():
    return idle_route("/api/v1/thing{}/{{id:int}}")


async def discard(message):
    """Send to nobody."""


def client():
    """What a server has of one websocket: its scope, and a `receive` that connects and waits."""
    messages = iter([{"type": "websocket.connect"}])
    never = asyncio.get_running_loop().create_future()

    async def receive():
        return next(messages, None) or await never

    return websocket_scope(), receive


async def idle(app: App, clients) -> list[asyncio.Task[None]]:
    """A task for each of the clients, in which the application waits for it."""
    tasks = [asyncio.ensure_future(app(scope, receive, discard)) for scope, receive in clients]
    for _ in range(10):
        await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)
    return tasks


async def ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def idle_socket(app: App) -> Callable[[], Awaitable[float]]:
    async def once() -> float:
        await ended(await idle(app, [client()]))  # warm
        clients = [client() for _ in range(SOCKETS)]
        tasks: list[asyncio.Task[None]] = []

        async def work():
            tasks.extend(await idle(app, clients))

        after, _ = await in_use(work)
        await ended(tasks)
        return after / SOCKETS

    return once


def application() -> Starlette:
    return Starlette(
        routes=[
            Route("/", text),
            Route("/users/{id:int}", text),
            WebSocketRoute("/ws", waiting),
        ]
    )


@figure("idle websocket", "B")
def websocket():
    return idle_socket(application())


@figure("idle websocket", "B", contender="raw")
def raw_websocket():
    return idle_socket(raw_waiting)


def streaming(mebibytes: int) -> Starlette:
    async def content():
        for _ in range(mebibytes * 16):
            yield bytes(64 * 1024)

    async def stream(request):
        return StreamingResponse(content())

    return Starlette(routes=[Route("/", stream)])


def peak(work: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[float]]:
    async def once() -> float:
        await work()
        return (await in_use(work))[1]

    return once


def register_streams(mebibytes: int) -> None:
    app = streaming(mebibytes)

    async def receive():
        return await asyncio.get_running_loop().create_future()

    async def send_stream() -> int:
        length = 0

        async def send(message):
            nonlocal length
            length += len(message.get("body", b""))

        await app(http_scope(), receive, send)
        return length

    async def read_form():
        messages = iter(upload(mebibytes))

        async def receive():
            return next(messages)

        headers = [(b"content-type", b"multipart/form-data; boundary=B")]
        async with Request(http_scope("POST", headers=headers), receive).form() as form:
            return form["file"].size

    case(f"stream of {mebibytes} MiB", answer=mebibytes * MIB)(lambda: send_stream)
    figure(f"stream of {mebibytes} MiB, at its peak", "B")(lambda: peak(send_stream))
    figure(f"form with a file of {mebibytes} MiB, at its peak", "B")(lambda: peak(read_form))


def upload(mebibytes: int):
    """The messages of a multipart form with one file, made while they are read."""
    head = (
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="file.bin"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n"
    )
    yield {"type": "http.request", "body": head, "more_body": True}
    for _ in range(mebibytes * 16):
        yield {"type": "http.request", "body": bytes(64 * 1024), "more_body": True}
    yield {"type": "http.request", "body": b"\r\n--B--\r\n", "more_body": False}


def register_neighbours(count: int) -> None:
    @case(f"GET beside {count:,} idle websockets", answer=(200, 13))
    async def beside() -> Once:
        app = application()
        neighbours = await idle(app, [client() for _ in range(count)])
        once = drive(app, http_scope())

        async def with_neighbours() -> tuple[int, int]:
            assert len(neighbours) == count
            return await once()

        return with_neighbours


def register_paths(count: int) -> None:
    @figure(f"application after {count:,} paths", "B")
    def prepare():
        async def work():
            app = application()
            for n in range(count):
                await drive(app, http_scope(path=f"/users/{n}"))()
            return app

        async def once() -> float:
            return (await in_use(work))[0]

        return once


for size in (2, 32):
    register_streams(size)
for neighbour_count in (0, SOCKETS):
    register_neighbours(neighbour_count)
for path_count in (PATHS, 2 * PATHS):
    register_paths(path_count)
