"""The modern document, "Introduction": what Starlette gives, each item of its list."""

import ast
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from scripts.long_tier import STEPS
from websockets.sync.client import connect

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

Serve = Callable[..., str]

SOURCES = sorted((Path(__file__).resolve().parents[2] / "packages").glob("*/src/**/*.py"))
BACKENDS = pytest.mark.parametrize("backend", ["asyncio", "trio"])


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


async def visits(request: Request) -> Response:
    request.session["visits"] = request.session.get("visits", 0) + 1
    return JSONResponse(request.session)


async def cookies(request: Request) -> Response:
    response = JSONResponse(request.cookies)
    response.set_cookie("seen", "yes", httponly=True, samesite="strict")
    return response


async def text(request: Request) -> Response:
    return PlainTextResponse("word " * 1000)


# WebSocket support


def test_websockets_are_supported(serve: Serve) -> None:
    url = serve(Starlette(routes=[WebSocketRoute("/echo", echo)]))
    with connect(url.replace("http", "ws") + "/echo") as client:
        client.send("hello")
        assert client.recv(timeout=5) == "hello"


# In-process background tasks


def test_a_background_task_runs_after_the_response_was_sent(serve: Serve) -> None:
    received, done = threading.Event(), threading.Event()

    def task() -> None:
        assert received.wait(5)
        done.set()

    async def endpoint(request: Request) -> Response:
        return PlainTextResponse("sent", background=BackgroundTask(task))

    assert httpx.get(serve(Starlette(routes=[Route("/", endpoint)])) + "/").text == "sent"
    assert not done.is_set()
    received.set()
    assert done.wait(5)


# Startup and shutdown events


@BACKENDS
def test_startup_and_shutdown_events_run_around_all_requests(backend: Any) -> None:
    events: list[str] = []

    async def connect_database() -> None:
        events.append("connect")

    def disconnect_database() -> None:
        events.append("disconnect")

    async def endpoint(request: Request) -> Response:
        events.append("request")
        return Response()

    app = Starlette(
        routes=[Route("/", endpoint)],
        on_startup=[connect_database],
        on_shutdown=[disconnect_database],
    )
    with TestClient(app, backend=backend) as client:
        client.get("/")
    assert events == ["connect", "request", "disconnect"]


@BACKENDS
def test_a_lifespan_is_entered_at_startup_and_left_at_shutdown(backend: Any) -> None:
    events: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, str]]:
        events.append("startup")
        yield {"greeting": "hello"}
        events.append("shutdown")

    async def endpoint(request: Request) -> Response:
        return PlainTextResponse(request.state.greeting)

    app = Starlette(routes=[Route("/", endpoint)], lifespan=lifespan)
    with TestClient(app, backend=backend) as client:
        assert client.get("/").text == "hello"
    assert events == ["startup", "shutdown"]


# Test client built on httpx


def test_the_test_client_is_built_on_httpx() -> None:
    from starlette.testclient import httpx as library

    assert library.__name__ in ("httpx", "httpx2")
    assert issubclass(TestClient, library.Client)
    assert isinstance(TestClient(Starlette()).get("/"), library.Response)


# CORS, GZip, static files, streaming responses


def test_cors_is_answered(serve: Serve) -> None:
    layer = Middleware(CORSMiddleware, allow_origins=["https://example.org"])
    url = serve(Starlette(routes=[Route("/", text)], middleware=[layer]))
    origin = {"origin": "https://example.org"}
    allowed = httpx.get(url + "/", headers=origin)
    assert allowed.headers["access-control-allow-origin"] == "https://example.org"
    preflight = httpx.options(url + "/", headers=origin | {"access-control-request-method": "GET"})
    assert (preflight.status_code, preflight.text) == (200, "OK")
    other = httpx.get(url + "/", headers={"origin": "https://example.com"})
    assert "access-control-allow-origin" not in other.headers


