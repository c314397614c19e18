"""A request through the whole application, without and with one of the usual middleware."""

import base64
import json

import anyio.to_thread
import itsdangerous

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from cases import Once, case, drive, http_scope

USER = {"id": 42, "name": "Grace Hopper", "tags": ["admiral", "compiler"], "bio": "x" * 200}


@case("GET / -> text", answer=(200, 13))
def text() -> Once:
    async def endpoint(request):
        return PlainTextResponse("Hello, world!")

    return drive(Starlette(routes=[Route("/", endpoint)]), http_scope())


@case("GET / -> text", answer=(200, 13), contender="raw")
def raw_text() -> Once:
    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-length", b"13"), (b"content-type", b"text/plain; charset=utf-8")],
    }
    body = {"type": "http.response.body", "body": b"Hello, world!"}

    async def app(scope, receive, send):
        await send(start)
        await send(body)

    return drive(app, http_scope())


@case("GET /users/{id:int} -> 300 B JSON", answer=(200, 280))
def user() -> Once:
    async def endpoint(request):
        return JSONResponse({"path": request.path_params["id"]} | USER)

    app = Starlette(routes=[Route("/", endpoint), Route("/users/{id:int}", endpoint)])
    return drive(app, http_scope(path="/users/42"))


@case("GET /nothing -> 404", answer=(404, 9))
def not_found() -> Once:
    async def endpoint(request):
        return PlainTextResponse("Hello, world!")

    return drive(Starlette(routes=[Route("/", endpoint)]), http_scope(path="/nothing"))


@case("GET / -> plain def endpoint", answer=(200, 13))
def threaded() -> Once:
    def endpoint(request):
        return PlainTextResponse("Hello, world!")

    return drive(Starlette(routes=[Route("/", endpoint)]), http_scope())


@case("GET / -> plain def endpoint", answer=(200, 13), contender="raw")
def raw_threaded() -> Once:
    headers = [(b"content-length", b"13"), (b"content-type", b"text/plain; charset=utf-8")]

    def endpoint(scope):
        return b"Hello, world!"

    async def app(scope, receive, send):
        body = await anyio.to_thread.run_sync(endpoint, scope)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return drive(app, http_scope())


@case("CORS, a simple request", answer=(200, 13))
def cors() -> Once:
    async def endpoint(request):
        return PlainTextResponse("Hello, world!")

    origins = ["https://example.org"]
    app = Starlette(
        routes=[Route("/", endpoint)],
        middleware=[Middleware(CORSMiddleware, allow_origins=origins)],
    )
    return drive(app, http_scope(headers=[(b"origin", b"https://example.org")]))


# The answer tells that the cookie was understood: a count that is missing is a 500.
@case("session: read, changed, sent", answer=(200, 2))
def session() -> Once:
    async def endpoint(request):
        request.session["count"] += 1
        return PlainTextResponse(str(request.session["count"]))

    app = Starlette(
        routes=[Route("/", endpoint)],
        middleware=[Middleware(SessionMiddleware, secret_key="secret")],
    )
    data = base64.b64encode(json.dumps({"user": 42, "count": 9}).encode())
    cookie = b"session=" + itsdangerous.TimestampSigner("secret").sign(data)
    return drive(app, http_scope(headers=[(b"cookie", cookie)]))
