"""The same small applications in the frameworks that people choose between.

Each answers "GET /" with a text and "GET /users/{id}" with 300 B of JSON; it has 1,000 more routes,
of which the last is asked for. They run as ASGI applications in one process: servers, event loops
and parsers stay outside. Every framework is given its own way to write an endpoint; none is given a
cache, a validation or a schema.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from cases import Once, case, drive, http_scope

TEXT = "Hello, world!"
USER = {"id": 42, "name": "Grace Hopper", "tags": ["admiral", "compiler"], "bio": "x" * 200}
TABLE = [f"/api/v1/thing{n}" for n in range(1_000)]

Make = Callable[[], Awaitable[Any]]


async def started(app: Any) -> Any:
    """The application after its lifespan's startup, which some build their tables in."""
    messages = [{"type": "lifespan.startup"}]
    complete: list[Any] = []

    async def receive() -> Any:
        if messages:
            return messages.pop()
        raise EndOfLifespan

    async def send(message: Any) -> None:
        complete.append(message)

    try:
        await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
    except BaseExceptionGroup:
        pass
    except EndOfLifespan:
        pass
    return app


class EndOfLifespan(Exception):
    """Enough: the application has started, and shall not shut down while it is measured."""


async def starlette() -> Any:
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, PlainTextResponse
    from starlette.routing import Route

    async def text(request):
        return PlainTextResponse(TEXT)

    async def user(request):
        return JSONResponse(USER | {"id": request.path_params["id"]})

    table = [Route(path, text) for path in TABLE]
    return Starlette(routes=[Route("/", text), Route("/users/{id:int}", user), *table])


async def fastapi() -> Any:
    from fastapi import FastAPI
    from fastapi.responses import PlainTextResponse

    app = FastAPI(openapi_url=None)

    async def text():
        return PlainTextResponse(TEXT)

    async def user(id: int):
        return USER | {"id": id}

    app.get("/")(text)
    app.get("/users/{id}")(user)
    for path in TABLE:
        app.get(path)(text)
    return app


async def falcon() -> Any:
    import falcon
    import falcon.asgi

    class Text:
        async def on_get(self, request, response):
            response.content_type = falcon.MEDIA_TEXT
            response.text = TEXT

    class User:
        async def on_get(self, request, response, id):
            response.media = USER | {"id": id}

    app = falcon.asgi.App()
    app.add_route("/", Text())
    app.add_route("/users/{id:int}", User())
    for path in TABLE:
        app.add_route(path, Text())
    return app


async def blacksheep() -> Any:
    from blacksheep import Application
    from blacksheep.server.responses import json, text

    app = Application()

    async def hello(request):
        return text(TEXT)

    async def user(request):
        return json(USER | {"id": int(request.route_values["id"])})

    app.router.add_get("/", hello)
    app.router.add_get("/users/:id", user)
    for path in TABLE:
        app.router.add_get(path, hello)
    await app.start()
    return app


async def litestar() -> Any:
    from litestar import Litestar, MediaType, get

    @get("/", media_type=MediaType.TEXT)
    async def text() -> str:
        return TEXT

    @get("/users/{id:int}")
    async def user(id: int) -> dict[str, Any]:
        return USER | {"id": id}

    @get(TABLE, media_type=MediaType.TEXT)
    async def table() -> str:
        return TEXT

    return await started(Litestar([text, user, table], openapi_config=None))


async def quart() -> Any:
    import quart

    app = quart.Quart("benchmark")

    async def text():
        return quart.Response(TEXT, mimetype="text/plain")

    async def user(id):
        return USER | {"id": id}

    app.add_url_rule("/", "text", text)
    app.add_url_rule("/users/<int:id>", "user", user)
    for path in TABLE:
        app.add_url_rule(path, path, text)
    return app


async def sanic() -> Any:
    import sanic

    app = sanic.Sanic("benchmark", configure_logging=False)

    async def text(request):
        return sanic.text(TEXT)

    async def user(request, id):
        return sanic.json(USER | {"id": id})

    app.add_route(text, "/")
    app.add_route(user, "/users/<id:int>")
    for number, path in enumerate(TABLE):
        app.add_route(text, path, name=f"thing{number}")
    return await started(app)


FRAMEWORKS: dict[str, Make] = {
    "starlette": starlette,
    "fastapi": fastapi,
    "falcon": falcon,
    "blacksheep": blacksheep,
    "litestar": litestar,
    "quart": quart,
    "sanic": sanic,
}
REQUESTS = {
    "GET / -> text": ("/", (200, 13)),
    "GET /users/{id} -> 300 B JSON": ("/users/42", (200, None)),
    "the last of 1,000 routes": (TABLE[-1], (200, 13)),
}
_applications: dict[str, Any] = {}


def register(name: str, path: str, answer: Any, contender: str, make: Make) -> None:
    @case(name, answer=answer, contender=contender)
    async def request() -> Once:
        if contender not in _applications:
            _applications[contender] = await make()
        return drive(_applications[contender], http_scope(path=path))


for request_name, (request_path, request_answer) in REQUESTS.items():
    for framework, make_application in FRAMEWORKS.items():
        register(request_name, request_path, request_answer, framework, make_application)
