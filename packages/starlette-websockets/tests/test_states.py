"""The websocket's states: how they begin, and every raw message, legal and not."""

from typing import Any, TypedDict

import pytest
from sockets import (
    ACCEPT,
    AFTER_CONNECT,
    BEFORE_CONNECT,
    BODY,
    CLOSE,
    CONNECT,
    CONNECTED,
    CONNECTING,
    DISCONNECT,
    DISCONNECTED,
    MORE_BODY,
    RESPONSE,
    SEND,
    START,
    Channels,
    Message,
    open_between,
    text,
    websocket_between,
    websocket_over,
    websocket_scope,
)

from starlette_websockets.websockets import (
    WebSocket,
    WebSocketDisconnect,
    WebSocketDisconnected,
    WebSocketState,
)

# Construction


def test_both_states_start_connecting(channel: Channels) -> None:
    websocket = websocket_over(channel())
    assert (websocket.client_state, websocket.application_state) == (CONNECTING, CONNECTING)


def test_the_states_have_upstream_values() -> None:
    assert [(state.name, state.value) for state in WebSocketState] == [
        ("CONNECTING", 0),
        ("CONNECTED", 1),
        ("DISCONNECTED", 2),
        ("RESPONSE", 3),
    ]


@pytest.mark.parametrize("kind", ["http", "lifespan"])
def test_another_scope_is_refused(kind: str, channel: Channels) -> None:
    with pytest.raises(AssertionError):
        WebSocket({"type": kind, "path": "/", "headers": []}, channel().receive, channel().send)


def test_a_websocket_is_a_mapping_over_its_scope(channel: Channels) -> None:
    websocket = websocket_over(channel(), path="/chat")
    assert websocket["path"] == "/chat"
    assert dict(websocket) == websocket.scope
    assert len(websocket) == len(websocket.scope)


def test_websockets_are_equal_by_identity(channel: Channels) -> None:
    first, second = websocket_over(channel()), websocket_over(channel())
    assert first == first
    assert first != second
    assert len({first, second}) == 2


def test_the_url_has_the_scheme_of_the_scope(channel: Channels) -> None:
    websocket = websocket_over(channel(), scheme="wss", headers=[(b"host", b"example.org")])
    assert websocket.url == "wss://example.org/"


def test_without_a_scheme_in_the_scope_the_url_is_ws(channel: Channels) -> None:
    websocket = websocket_over(channel(), headers=[(b"host", b"example.org")])
    assert websocket.url == "ws://example.org/"


def test_state_is_shared_through_the_scope(channel: Channels) -> None:
    websocket = websocket_over(channel(), state={"user": "ada"})
    websocket.state.room = "one"
    assert websocket.state["user"] == "ada"
    assert websocket.scope["state"] == {"user": "ada", "room": "one"}


def test_the_class_can_be_subscripted_with_the_type_of_its_state(channel: Channels) -> None:
    class Rooms(TypedDict):
        room: str

    websocket = WebSocket[Rooms](websocket_scope(), channel().receive, channel().send)
    websocket.state["room"] = "one"
    assert websocket.state["room"] == "one"


# Receiving raw messages


@pytest.mark.parametrize(
    ("state", "message", "following"),
    [
        (CONNECTING, CONNECT, CONNECTED),
        (CONNECTED, text("hi"), CONNECTED),
        (CONNECTED, DISCONNECT, DISCONNECTED),
    ],
)
async def test_a_legal_message_is_received(
    state: WebSocketState, message: Message, following: WebSocketState, channel: Channels
) -> None:
    websocket = websocket_over(channel(message))
    websocket.client_state = state
    assert await websocket.receive() is message
    assert websocket.client_state is following
    assert websocket.application_state is CONNECTING


@pytest.mark.parametrize(
    ("state", "kind", "error"),
    [
        (CONNECTING, "websocket.receive", BEFORE_CONNECT + "'websocket.receive'"),
        (CONNECTING, "websocket.disconnect", BEFORE_CONNECT + "'websocket.disconnect'"),
        (CONNECTING, "future", BEFORE_CONNECT + "'future'"),
        (CONNECTED, "websocket.connect", AFTER_CONNECT + "'websocket.connect'"),
        (CONNECTED, "http.request", AFTER_CONNECT + "'http.request'"),
    ],
)
async def test_an_illegal_message_received_is_an_error_and_changes_nothing(
    state: WebSocketState, kind: str, error: str, channel: Channels
) -> None:
    websocket = websocket_over(channel({"type": kind}))
    websocket.client_state = state
    with pytest.raises(RuntimeError) as caught:
        await websocket.receive()
    assert str(caught.value) == error
    assert websocket.client_state is state


async def test_after_the_disconnect_the_server_is_not_asked_again(channel: Channels) -> None:
    connection = channel(CONNECT, DISCONNECT, text("late"))
    websocket = websocket_over(connection)
    await websocket.receive()
    await websocket.receive()
    with pytest.raises(WebSocketDisconnected) as caught:
        await websocket.receive()
    assert str(caught.value) == (
        'Cannot call "receive" once a disconnect message has been received.'
    )
    assert connection.incoming == [text("late")]


# Sending raw messages


