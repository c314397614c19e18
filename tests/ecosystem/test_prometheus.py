"""prometheus-fastapi-instrumentator, which asks the routes for the template of a path."""

import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from prometheus_fastapi_instrumentator import Instrumentator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient


async def item(request: Request) -> Response:
    return PlainTextResponse("an item")


def on_starlette() -> Starlette:
    return Starlette(routes=[Mount("/api", routes=[Route("/items/{id:int}", item)])])


def on_fastapi() -> Starlette:
    app = FastAPI()
    app.mount("/api", Starlette(routes=[Route("/items/{id:int}", item)]))
    return app


@pytest.mark.parametrize("make", [on_starlette, on_fastapi])
def test_requests_are_counted_by_the_template_of_their_path(make: type) -> None:
    app = make()
    registry = CollectorRegistry()
    Instrumentator(registry=registry).instrument(app).expose(app)
    client = TestClient(app)
    assert [client.get(f"/api/items/{n}").status_code for n in (1, 2)] == [200, 200]
    labels = 'handler="/api/items/{id}",method="GET",status="2xx"'
    wanted = [f"http_requests_total{{{labels}}} 2.0"]
    lines = client.get("/metrics").text.replace("{id:int}", "{id}").splitlines()
    assert [line for line in lines if line.startswith("http_requests_total{")] == wanted
