"""Slowapi's limits: a decorator, two middleware classes and an exception handler."""

import pytest
from slowapi import Limiter, _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded
from slowapi.middleware import SlowAPIASGIMiddleware, SlowAPIMiddleware
from slowapi.util import get_remote_address

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient


def limited(limiter: Limiter, *middleware: type) -> TestClient:
    async def hello(request: Request) -> Response:
        return PlainTextResponse("hello")

    endpoint = hello if middleware else limiter.limit("2/minute")(hello)
    app = Starlette(routes=[Route("/", endpoint)])
    app.state.limiter = limiter
    app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)
    for layer in middleware:
        app.add_middleware(layer)
    return TestClient(app)


def test_third_call_of_a_limited_endpoint_is_429() -> None:
    client = limited(Limiter(get_remote_address, headers_enabled=True))
    answers = [client.get("/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]


@pytest.mark.parametrize("middleware", [SlowAPIMiddleware, SlowAPIASGIMiddleware])
def test_default_limit_in_a_middleware(middleware: type) -> None:
    limiter = Limiter(get_remote_address, default_limits=["2/minute"])
    client = limited(limiter, middleware)
    assert [client.get("/").status_code for _ in range(3)] == [200, 200, 429]
