"""A websocket of the whole application, driven by a real client."""

from collections.abc import Callable

from websockets.sync.client import connect

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket


async def echo(websocket: WebSocket) -> None:
    await websocket.accept(subprotocol="echo")
    async for text in websocket.iter_text():
        await websocket.send_text(text)


def test_what_is_sent_comes_back(serve: Callable[..., str]) -> None:
    url = serve(Starlette(routes=[WebSocketRoute("/echo", echo)]))
    with connect(url.replace("http", "ws") + "/echo", subprotocols=["echo"]) as client:  # type: ignore[list-item]
        client.send("hello")
        assert client.recv(timeout=5) == "hello"
        assert client.subprotocol == "echo"
