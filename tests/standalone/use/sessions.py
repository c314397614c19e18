"""starlette-middleware[sessions]: a counter in a signed cookie."""

from typing import Any

from tests.standalone.exchange import ask

from starlette_http import JSONResponse
from starlette_middleware.sessions import SessionMiddleware


async def count(scope: Any, receive: Any, send: Any) -> None:
    scope["session"]["visits"] = scope["session"].get("visits", 0) + 1
    await JSONResponse(scope["session"])(scope, receive, send)


app = SessionMiddleware(count, secret_key="secret")
cookie = ask(app, "/").headers["set-cookie"].partition(";")[0]
assert ask(app, "/", {"cookie": cookie}).body == b'{"visits":2}'
assert ask(app, "/", {"cookie": cookie + "x"}).body == b'{"visits":1}'
