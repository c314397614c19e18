"""What the first document promised: `asgi_application`, and redirects with 302."""

import inspect
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from starlette_http import responses
from starlette_http.asgi2 import as_asgi3
from starlette_http.callables import is_async_callable
from starlette_http.classic import RedirectResponse, asgi_application
from starlette_http.requests import Request
from starlette_http.responses import PlainTextResponse, Response
from starlette_http.types import Scope

SCOPE: Scope = {"type": "http", "method": "GET", "path": "/here", "headers": []}


@asgi_application
async def hello(request: Request) -> Response:
    """Greet."""
    return PlainTextResponse(f"Hello from {request.url.path}")


async def test_answers_as_asgi_3(channel: Any) -> None:
    connection = channel()
    await hello(SCOPE, connection.receive, connection.send)
    assert connection.body == b"Hello from /here"


async def test_answers_as_asgi_2(channel: Any) -> None:
    connection = channel()
    app: Any = hello
    await app(SCOPE)(connection.receive, connection.send)
    assert connection.body == b"Hello from /here"


async def test_request_has_the_body(channel: Any) -> None:
    @asgi_application
    async def app(request: Request) -> Response:
        return Response(await request.body())

    connection = channel({"type": "http.request", "body": b"sent"})
    await app(SCOPE, connection.receive, connection.send)
    assert connection.body == b"sent"


async def test_files_of_a_form_are_closed_when_the_response_was_sent(channel: Any) -> None:
    pytest.importorskip("python_multipart")
    files: list[Any] = []

    @asgi_application
    async def upload(request: Request) -> Response:
        files.append((await request.form())["file"])
        return PlainTextResponse(await files[0].read())

    disposition = b'Content-Disposition: form-data; name="file"; filename="a.txt"'
    connection = channel(
        {"type": "http.request", "body": b"--b\r\n" + disposition + b"\r\n\r\ntext\r\n--b--\r\n"}
    )
    headers = [(b"content-type", b"multipart/form-data; boundary=b")]
    await upload({**SCOPE, "headers": headers}, connection.receive, connection.send)
    assert connection.body == b"text"
    assert files[0].file.closed


async def test_plain_function_runs_in_a_worker_thread(channel: Any) -> None:
    threads = []

    @asgi_application
    def app(request: Request) -> Response:
        threads.append(threading.current_thread())
        return PlainTextResponse("done")

    connection = channel()
    await app(SCOPE, connection.receive, connection.send)
    assert connection.body == b"done"
    assert threads != [threading.current_thread()]


def test_is_recognised_as_an_asgi_3_application() -> None:
    assert is_async_callable(hello)
    assert as_asgi3(hello) is hello


def test_is_served_over_a_socket(serve: Callable[..., str]) -> None:
    assert httpx.get(serve(hello) + "/there").text == "Hello from /there"


def test_is_served_over_a_socket_as_asgi_2(serve: Callable[..., str]) -> None:
    url = serve(hello, interface="asgi2", lifespan="off")
    assert httpx.get(url + "/there").text == "Hello from /there"


def test_keeps_name_documentation_and_function() -> None:
    assert (hello.__name__, hello.__doc__) == ("hello", "Greet.")
    assert inspect.unwrap(hello).__name__ == "hello"
    assert repr(hello) == "<asgi_application hello>"


async def test_lifespan_is_refused_at_once(channel: Any) -> None:
    connection = channel()
    with pytest.raises(RuntimeError, match="hello> answers http requests only, not 'lifespan'"):
        await hello({"type": "lifespan"}, connection.receive, connection.send)


def test_classic_redirect_is_302() -> None:
    assert RedirectResponse("/next").status_code == 302
    assert RedirectResponse("/next", 303).status_code == 303


def test_classic_redirect_is_a_redirect_response_of_the_same_name() -> None:
    response = RedirectResponse("/next", headers={"x-a": "b"})
    assert isinstance(response, responses.RedirectResponse)
    assert type(response).__name__ == "RedirectResponse"
    assert response.headers["location"] == "/next"
    assert response.headers["x-a"] == "b"


def test_modern_redirect_is_307() -> None:
    assert responses.RedirectResponse("/next").status_code == 307
