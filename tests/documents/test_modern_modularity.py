"""The modern document, "Framework or Toolkit" and "Modularity": components on their own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

Serve = Callable[..., str]


async def framework(scope: Scope, receive: Receive, send: Send) -> None:
    """An ASGI application that nothing here has anything to do with."""
    assert scope["type"] == "http"
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"1000")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"x" * 1000})


def mounting(prefix: str, app: ASGIApp) -> ASGIApp:
    """Such an application that hands what is below `prefix` to another one."""

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(prefix):
            await app({**scope, "root_path": prefix}, receive, send)
        else:
            await framework(scope, receive, send)

    return dispatch


@pytest.mark.parametrize(
    ("wrapped", "header", "value"),
    [
        (GZipMiddleware(framework), "content-encoding", "gzip"),
        (CORSMiddleware(framework, ["https://example.org"]), "vary", "Origin"),
        (TrustedHostMiddleware(framework, ["127.0.0.1"]), "content-length", "1000"),
        (SessionMiddleware(framework, "secret"), "content-length", "1000"),
    ],
    ids=["gzip", "cors", "trusted host", "sessions"],
)
def test_middleware_wraps_any_asgi_application(
    wrapped: ASGIApp, header: str, value: str, serve: Serve
) -> None:
    headers = {"origin": "https://example.org", "accept-encoding": "gzip"}
    response = httpx.get(serve(wrapped) + "/", headers=headers)
    assert (response.status_code, response.text) == (200, "x" * 1000)
    assert response.headers[header] == value


def test_a_starlette_application_can_be_mounted_in_any_asgi_application(serve: Serve) -> None:
    async def endpoint(request: Request) -> Response:
        return JSONResponse(str(request.url_for("user", name="ada")))

    app = Starlette(routes=[Route("/users/{name}", endpoint, name="user")])
    url = serve(mounting("/api", app))
    assert httpx.get(url + "/api/users/x").json() == f"{url}/api/users/ada"
    assert httpx.get(url + "/users/x").text == "x" * 1000


def test_static_files_can_be_mounted_in_any_asgi_application(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "site.css").write_text("h1 {}")
    url = serve(mounting("/static", StaticFiles(directory=tmp_path)))
    assert httpx.get(url + "/static/site.css").text == "h1 {}"
    missing = httpx.get(url + "/static/missing.css")
    assert (missing.status_code, missing.text) == (404, "Not Found")


def test_a_router_is_an_application_without_the_framework(serve: Serve) -> None:
    async def endpoint(request: Request) -> Response:
        return JSONResponse(request.path_params)

    url = serve(Router([Route("/users/{id:int}", endpoint)]))
    assert httpx.get(url + "/users/7").json() == {"id": 7}
    assert httpx.get(url + "/users/x").status_code == 404


async def test_a_request_reads_any_asgi_scope() -> None:
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": "/a",
        "query_string": b"b=1",
        "headers": [(b"host", b"example.org")],
    }
    request = Request(scope)
    assert (request.url, request.query_params["b"]) == ("http://example.org/a?b=1", "1")
