"""One application with everything in it that a client can leave in the middle of."""

import gc
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypedDict

import anyio

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import (
    EventSourceResponse,
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
    ServerSentEvent,
    StreamingResponse,
)
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect
from starlette_middleware import CompressionMiddleware

CHUNK = bytes(range(256)) * 256
CHUNKS = 64
PATIENCE_SECONDS = 0.2


class State(TypedDict):
    folder: Path


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[State]:
    with tempfile.TemporaryDirectory(prefix="parts-") as folder:
        yield {"folder": Path(folder)}


async def add_header(request: Request, call_next: RequestResponseEndpoint) -> Response:
    response = await call_next(request)
    response.headers["x-layer"] = "base"
    return response


async def hello(request: Request) -> Response:
    return JSONResponse({"hello": request.path_params["name"]})


async def echo_json(request: Request) -> Response:
    return JSONResponse(await request.json())


async def form(request: Request) -> Response:
    """The size and SHA-256 of every file; what is larger than 1 MiB was on the disk."""
    async with request.form() as fields:
        digests = {}
        for name, field in fields.items():
            content = field.encode() if isinstance(field, str) else await field.read()
            digests[name] = [len(content), hashlib.sha256(content).hexdigest()]
    return JSONResponse(digests)


async def parts(request: Request[State]) -> Response:
    """The size of every part, each of which was a file while it arrived."""
    sizes = {}
    async for part in request.parts():
        with tempfile.NamedTemporaryFile(dir=request.state["folder"]) as file:
            async for chunk in part:
                await anyio.to_thread.run_sync(file.write, chunk)
            sizes[part.name] = file.tell()
    return JSONResponse(sizes)


async def impatient(request: Request) -> Response:
    """The size of the body, for a client that sends it in time."""
    with anyio.move_on_after(PATIENCE_SECONDS):
        return PlainTextResponse(str(len(await request.body())))
    raise HTTPException(408, headers={"connection": "close"})


async def chunks() -> AsyncIterator[bytes]:
    for _ in range(CHUNKS):
        yield CHUNK
        await anyio.lowlevel.checkpoint()  # as what comes from a disk or a network does


async def stream(request: Request) -> Response:
    return StreamingResponse(chunks(), media_type="application/octet-stream")


def lines() -> Iterator[str]:
    for number in range(50):
        yield f"line {number}\n" * 100


def threaded(request: Request) -> Response:
    """Text from a thread: a generator that is not async, compressed for who takes it."""
    return StreamingResponse(lines(), media_type="text/plain")


async def events(request: Request) -> Response:
    return EventSourceResponse(ticks(), keep_alive_seconds=0.05)


async def ticks() -> AsyncIterator[ServerSentEvent]:
    for number in range(1_000_000):
        yield ServerSentEvent(str(number), event="tick")
        await anyio.sleep(0.02)


def download(request: Request[State]) -> Response:
    """A file that is made for one client, and gone when that client has it or has left."""
    descriptor, name = tempfile.mkstemp(dir=request.state["folder"])
    with open(descriptor, "wb") as file:
        file.write(CHUNK * CHUNKS)
    return FileResponse(name, background=BackgroundTask(os.unlink, name))


async def visits(request: Request) -> Response:
    request.session["visits"] = request.session.get("visits", 0) + 1
    return JSONResponse(request.session)


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


async def flood(websocket: WebSocket) -> None:
    """Say more than anyone reads, and listen meanwhile, since not every server's `send` tells."""
    await websocket.accept()
    async with anyio.create_task_group() as group:
        group.start_soon(say_much, websocket)
        async for _ in websocket.iter_text():
            pass
        group.cancel_scope.cancel()


async def say_much(websocket: WebSocket) -> None:
    with suppress(WebSocketDisconnect):
        for _ in range(1_000_000):
            await websocket.send_bytes(CHUNK)
            await anyio.lowlevel.checkpoint()


def remains(request: Request) -> Response:
    """What cannot be seen from outside. It runs in a thread, which ends those that are idle."""
    gc.collect()
    tasks = anyio.from_thread.run_sync(anyio.get_running_tasks)
    return JSONResponse({"objects": len(gc.get_objects()), "tasks": [str(t.name) for t in tasks]})


def application(files: str) -> Starlette:
    """The application; `files` is the directory that it serves under /files."""
    return Starlette(
        routes=[
            Route("/hello/{name}", hello),
            Route("/json", echo_json, methods=["POST"]),
            Route("/form", form, methods=["POST"]),
            Route("/parts", parts, methods=["POST"]),
            Route("/impatient", impatient, methods=["POST"]),
            Route("/stream", stream),
            Route("/threaded", threaded),
            Route("/events", events),
            Route("/download", download),
            Route("/visits", visits),
            Route("/remains", remains),
            WebSocketRoute("/echo", echo),
            WebSocketRoute("/flood", flood),
            Mount("/files", StaticFiles(directory=files)),
        ],
        middleware=[
            Middleware(CompressionMiddleware),
            Middleware(SessionMiddleware, secret_key="soaked"),
            Middleware(BaseHTTPMiddleware, dispatch=add_header),
        ],
        lifespan=lifespan,
    )
