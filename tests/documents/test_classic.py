"""The classic document: its examples, served by uvicorn."""

from collections.abc import Callable
from typing import Any

import httpx

Example = Callable[..., dict[str, Any]]
Serve = Callable[..., str]


def test_the_first_example_answers_over_a_socket(classic: Example, serve: Serve) -> None:
    app = classic("Example")["App"]
    response = httpx.get(serve(app, interface="asgi2", lifespan="off") + "/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text == "Hello, world!"


def test_the_server_sees_by_itself_that_the_first_example_is_asgi_2(
    classic: Example, serve: Serve
) -> None:
    response = httpx.get(serve(classic("Example")["App"], lifespan="off") + "/")
    assert response.text == "Hello, world!"
