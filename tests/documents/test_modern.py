"""The modern document: its examples, served by uvicorn."""

from collections.abc import Callable
from typing import Any

import httpx

import starlette_http

Example = Callable[..., dict[str, Any]]
Serve = Callable[..., str]


def test_these_are_the_packages_of_this_project() -> None:
    assert starlette_http.__name__ == "starlette_http"


def test_the_example_answers_json(modern: Example, serve: Serve) -> None:
    response = httpx.get(serve(modern("Example")["app"]) + "/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {"hello": "world"}


def test_the_example_answers_404_for_another_path(modern: Example, serve: Serve) -> None:
    response = httpx.get(serve(modern("Example")["app"]) + "/nothing")
    assert (response.status_code, response.text) == (404, "Not Found")


def test_a_response_is_usable_without_the_framework(modern: Example, serve: Serve) -> None:
    response = httpx.get(serve(modern("Framework or Toolkit")["app"], lifespan="off") + "/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text == "Hello, world!"
