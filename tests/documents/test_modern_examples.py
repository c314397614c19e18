"""The modern document, "Installation", "Example" and "Framework or Toolkit", under servers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import starlette_http

Example = Callable[..., dict[str, Any]]
Serve = Callable[..., str]


def test_these_are_the_packages_of_this_project() -> None:
    assert starlette_http.__name__ == "starlette_http"


# Example


def test_the_example_answers_json(modern: Example, serve: Serve) -> None:
    response = httpx.get(serve(modern("Example")["app"]) + "/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {"hello": "world"}


def test_the_example_answers_404_for_another_path(modern: Example, serve: Serve) -> None:
    response = httpx.get(serve(modern("Example")["app"]) + "/nothing")
    assert (response.status_code, response.text) == (404, "Not Found")


@pytest.mark.parametrize(
    "line",
    [
        "uvicorn main:app --port 0",
        "daphne --port 0 main:app",
        "hypercorn main:app --bind 127.0.0.1:0",
        "hypercorn main:app --bind 127.0.0.1:0 --worker-class trio",
    ],
    ids=["uvicorn", "daphne", "hypercorn", "hypercorn on trio"],
)
def test_the_example_runs_under_any_asgi_server(
    line: str, write_main: Callable[..., Path], command: Callable[[str, Path], Any]
) -> None:
    directory = write_main("modern.md", "Example")
    assert httpx.get(command(line, directory).url + "/").json() == {"hello": "world"}


# Framework or Toolkit


def test_a_response_is_usable_without_the_framework(modern: Example, serve: Serve) -> None:
    response = httpx.get(serve(modern("Framework or Toolkit")["app"]) + "/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text == "Hello, world!"


def test_the_toolkit_example_runs_from_the_command_line_as_shown(
    write_main: Callable[..., Path], command: Callable[[str, Path], Any]
) -> None:
    directory = write_main("modern.md", "Framework or Toolkit")
    server = command("uvicorn main:app --port 0", directory)
    assert httpx.get(server.url + "/").text == "Hello, world!"
    assert any("Started server process [" in line for line in server.lines)
    assert f"Uvicorn running on {server.url} (Press CTRL+C to quit)" in server.lines[-1]


def test_with_reload_a_change_of_the_code_is_served(
    write_main: Callable[..., Path], command: Callable[[str, Path], Any]
) -> None:
    directory = write_main("modern.md", "Framework or Toolkit")
    server = command("uvicorn main:app --port 0 --reload", directory)
    server.wait_for("Application startup complete")
    main = directory / "main.py"
    main.write_text(main.read_text().replace("Hello, world!", "Hello again!"))
    server.wait_for("Application startup complete")
    assert httpx.get(server.url + "/").text == "Hello again!"
