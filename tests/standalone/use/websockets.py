"""starlette-websockets: an echo."""

from tests.standalone.exchange import converse

from starlette_http.types import Receive, Scope, Send
from starlette_websockets import WebSocket


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text.upper())


accept, *frames = converse(app, "one", "two")
assert accept["type"] == "websocket.accept"
assert [frame["text"] for frame in frames] == ["ONE", "TWO"]
