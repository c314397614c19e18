"""The synchronous client: requests, responses, failures of the application."""

from typing import Any

import pytest

from starlette_testclient import TestClient


async def hello(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"1")]})
    await send({"type": "http.response.body", "body": b"Hello, world!"})


def test_get_returns_what_the_application_sent() -> None:
    response = TestClient(hello).get("/")
    assert (response.status_code, response.headers["x-a"]) == (200, "1")
    assert response.text == "Hello, world!"


def test_an_exception_of_the_application_reaches_the_caller() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        TestClient(app).get("/")
