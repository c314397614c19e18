"""A request through the whole application."""

from starlette.applications import Starlette
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
