"""Text, bytes and JSON in frames, one by one and as an iteration."""

import json
from typing import Any

import pytest
from sockets import (
    AFTER_CONNECT,
    CONNECT,
    DISCONNECT,
    Channels,
    Message,
    accepted,
    data,
    text,
    websocket_over,
)

from starlette_websockets.websockets import (
    MalformedJSON,
    MalformedUTF8,
    UnexpectedFrame,
    WebSocketDisconnect,
    WebSocketDisconnected,
)

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
