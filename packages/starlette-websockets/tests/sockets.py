"""What the tests of the websocket share: messages, and sockets over raw ASGI channels."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette_websockets.websockets import WebSocket, WebSocketState

Message = MutableMapping[str, Any]
Channels = Callable[..., Any]

CONNECTING = WebSocketState.CONNECTING
CONNECTED = WebSocketState.CONNECTED
DISCONNECTED = WebSocketState.DISCONNECTED
RESPONSE = WebSocketState.RESPONSE

CONNECT = {"type": "websocket.connect"}
ACCEPT = {"type": "websocket.accept"}
SEND = {"type": "websocket.send", "text": "hi"}
CLOSE = {"type": "websocket.close"}
START = {"type": "websocket.http.response.start", "status": 403, "headers": []}
BODY = {"type": "websocket.http.response.body", "body": b"no"}
MORE_BODY = {"type": "websocket.http.response.body", "body": b"n", "more_body": True}
DISCONNECT = {"type": "websocket.disconnect", "code": 1001, "reason": "bye"}

BEFORE_CONNECT = 'Expected ASGI message "websocket.connect", but got '
AFTER_CONNECT = 'Expected ASGI message "websocket.receive" or "websocket.disconnect", but got '


def text(data: str | None) -> Message:
    return {"type": "websocket.receive", "text": data}


def data(payload: bytes) -> Message:
    return {"type": "websocket.receive", "bytes": payload}


def websocket_scope(**more: Any) -> dict[str, Any]:
    return {"type": "websocket", "path": "/", "headers": [], "query_string": b"", **more}


def websocket_over(channel: Any, **scope: Any) -> WebSocket:
    return WebSocket(websocket_scope(**scope), channel.receive, channel.send)


async def accepted(channel: Any) -> WebSocket:
    """A socket past its handshake, with nothing noted as sent yet."""
    channel.incoming.insert(0, CONNECT)
    websocket = websocket_over(channel)
    await websocket.accept()
    channel.sent.clear()
    return websocket


async def no_receive() -> Message:
    raise AssertionError("nothing is to be received in this test")


async def no_send(message: Message) -> None:
    raise AssertionError("nothing is to be sent in this test")


def websocket_between(
    receive: Callable[[], Awaitable[Message]] = no_receive,
    send: Callable[[Message], Awaitable[None]] = no_send,
) -> WebSocket:
    """A socket on a server whose `receive` and `send` do what a test says."""
    return WebSocket(websocket_scope(), receive, send)


async def open_between(
    receive: Callable[[], Awaitable[Message]] = no_receive,
    send: Callable[[Message], Awaitable[None]] = no_send,
) -> WebSocket:
    """The same, past its handshake."""

    async def connect() -> Message:
        return CONNECT

    async def accept(message: Message) -> None:
        assert message["type"] == "websocket.accept"

    websocket = websocket_between(connect, accept)
    await websocket.accept()
    websocket._receive, websocket._send = receive, send
    return websocket
