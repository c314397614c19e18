"""starlette-routing: a router of http and websocket routes."""

from tests.standalone.exchange import ask, converse

from starlette_http import JSONResponse, Request
from starlette_routing import Mount, Route, Router, WebSocketRoute
from starlette_websockets import WebSocket


async def user(request: Request) -> JSONResponse:
    return JSONResponse([request.path_params, str(request.url_for("api:user", id=8))])


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


app = Router(
    [
        Mount("/api", name="api", routes=[Route("/users/{id:int}", user, name="user")]),
        WebSocketRoute("/", echo),
    ]
)

assert ask(app, "/api/users/7").body == b'[{"id":7},"http://example.org/api/users/8"]'
assert ask(app, "/api/users/x").status == 404
assert ask(app, "/api/users/7", method="PUT").status == 405
assert converse(app, "hello")[1]["text"] == "hello"
