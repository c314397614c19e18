"""OpenTelemetry's instrumentations, which replace Starlette or the stack of an application."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.starlette import StarletteInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

import starlette.applications
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

EXPORTER = InMemorySpanExporter()
PROVIDER = TracerProvider()
PROVIDER.add_span_processor(SimpleSpanProcessor(EXPORTER))


async def item(request: Request) -> Response:
    if request.path_params["id"] == 0:
        raise ValueError("no such item")
    return PlainTextResponse("an item")


ROUTES = [Mount("/api", routes=[Route("/items/{id:int}", item)]), Route("/plain", item)]


def server_spans() -> list[ReadableSpan]:
    return [span for span in EXPORTER.get_finished_spans() if span.kind is SpanKind.SERVER]


@pytest.fixture(autouse=True)
def exporter() -> Iterator[None]:
    yield
    EXPORTER.clear()


@pytest.fixture
def instrumented() -> Iterator[None]:
    instrumentor = StarletteInstrumentor()
    instrumentor.instrument(tracer_provider=PROVIDER)
    yield
    instrumentor.uninstrument()


@pytest.mark.usefixtures("instrumented")
def test_application_made_after_instrumentation_is_traced() -> None:
    client = TestClient(starlette.applications.Starlette(routes=ROUTES))
    assert client.get("/api/items/1").text == "an item"
    (span,) = server_spans()
    assert span.name == "GET /api"
    assert span.attributes is not None
    assert span.attributes["http.status_code"] == 200


def test_application_is_instrumented_after_it_was_made() -> None:
    app = starlette.applications.Starlette(routes=ROUTES)
    StarletteInstrumentor.instrument_app(app, tracer_provider=PROVIDER)
    assert TestClient(app).get("/api/items/1").text == "an item"
    StarletteInstrumentor.uninstrument_app(app)
    assert TestClient(app).get("/api/items/1").text == "an item"
    assert len(server_spans()) == 1


def test_fastapi_application_is_instrumented_and_restored() -> None:
    app = FastAPI()

    @app.get("/items/{id}")
    async def of_fastapi(id: int) -> int:
        return 1 // id

    FastAPIInstrumentor.instrument_app(app, tracer_provider=PROVIDER)
    client = TestClient(app, raise_server_exceptions=False)
    assert [client.get(f"/items/{n}").status_code for n in (1, 0)] == [200, 500]
    fine, failed = server_spans()
    assert [fine.name, failed.name] == ["GET /items/{id}"] * 2
    assert [event.name for event in failed.events] == ["exception"]
    FastAPIInstrumentor.uninstrument_app(app)
    assert client.get("/items/1").json() == 1
    assert len(server_spans()) == 2
