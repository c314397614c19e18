"""How a websocket begins and ends: accept, close, and the response that denies it."""

from typing import Any

import pytest
from sockets import (
    CONNECT,
    CONNECTED,
    CONNECTING,
    DISCONNECT,
    DISCONNECTED,
    Channels,
    accepted,
    text,
    websocket_over,
    websocket_scope,
)

from starlette_http.response import PlainTextResponse
from starlette_http.streaming import StreamingResponse
from starlette_websockets.websockets import WebSocketClose, WebSocketDisconnected

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
