"""The classic document, "Debugging" and "Decorators"."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from starlette import HTMLResponse, Request, Response, TestClient, asgi_application

Example = Callable[..., dict[str, Any]]
Serve = Callable[..., str]

PAGE = "<html><body>Hello, world!</body></html>"


# Debugging


def test_a_browser_is_shown_the_traceback(classic: Example, serve: Serve) -> None:
    url = serve(classic("Debugging")["app"])
    response = httpx.get(url + "/", headers={"accept": "text/html"})
    assert response.status_code == 500
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "Traceback (most recent call last)" in response.text
    assert "RuntimeError: Something went wrong" in response.text


def test_another_client_gets_the_traceback_as_text(classic: Example, serve: Serve) -> None:
    response = httpx.get(serve(classic("Debugging")["app"]) + "/")
    assert response.status_code == 500
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text.startswith("Traceback (most recent call last)")
    assert response.text.endswith("RuntimeError: Something went wrong\n")


# Decorators


def test_the_decorated_function_is_an_application(classic: Example, serve: Serve) -> None:
    response = httpx.get(serve(classic("Decorators")["app"]) + "/")
    assert (response.status_code, response.text) == (200, PAGE)
    assert response.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "line",
    [
        "uvicorn main:app --port 0",
        "daphne --port 0 main:app",
        # Told what it is: before Python 3.12 hypercorn cannot see that the call is asynchronous.
        "hypercorn asgi:main:app --bind 127.0.0.1:0",
    ],
)
def test_the_decorated_function_runs_under_any_asgi_server(
    line: str, write_main: Callable[..., Path], command: Callable[[str, Path], Any]
) -> None:
    directory = write_main("classic.md", "Decorators")
    assert httpx.get(command(line, directory).url + "/").text == PAGE


def test_a_standard_function_can_be_decorated_and_runs_in_a_thread(serve: Serve) -> None:
    threads = []

    @asgi_application
    def app(request: Request) -> Response:
        threads.append(threading.current_thread())
        return HTMLResponse(f"{request.method} {request.url.path}")

    assert httpx.put(serve(app) + "/path").text == "PUT /path"
    assert threads[0].name.startswith("AnyIO worker thread")


def test_the_function_takes_a_single_request(classic: Example) -> None:
    requests = []

    @asgi_application
    async def app(*arguments: Request) -> Response:
        requests.append(arguments)
        return HTMLResponse("")

    TestClient(app).get("/path")
    assert [[type(argument) for argument in arguments] for arguments in requests] == [[Request]]