def test_responses_are_compressed_by_gzip(serve: Serve) -> None:
    url = serve(Starlette(routes=[Route("/", text)], middleware=[Middleware(GZipMiddleware)]))
    response = httpx.get(url + "/", headers={"accept-encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert response.text == "word " * 1000
    assert int(response.headers["content-length"]) < 100


def test_static_files_are_served(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "site.css").write_text("h1 {}")
    url = serve(Starlette(routes=[Mount("/static", StaticFiles(directory=tmp_path))]))
    response = httpx.get(url + "/static/site.css")
    assert (response.status_code, response.text) == (200, "h1 {}")
    assert httpx.get(url + "/static/missing.css").status_code == 404


@BACKENDS
def test_responses_can_be_streamed(backend: Any) -> None:
    async def endpoint(request: Request) -> Response:
        async def numbers() -> AsyncIterator[str]:
            number = 0
            while True:
                yield f"{number}\n"
                number += 1

        return StreamingResponse(numbers())

    client = TestClient(Starlette(routes=[Route("/", endpoint)]), backend=backend)
    with client.stream("GET", "/") as response:
        lines = response.iter_lines()
        assert [next(lines), next(lines)] == ["0", "1"]


# Sessions and cookies


def test_a_session_is_kept_in_a_signed_cookie(serve: Serve) -> None:
    layer = Middleware(SessionMiddleware, secret_key="secret")
    url = serve(Starlette(routes=[Route("/", visits)], middleware=[layer]))
    with httpx.Client(base_url=url) as client:
        assert client.get("/").json() == {"visits": 1}
        assert client.get("/").json() == {"visits": 2}
    forged = httpx.get(url + "/", headers={"cookie": "session=forged"})
    assert forged.json() == {"visits": 1}


def test_cookies_are_read_and_set(serve: Serve) -> None:
    response = httpx.get(
        serve(Starlette(routes=[Route("/", cookies)])) + "/", headers={"cookie": "a=1; b=2"}
    )
    assert response.json() == {"a": "1", "b": "2"}
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("seen=yes;")
    assert {"HttpOnly", "SameSite=strict"} <= {part.strip() for part in cookie.split(";")}


# asyncio and trio


@BACKENDS
def test_the_whole_works_on_asyncio_and_on_trio(backend: Any, tmp_path: Path) -> None:
    (tmp_path / "site.css").write_text("h1 {}")
    app = Starlette(
        routes=[
            Route("/text", text),
            Route("/visits", visits),
            WebSocketRoute("/echo", echo),
            Mount("/static", StaticFiles(directory=tmp_path)),
        ],
        middleware=[
            Middleware(GZipMiddleware),
            Middleware(SessionMiddleware, secret_key="secret"),
        ],
    )
    with TestClient(app, backend=backend) as client:
        assert client.get("/text").text == "word " * 1000
        assert [client.get("/visits").json() for _ in range(2)] == [{"visits": 1}, {"visits": 2}]
        assert client.get("/static/site.css").text == "h1 {}"
        with client.websocket_connect("/echo") as session:
            session.send_text("hello")
            assert session.receive_text() == "hello"


# Coverage and types


def test_the_long_tier_fails_below_full_coverage_and_nothing_asks_for_an_exception() -> None:
    assert "--fail-under=100" in " ".join(STEPS["matrix"])
    assert [path for path in SOURCES if "pragma: no" in path.read_text()] == []


def test_every_function_is_annotated() -> None:
    assert len(SOURCES) > 100
    bare = [
        f"{path.name}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not is_annotated(node)
    ]
    assert bare == []


def is_annotated(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    found = function.args
    arguments = [*found.posonlyargs, *found.args, *found.kwonlyargs, found.vararg, found.kwarg]
    typed = [
        argument.annotation is not None or argument.arg in ("self", "cls")
        for argument in arguments
        if argument is not None
    ]
    return function.returns is not None and all(typed)


def test_every_package_tells_type_checkers_that_it_is_typed() -> None:
    packages = {path.parent for path in SOURCES if path.parent.parent.name == "src"}
    assert len(packages) == 7
    assert all((package / "py.typed").exists() for package in packages)
