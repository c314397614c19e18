"""starlette: the example of the modern document, and the one of the classic."""

from typing import Any

from tests.standalone.exchange import ask

from starlette import PlainTextResponse
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Path, Route, Router


async def homepage(request: Request) -> JSONResponse:
    return JSONResponse({"hello": "world"})


class App:
    def __init__(self, scope: Any) -> None:
        self.scope = scope

    async def __call__(self, receive: Any, send: Any) -> None:
        await PlainTextResponse("Hello, world!")(receive, send)


app = Starlette(debug=True, routes=[Route("/", homepage)])
assert ask(app, "/").body == b'{"hello":"world"}'
assert ask(app, "/nothing").status == 404
app = Starlette(routes=[Route("/", homepage)], middleware=[Middleware(GZipMiddleware)])
assert ask(app, "/").body == b'{"hello":"world"}'
assert ask(Router([Path("/", app=App)]), "/").body == b"Hello, world!"
