"""What replaces `receive`, `send` and the states of a websocket takes effect."""

from typing import Any

import pytest
from sockets import (
    CONNECT,
    CONNECTING,
    DISCONNECTED,
    Channels,
    Message,
    accepted,
    data,
    text,
    websocket_over,
    websocket_scope,
)

from starlette_websockets.websockets import WebSocket, WebSocketDisconnected

ECHO = [
    "websocket.connect",
    "websocket.accept",
    "websocket.receive",
    "websocket.send",
    "websocket.receive",
    "websocket.send",
    "websocket.close",
]


async def echo_text_and_bytes(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.send_bytes(await websocket.receive_bytes())
    await websocket.close()


async def test_a_subclass_that_overrides_receive_and_send_sees_every_message(
    channel: Channels,
) -> None:
    seen: list[str] = []

    class Logged(WebSocket):
        async def receive(self) -> Message:
            message = await super().receive()
            seen.append(message["type"])
            return message

        async def send(self, message: Message) -> None:
            seen.append(message["type"])
            await super().send(message)

    connection = channel(CONNECT, text("hi"), data(b"hi"))
    await echo_text_and_bytes(Logged(websocket_scope(), connection.receive, connection.send))
    assert seen == ECHO


@pytest.mark.parametrize("on", ["the class", "the instance"])
async def test_a_replaced_receive_and_send_see_every_message(
    on: str, channel: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    connection = channel(CONNECT, text("hi"), data(b"hi"))
    websocket = websocket_over(connection)
    receive, send = WebSocket.receive, WebSocket.send

    async def logged_receive(*_: Any) -> Message:
        message = await receive(websocket)
        seen.append(message["type"])
        return message

    async def logged_send(*arguments: Any) -> None:
        seen.append(arguments[-1]["type"])
        await send(websocket, arguments[-1])

    target = WebSocket if on == "the class" else websocket
    monkeypatch.setattr(target, "receive", logged_receive)
    monkeypatch.setattr(target, "send", logged_send)
    await echo_text_and_bytes(websocket)
    assert seen == ECHO


async def test_replaced_channels_take_effect_at_once(channel: Channels) -> None:
    websocket = await accepted(channel())
    other = channel(text("hi"), data(b"hi"))
    websocket._receive, websocket._send = other.receive, other.send
    await websocket.send_text(await websocket.receive_text())
    await websocket.send_bytes(await websocket.receive_bytes())
    assert [message["type"] for message in other.sent] == ["websocket.send", "websocket.send"]


@pytest.mark.parametrize("name", ["receive_text", "receive_bytes", "receive_json"])
async def test_a_state_that_is_set_takes_effect_at_once(name: str, channel: Channels) -> None:
    connection = channel(text("1"))
    websocket = await accepted(connection)
    websocket.client_state = DISCONNECTED
    with pytest.raises(WebSocketDisconnected, match='Cannot call "receive" once a disconnect'):
        await getattr(websocket, name)()
    websocket.application_state = CONNECTING
    with pytest.raises(WebSocketDisconnected, match='Need to call "accept" first'):
        await getattr(websocket, name)()
    assert connection.incoming == [text("1")]
