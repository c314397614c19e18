"""The websocket over raw ASGI messages: every step of the state machines, legal and not."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypedDict

import anyio
import pytest

from starlette_http.response import PlainTextResponse
from starlette_http.streaming import StreamingResponse
from starlette_websockets.websockets import (
    MalformedJSON,
    MalformedUTF8,
    UnexpectedFrame,
    WebSocket,
    WebSocketClose,
    WebSocketDisconnect,
    WebSocketDisconnected,
    WebSocketState,
)

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


BEFORE_CONNECT = 'Expected ASGI message "websocket.connect", but got '
AFTER_CONNECT = 'Expected ASGI message "websocket.receive" or "websocket.disconnect", but got '


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


# Accept and close


async def test_accept_receives_the_connect_message_first(channel: Channels) -> None:
    connection = channel(CONNECT)
    websocket = websocket_over(connection)
    await websocket.accept()
    assert connection.incoming == []
    assert connection.sent == [{"type": "websocket.accept", "subprotocol": None, "headers": []}]
    assert (websocket.client_state, websocket.application_state) == (CONNECTED, CONNECTED)


async def test_accept_receives_nothing_when_connect_was_read_already(channel: Channels) -> None:
    connection = channel(CONNECT, text("first"))
    websocket = websocket_over(connection)
    await websocket.receive()
    await websocket.accept()
    assert connection.incoming == [text("first")]


async def test_accept_passes_subprotocol_and_headers_on(channel: Channels) -> None:
    connection = channel(CONNECT)
    await websocket_over(connection).accept("chat.v2", [(b"x-a", b"1"), (b"x-a", b"2")])
    assert connection.sent == [
        {
            "type": "websocket.accept",
            "subprotocol": "chat.v2",
            "headers": [(b"x-a", b"1"), (b"x-a", b"2")],
        }
    ]


async def test_accept_makes_a_list_of_any_iterable_of_headers(channel: Channels) -> None:
    connection = channel(CONNECT)
    await websocket_over(connection).accept(headers=((name, b"1") for name in [b"x-a", b"x-b"]))
    assert connection.sent[0]["headers"] == [(b"x-a", b"1"), (b"x-b", b"1")]


async def test_accept_makes_tuples_of_lists(channel: Channels) -> None:
    connection = channel(CONNECT)
    headers: Any = [[b"x-a", b"1"]]
    await websocket_over(connection).accept(headers=headers)
    assert connection.sent[0]["headers"] == [(b"x-a", b"1")]


@pytest.mark.parametrize(
    ("headers", "shown"),
    [
        ([("x-a", "1")], r"\('x-a', '1'\)"),
        ([(b"x-a", "1")], r"\(b'x-a', '1'\)"),
        ([(b"x-a",)], r"\(b'x-a',\)"),
        ({"x-a": "1"}, "'x-a'"),
    ],
)
async def test_accept_wants_headers_as_bytes(headers: Any, shown: str, channel: Channels) -> None:
    connection = channel(CONNECT)
    error = f"^accept\\(\\) takes headers as pairs of bytes, not {shown}.$"
    with pytest.raises(TypeError, match=error):
        await websocket_over(connection).accept(headers=headers)
    assert connection.incoming == [CONNECT]


@pytest.mark.parametrize("header", [(b"x-a", b"1\r\nb: 2"), (b"x\na", b"1"), (b"x-a", b"\0")])
async def test_accept_refuses_headers_that_would_add_others(
    header: tuple[bytes, bytes], channel: Channels
) -> None:
    connection = channel(CONNECT)
    with pytest.raises(ValueError, match="must not contain CR, LF or NUL"):
        await websocket_over(connection).accept(headers=[header])
    assert connection.incoming == [CONNECT]


async def test_close_sends_code_and_reason(channel: Channels) -> None:
    connection = channel()
    websocket = await accepted(connection)
    await websocket.close(1001, "going away")
    assert connection.sent == [{"type": "websocket.close", "code": 1001, "reason": "going away"}]


async def test_close_without_arguments_is_1000_without_a_reason(channel: Channels) -> None:
    connection = channel()
    websocket = await accepted(connection)
    await websocket.close()
    assert connection.sent == [{"type": "websocket.close", "code": 1000, "reason": ""}]


async def test_close_before_accept_needs_no_connect_message(channel: Channels) -> None:
    connection = channel(CONNECT)
    websocket = websocket_over(connection)
    await websocket.close(1008)
    assert connection.incoming == [CONNECT]
    assert connection.sent == [{"type": "websocket.close", "code": 1008, "reason": ""}]


async def test_accept_after_close_fails_having_read_the_connect_message(
    channel: Channels,
) -> None:
    connection = channel(CONNECT)
    websocket = websocket_over(connection)
    await websocket.close()
    with pytest.raises(WebSocketDisconnected, match='Cannot call "send" once a close message'):
        await websocket.accept()
    assert connection.incoming == []
    assert websocket.client_state is CONNECTED


async def test_a_second_close_is_an_error(channel: Channels) -> None:
    websocket = await accepted(channel())
    await websocket.close()
    with pytest.raises(WebSocketDisconnected):
        await websocket.close()


async def test_after_a_received_disconnect_sends_still_reach_the_server(
    channel: Channels,
) -> None:
    connection = channel(DISCONNECT)
    websocket = await accepted(connection)
    await websocket.receive()
    await websocket.send_text("anybody?")
    await websocket.close()
    assert [message["type"] for message in connection.sent] == [
        "websocket.send",
        "websocket.close",
    ]


async def test_after_our_close_the_peers_disconnect_can_be_received(channel: Channels) -> None:
    websocket = await accepted(channel(DISCONNECT))
    await websocket.close()
    assert await websocket.receive() == DISCONNECT


async def test_websocket_close_is_an_application_that_closes(channel: Channels) -> None:
    connection = channel(CONNECT)
    await WebSocketClose(1001, "later")(websocket_scope(), connection.receive, connection.send)
    assert connection.sent == [{"type": "websocket.close", "code": 1001, "reason": "later"}]
    assert connection.incoming == [CONNECT]


async def test_websocket_close_has_code_1000_and_no_reason_by_default(channel: Channels) -> None:
    connection = channel()
    await WebSocketClose()(websocket_scope(), connection.receive, connection.send)
    assert connection.sent == [{"type": "websocket.close", "code": 1000, "reason": ""}]


# Frames


async def test_receive_text_gives_the_text(channel: Channels) -> None:
    websocket = await accepted(channel(text("héllo"), text("")))
    assert await websocket.receive_text() == "héllo"
    assert await websocket.receive_text() == ""


async def test_receive_bytes_gives_the_bytes(channel: Channels) -> None:
    websocket = await accepted(channel(data(b"\x00\xff"), data(b"")))
    assert await websocket.receive_bytes() == b"\x00\xff"
    assert await websocket.receive_bytes() == b""


async def test_receive_json_reads_a_text_frame(channel: Channels) -> None:
    websocket = await accepted(channel(text('{"a": [1, null]}')))
    assert await websocket.receive_json() == {"a": [1, None]}


async def test_receive_json_in_binary_mode_reads_utf8(channel: Channels) -> None:
    websocket = await accepted(channel(data('"é"'.encode())))
    assert await websocket.receive_json(mode="binary") == "é"


@pytest.mark.parametrize("name", ["receive_text", "receive_bytes", "receive_json"])
async def test_frames_can_only_be_received_after_accept(name: str, channel: Channels) -> None:
    connection = channel(CONNECT, text("1"))
    websocket = websocket_over(connection)
    with pytest.raises(WebSocketDisconnected) as caught:
        await getattr(websocket, name)()
    assert str(caught.value) == 'WebSocket is not connected. Need to call "accept" first.'
    assert connection.incoming == [CONNECT, text("1")]


@pytest.mark.parametrize("name", ["receive_text", "receive_bytes", "receive_json"])
async def test_frames_cannot_be_received_after_our_close(name: str, channel: Channels) -> None:
    websocket = await accepted(channel(text("1")))
    await websocket.close()
    with pytest.raises(WebSocketDisconnected, match="^WebSocket is not connected. Need to call"):
        await getattr(websocket, name)()


@pytest.mark.parametrize("name", ["receive_text", "receive_bytes", "receive_json"])
async def test_a_disconnect_is_raised_with_its_code_and_reason(
    name: str, channel: Channels
) -> None:
    websocket = await accepted(channel(DISCONNECT))
    with pytest.raises(WebSocketDisconnect) as caught:
        await getattr(websocket, name)()
    assert (caught.value.code, caught.value.reason) == (1001, "bye")


@pytest.mark.parametrize("more", [{}, {"code": None, "reason": None}], ids=["absent", "None"])
async def test_a_disconnect_without_a_code_is_1005(more: Message, channel: Channels) -> None:
    websocket = await accepted(channel({"type": "websocket.disconnect", **more}))
    with pytest.raises(WebSocketDisconnect) as caught:
        await websocket.receive_text()
    assert (caught.value.code, caught.value.reason) == (1005, "")


@pytest.mark.parametrize(
    ("name", "frame", "reason"),
    [
        ("receive_text", data(b"1"), "Expected a text frame."),
        ("receive_json", data(b"1"), "Expected a text frame."),
        ("receive_bytes", text("1"), "Expected a binary frame."),
        ("receive_text", {**data(b"1"), "text": None}, "Expected a text frame."),
        ("receive_bytes", {**text("1"), "bytes": None}, "Expected a binary frame."),
        ("receive_text", {"type": "websocket.receive"}, "Expected a text frame."),
    ],
)
async def test_the_wrong_kind_of_frame_closes_with_1003(
    name: str, frame: Message, reason: str, channel: Channels
) -> None:
    websocket = await accepted(channel(frame, text("2"), data(b"2")))
    with pytest.raises(UnexpectedFrame) as caught:
        await getattr(websocket, name)()
    assert (caught.value.code, caught.value.reason) == (1003, reason)


@pytest.mark.parametrize("name", ["receive_text", "receive_bytes", "receive_json"])
async def test_a_frame_of_no_websocket_is_an_error(name: str, channel: Channels) -> None:
    websocket = await accepted(channel({"type": "http.request"}))
    with pytest.raises(RuntimeError) as caught:
        await getattr(websocket, name)()
    assert str(caught.value) == AFTER_CONNECT + "'http.request'"


async def test_the_wrong_kind_of_frame_is_a_key_error_for_old_handlers(
    channel: Channels,
) -> None:
    websocket = await accepted(channel(data(b"1")))
    with pytest.raises(KeyError) as caught:
        await websocket.receive_text()
    assert caught.value.args == ("text",)


async def test_the_frame_is_found_beside_an_empty_other_kind(channel: Channels) -> None:
    websocket = await accepted(channel({**text("hi"), "bytes": None}))
    assert await websocket.receive_text() == "hi"


@pytest.mark.parametrize("frame", ["", "{", "[1,]", "nope", "[" * 200_000, "1" * 5000])
async def test_malformed_json_is_a_value_error_with_close_code_1003(
    frame: str, channel: Channels
) -> None:
    websocket = await accepted(channel(text(frame)))
    with pytest.raises(MalformedJSON) as caught:
        await websocket.receive_json()
    assert isinstance(caught.value, json.JSONDecodeError)
    assert (caught.value.code, caught.value.reason) == (1003, "Malformed JSON.")
    assert caught.value.doc == frame


async def test_malformed_json_says_where(channel: Channels) -> None:
    websocket = await accepted(channel(text("[1,")))
    with pytest.raises(ValueError, match=r"^Expecting value: line 1 column 4 \(char 3\)$"):
        await websocket.receive_json()


async def test_binary_json_that_is_not_utf8_is_a_value_error_with_close_code_1003(
    channel: Channels,
) -> None:
    websocket = await accepted(channel(data(b'"\xff"')))
    with pytest.raises(MalformedUTF8) as caught:
        await websocket.receive_json(mode="binary")
    assert isinstance(caught.value, UnicodeDecodeError)
    assert (caught.value.code, caught.value.reason) == (1003, "invalid start byte")
    assert (caught.value.object, caught.value.start) == (b'"\xff"', 1)


async def test_a_socket_goes_on_after_malformed_json(channel: Channels) -> None:
    websocket = await accepted(channel(text("{"), text("{}")))
    with pytest.raises(ValueError, match="Expecting"):
        await websocket.receive_json()
    assert await websocket.receive_json() == {}


@pytest.mark.parametrize(("name", "arguments"), [("receive_json", []), ("send_json", [object()])])
async def test_an_unknown_json_mode_is_refused_before_anything_else(
    name: str, arguments: list[Any], channel: Channels
) -> None:
    websocket = websocket_over(channel())
    with pytest.raises(RuntimeError) as caught:
        await getattr(websocket, name)(*arguments, mode="yaml")
    assert str(caught.value) == 'The "mode" argument should be "text" or "binary".'


async def test_send_text_and_send_bytes_send_one_key(channel: Channels) -> None:
    connection = channel()
    websocket = await accepted(connection)
    await websocket.send_text("hi")
    await websocket.send_bytes(b"hi")
    assert connection.sent == [
        {"type": "websocket.send", "text": "hi"},
        {"type": "websocket.send", "bytes": b"hi"},
    ]


async def test_send_json_is_compact_and_not_ascii_only(channel: Channels) -> None:
    connection = channel()
    websocket = await accepted(connection)
    await websocket.send_json({"a": [1, 2], "é": None})
    await websocket.send_json({"é": True}, mode="binary")
    assert connection.sent == [
        {"type": "websocket.send", "text": '{"a":[1,2],"é":null}'},
        {"type": "websocket.send", "bytes": '{"é":true}'.encode()},
    ]


async def test_send_json_of_a_lone_surrogate_in_binary_is_a_value_error_and_sends_nothing(
    channel: Channels,
) -> None:
    connection = channel()
    websocket = await accepted(connection)
    with pytest.raises(UnicodeEncodeError):
        await websocket.send_json("\ud800", mode="binary")
    assert connection.sent == []


# Iteration


@pytest.mark.parametrize(
    ("name", "frames", "received"),
    [
        ("iter_text", [text("a"), text("b")], ["a", "b"]),
        ("iter_bytes", [data(b"a"), data(b"b")], [b"a", b"b"]),
        ("iter_json", [text("1"), text("[]")], [1, []]),
    ],
)
async def test_iteration_ends_quietly_when_the_peer_is_gone(
    name: str, frames: list[Message], received: list[Any], channel: Channels
) -> None:
    websocket = await accepted(channel(*frames, DISCONNECT))
    assert [item async for item in getattr(websocket, name)()] == received


@pytest.mark.parametrize("name", ["iter_text", "iter_bytes", "iter_json"])
async def test_iteration_lets_other_errors_through(name: str, channel: Channels) -> None:
    websocket = websocket_over(channel(CONNECT))
    with pytest.raises(WebSocketDisconnected):
        await anext(getattr(websocket, name)())


async def test_iteration_does_not_swallow_a_disconnect_thrown_into_it(channel: Channels) -> None:
    websocket = await accepted(channel(text("a")))
    frames: Any = websocket.iter_text()
    await anext(frames)
    with pytest.raises(WebSocketDisconnect):
        await frames.athrow(WebSocketDisconnect(1001))


# Denial


DENIAL: dict[str, Any] = {"extensions": {"websocket.http.response": {}}}


async def test_a_denial_response_is_sent_as_websocket_messages(channel: Channels) -> None:
    connection = channel(CONNECT)
    websocket = websocket_over(connection, **DENIAL)
    await websocket.send_denial_response(PlainTextResponse("no", 403))
    assert [message["type"] for message in connection.sent] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]
    assert connection.sent[0]["status"] == 403
    assert connection.body == b"no"
    assert (websocket.client_state, websocket.application_state) == (CONNECTING, DISCONNECTED)


async def test_a_denial_response_can_be_streamed(channel: Channels) -> None:
    connection = channel(CONNECT)
    websocket = websocket_over(connection, **DENIAL)
    await websocket.send_denial_response(StreamingResponse(["n", "o"], 403))
    assert connection.body == b"no"
    assert websocket.application_state is DISCONNECTED


@pytest.mark.parametrize(
    "scope", [{}, {"extensions": {}}, {"extensions": None}], ids=["absent", "empty", "None"]
)
async def test_a_denial_response_needs_the_servers_extension(
    scope: dict[str, Any], channel: Channels
) -> None:
    connection = channel(CONNECT)
    websocket = websocket_over(connection, **scope)
    with pytest.raises(RuntimeError) as caught:
        await websocket.send_denial_response(PlainTextResponse("no", 403))
    assert str(caught.value) == (
        "The server doesn't support the Websocket Denial Response extension."
    )
    assert connection.sent == []


async def test_a_denial_response_after_accept_is_an_error(channel: Channels) -> None:
    connection = channel(CONNECT)
    websocket = websocket_over(connection, **DENIAL)
    await websocket.accept()
    with pytest.raises(RuntimeError, match="but got 'websocket.http.response.start'"):
        await websocket.send_denial_response(PlainTextResponse("no", 403))


# Several tasks, cancellation


@pytest.mark.parametrize("name", ["receive", "receive_text", "receive_bytes"])
async def test_two_tasks_receive_in_turn(name: str) -> None:
    waiting = 0
    most = 0
    messages = [{**text("a"), "bytes": b"a"} for _ in range(3)]

    async def receive() -> Message:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        await anyio.lowlevel.checkpoint()
        waiting -= 1
        return messages.pop(0)

    websocket = await open_between(receive=receive)
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(getattr(websocket, name))
    assert messages == []
    assert most == 1


async def test_of_two_receivers_the_second_learns_of_the_disconnect() -> None:
    gone = anyio.Event()

    async def receive() -> Message:
        await gone.wait()
        return DISCONNECT

    websocket = await open_between(receive=receive)
    ends: list[str] = []

    async def read() -> None:
        try:
            await websocket.receive_text()
        except (WebSocketDisconnect, WebSocketDisconnected) as exc:
            ends.append(type(exc).__name__)

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            tasks.start_soon(read)
            await anyio.wait_all_tasks_blocked()
            gone.set()
    assert ends == ["WebSocketDisconnect", "WebSocketDisconnected"]


async def test_a_cancelled_receiver_leaves_its_turn_to_the_next() -> None:
    ready = anyio.Event()

    async def receive() -> Message:
        await ready.wait()
        return text("for the second")

    websocket = await open_between(receive=receive)
    first = anyio.CancelScope()
    got: list[str] = []

    async def read_in_vain() -> None:
        with first:
            await websocket.receive_text()

    async def read() -> None:
        got.append(await websocket.receive_text())

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read_in_vain)
            await anyio.wait_all_tasks_blocked()
            tasks.start_soon(read)
            await anyio.wait_all_tasks_blocked()
            first.cancel()
            await anyio.wait_all_tasks_blocked()
            ready.set()
    assert got == ["for the second"]


async def test_a_cancelled_receive_can_be_repeated(channel: Channels) -> None:
    connection = channel()
    websocket = await accepted(connection)
    with anyio.move_on_after(0):
        await websocket.receive_text()
    connection.incoming.append(text("still there"))
    assert await websocket.receive_text() == "still there"


async def test_a_cancelled_accept_can_be_repeated(channel: Channels) -> None:
    connection = channel()
    websocket = websocket_over(connection)
    with anyio.move_on_after(0):
        await websocket.accept()
    connection.incoming.append(CONNECT)
    await websocket.accept()
    assert connection.sent == [{"type": "websocket.accept", "subprotocol": None, "headers": []}]


@pytest.mark.parametrize(
    ("message", "before", "after"),
    [
        (ACCEPT, CONNECTING, CONNECTED),
        (SEND, CONNECTED, CONNECTED),
        (CLOSE, CONNECTED, DISCONNECTED),
        (START, CONNECTING, RESPONSE),
        (BODY, RESPONSE, DISCONNECTED),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else value.name,
)
async def test_a_cancelled_send_has_moved_the_state_and_leaves_nothing_running(
    message: Message, before: WebSocketState, after: WebSocketState
) -> None:
    async def stuck(message: Message) -> None:
        await anyio.sleep_forever()

    websocket = websocket_between(send=stuck)
    websocket.application_state = before
    with anyio.move_on_after(0) as scope:
        await websocket.send(message)
    assert scope.cancelled_caught
    assert websocket.application_state is after


async def test_a_send_overtaken_by_our_close_is_a_disconnected_error() -> None:
    closed = anyio.Event()

    async def send(message: Message) -> None:
        if message["type"] == "websocket.close":
            closed.set()
            return
        await closed.wait()
        raise RuntimeError("Unexpected ASGI message, after sending 'websocket.close'.")

    websocket = await open_between(send=send)
    ends: list[str] = []

    async def chat() -> None:
        try:
            await websocket.send_text("hi")
        except WebSocketDisconnected as exc:
            ends.append(str(exc))

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(chat)
            await anyio.wait_all_tasks_blocked()
            await websocket.close()
    assert ends == ['Cannot call "send" once a close message has been sent.']


async def test_a_close_while_another_task_receives_ends_both() -> None:
    closed = anyio.Event()

    async def receive() -> Message:
        await closed.wait()
        return {"type": "websocket.disconnect", "code": 1000, "reason": ""}

    async def send(message: Message) -> None:
        closed.set()

    websocket = await open_between(receive, send)
    read: list[str] = []

    async def reader() -> None:
        async for frame in websocket.iter_text():
            read.append(frame)

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(reader)
            await anyio.wait_all_tasks_blocked()
            await websocket.close()
    assert read == []
    assert (websocket.client_state, websocket.application_state) == (DISCONNECTED, DISCONNECTED)


# What replaces receive and send


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
