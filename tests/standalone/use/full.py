"""starlette[full]: forms, templates, sessions, schemas, traces and the test client together."""

import tempfile
from pathlib import Path

from starlette import TestClient
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.opentelemetry import OpenTelemetryMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.schemas import SchemaGenerator
from starlette.templating import Jinja2Templates

directory = tempfile.TemporaryDirectory()
Path(directory.name, "names.html").write_text("{{ request.session['names'] | join(', ') }}")
templates = Jinja2Templates(directory=directory.name)
schemas = SchemaGenerator({"openapi": "3.0.0"})


async def names(request: Request) -> Response:
    """responses: {200: {description: the names so far}}"""
    async with request.form() as form:
        upload = form["file"]
    request.session.setdefault("names", []).append(getattr(upload, "filename", None))
    return templates.TemplateResponse(request, "names.html")


async def schema(request: Request) -> Response:
    return schemas.OpenAPIResponse(request=request)


app = Starlette(
    routes=[
        Route("/", names, methods=["POST"]),
        Route("/schema", schema, include_in_schema=False),
    ],
    middleware=[
        Middleware(OpenTelemetryMiddleware),
        Middleware(SessionMiddleware, secret_key="secret"),
    ],
)
with directory, TestClient(app) as client:
    assert client.post("/", files={"file": ("a.txt", b"a")}).text == "a.txt"
    assert client.post("/", files={"file": ("b.txt", b"b")}).text == "a.txt, b.txt"
    assert "the names so far" in client.get("/schema").text
