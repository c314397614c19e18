"""The classic document, its front page: what there is, and the first example under servers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import starlette
import starlette_http

Example = Callable[..., dict[str, Any]]
Serve = Callable[..., str]


def test_these_are_the_packages_of_this_project() -> None:
    assert starlette_http.__name__ == "starlette_http"


@pytest.mark.parametrize(
    "name",
    [
        "FileResponse",
        "HTMLResponse",
        "JSONResponse",
        "PlainTextResponse",
        "RedirectResponse",
        "Request",
        "Response",
        "StreamingResponse",
        "TestClient",
        "asgi_application",
    ],
)
def test_the_names_of_the_document_are_at_the_top_level(name: str) -> None:
    assert getattr(starlette, name).__name__ == name
    assert name in starlette.__all__


def test_the_first_example_answers_over_a_socket(classic: Example, serve: Serve) -> None:
    response = httpx.get(serve(classic("Example")["App"]) + "/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text == "Hello, world!"


def test_the_first_example_answers_where_the_server_is_told_that_it_is_asgi_2(
    classic: Example, serve: Serve
) -> None:
    response = httpx.get(serve(classic("Example")["App"], interface="asgi2") + "/")
    assert response.text == "Hello, world!"


@pytest.mark.parametrize("line", ["uvicorn main:App --port 0", "daphne --port 0 main:App"])
def test_the_first_example_runs_under_servers_that_know_asgi_2(
    line: str, write_main: Callable[..., Path], command: Callable[[str, Path], Any]
) -> None:
    directory = write_main("classic.md", "Example")
    response = httpx.get(command(line, directory).url + "/")
    assert (response.status_code, response.text) == (200, "Hello, world!")


def test_the_first_example_runs_adapted_under_a_server_that_knows_asgi_3_only(
    write_main: Callable[..., Path], command: Callable[[str, Path], Any]
) -> None:
    adapted = "\n\nfrom starlette_http import as_asgi3\n\napp = as_asgi3(App)\n"
    directory = write_main("classic.md", "Example", adapted)
    response = httpx.get(command("hypercorn main:app --bind 127.0.0.1:0", directory).url + "/")
    assert (response.status_code, response.text) == (200, "Hello, world!")