@pytest.mark.parametrize(
    ("state", "message", "following"),
    [
        (CONNECTING, ACCEPT, CONNECTED),
        (CONNECTING, CLOSE, DISCONNECTED),
        (CONNECTING, START, RESPONSE),
        (CONNECTED, SEND, CONNECTED),
        (CONNECTED, CLOSE, DISCONNECTED),
        (RESPONSE, MORE_BODY, RESPONSE),
        (RESPONSE, BODY, DISCONNECTED),
    ],
)
async def test_a_legal_message_is_sent(
    state: WebSocketState, message: Message, following: WebSocketState, channel: Channels
) -> None:
    connection = channel()
    websocket = websocket_over(connection)
    websocket.application_state = state
    await websocket.send(message)
    assert connection.sent == [message]
    assert websocket.application_state is following
    assert websocket.client_state is CONNECTING


BEFORE_ACCEPT = (
    'Expected ASGI message "websocket.accept", "websocket.close" or '
    '"websocket.http.response.start", but got '
)
AFTER_ACCEPT = 'Expected ASGI message "websocket.send" or "websocket.close", but got '
IN_DENIAL = 'Expected ASGI message "websocket.http.response.body", but got '


@pytest.mark.parametrize(
    ("state", "kind", "error"),
    [
        (CONNECTING, "websocket.send", BEFORE_ACCEPT + "'websocket.send'"),
        (CONNECTING, BODY["type"], BEFORE_ACCEPT + "'websocket.http.response.body'"),
        (CONNECTING, "http.response.start", BEFORE_ACCEPT + "'http.response.start'"),
        (CONNECTED, "websocket.accept", AFTER_ACCEPT + "'websocket.accept'"),
        (CONNECTED, START["type"], AFTER_ACCEPT + "'websocket.http.response.start'"),
        (CONNECTED, BODY["type"], AFTER_ACCEPT + "'websocket.http.response.body'"),
        (RESPONSE, "websocket.accept", IN_DENIAL + "'websocket.accept'"),
        (RESPONSE, "websocket.send", IN_DENIAL + "'websocket.send'"),
        (RESPONSE, "websocket.close", IN_DENIAL + "'websocket.close'"),
        (RESPONSE, START["type"], IN_DENIAL + "'websocket.http.response.start'"),
    ],
)
async def test_an_illegal_message_is_not_sent_and_changes_nothing(
    state: WebSocketState, kind: Any, error: str, channel: Channels
) -> None:
    connection = channel()
    websocket = websocket_over(connection)
    websocket.application_state = state
    with pytest.raises(RuntimeError) as caught:
        await websocket.send({"type": kind})
    assert type(caught.value) is RuntimeError
    assert str(caught.value) == error
    assert connection.sent == []
    assert websocket.application_state is state


@pytest.mark.parametrize("message", [ACCEPT, SEND, CLOSE, START, BODY], ids=lambda m: m["type"])
async def test_nothing_can_be_sent_after_our_close(message: Message, channel: Channels) -> None:
    connection = channel()
    websocket = websocket_over(connection)
    websocket.application_state = DISCONNECTED
    with pytest.raises(WebSocketDisconnected) as caught:
        await websocket.send(message)
    assert str(caught.value) == 'Cannot call "send" once a close message has been sent.'
    assert connection.sent == []


@pytest.mark.parametrize("message", [SEND, CLOSE], ids=lambda m: m["type"])
async def test_a_broken_connection_is_a_disconnect_with_1006(message: Message) -> None:
    async def broken(message: Message) -> None:
        raise ConnectionResetError("gone")

    websocket = await open_between(send=broken)
    with pytest.raises(WebSocketDisconnect) as caught:
        await websocket.send(message)
    assert (caught.value.code, caught.value.reason) == (1006, "")
    assert isinstance(caught.value.__context__, ConnectionResetError)
    assert websocket.application_state is DISCONNECTED


@pytest.mark.parametrize(
    ("message", "following"),
    [(ACCEPT, CONNECTED), (CLOSE, DISCONNECTED), (START, RESPONSE)],
    ids=lambda value: value["type"] if isinstance(value, dict) else value.name,
)
async def test_a_connection_broken_before_accept_stays_an_oserror(
    message: Message, following: WebSocketState
) -> None:
    async def broken(message: Message) -> None:
        raise OSError("gone")

    websocket = websocket_between(send=broken)
    with pytest.raises(OSError, match="gone"):
        await websocket.send(message)
    assert websocket.application_state is following


async def test_other_errors_of_the_server_pass_through() -> None:
    async def picky(message: Message) -> None:
        raise TypeError("text must be str")

    websocket = await open_between(send=picky)
    with pytest.raises(TypeError, match="text must be str"):
        await websocket.send(SEND)
    assert websocket.application_state is CONNECTED


@pytest.mark.parametrize(("name", "frame"), [("send_text", "hi"), ("send_bytes", b"hi")])
async def test_a_frame_for_a_broken_connection_is_a_disconnect_with_1006(
    name: str, frame: Any
) -> None:
    async def broken(message: Message) -> None:
        raise ConnectionResetError("gone")

    websocket = await open_between(send=broken)
    with pytest.raises(WebSocketDisconnect) as caught:
        await getattr(websocket, name)(frame)
    assert (caught.value.code, caught.value.reason) == (1006, "")
    assert isinstance(caught.value.__context__, ConnectionResetError)
    assert websocket.application_state is DISCONNECTED
