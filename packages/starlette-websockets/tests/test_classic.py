"""The session of the classic document, which speaks of optional channels and `Disconnect`."""

from collections.abc import Callable
from typing import Any

import pytest

from starlette_websockets.websockets import (
    Disconnect,
    WebSocket,
    WebSocketDisconnect,
    WebSocketSession,
)

Channels = Callable[..., Any]


def scope(**more: Any) -> dict[str, Any]:
    return {
        "type": "websocket",
        "scheme": "wss",
        "path": "/chat",
        "query_string": b"room=one",
        "headers": [(b"host", b"example.org"), (b"sec-websocket-version", b"13")],
        **more,
    }


def test_a_session_is_a_websocket() -> None:
    assert issubclass(WebSocketSession, WebSocket)


def test_a_session_needs_no_channels_to_be_read() -> None:
    session = WebSocketSession(scope())
    assert session["path"] == "/chat"
    assert isinstance(session.url, str)
    assert session.url == "wss://example.org/chat?room=one"
    assert session.url.path == "/chat"
    assert session.headers["sec-websocket-version"] == "13"
    assert session.query_params["room"] == "one"


async def test_receiving_without_a_channel_is_a_runtime_error() -> None:
    with pytest.raises(RuntimeError) as caught:
        await WebSocketSession(scope()).receive()
    assert str(caught.value) == "Receive channel has not been made available"


async def test_sending_without_a_channel_is_a_runtime_error() -> None:
    with pytest.raises(RuntimeError) as caught:
        await WebSocketSession(scope()).close()
    assert str(caught.value) == "Send channel has not been made available"


async def test_the_documented_application_runs_between_a_scope_and_two_channels(
    channel: Channels,
) -> None:
    class App:
        def __init__(self, scope: dict[str, Any]) -> None:
            self.scope = scope

        async def __call__(self, receive: Any, send: Any) -> None:
            session = WebSocketSession(self.scope, receive=receive, send=send)
            await session.accept()
            await session.send_text("Hello, world!")
            await session.close()

    connection = channel({"type": "websocket.connect"})
    await App(scope())(connection.receive, connection.send)
    assert connection.sent == [
        {"type": "websocket.accept", "subprotocol": None, "headers": []},
        {"type": "websocket.send", "text": "Hello, world!"},
        {"type": "websocket.close", "code": 1000, "reason": ""},
    ]


def test_disconnect_is_the_modern_exception() -> None:
    assert Disconnect is WebSocketDisconnect
    assert Disconnect().code == 1000


async def test_receiving_raises_disconnect_when_the_peer_leaves(channel: Channels) -> None:
    connection = channel(
        {"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1001}
    )
    session = WebSocketSession(scope(), connection.receive, connection.send)
    await session.accept()
    with pytest.raises(Disconnect) as caught:
        await session.receive_text()
    assert caught.value.code == 1001
