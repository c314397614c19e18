"""Every behaviour of a websocket over real servers, with the `websockets` client."""

import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from starlette.applications import Starlette
from starlette.exceptions import HTTPException, WebSocketException
from starlette.responses import PlainTextResponse
from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import (
    WebSocket,
    WebSocketClose,
    WebSocketDisconnect,
    WebSocketSession,
    WebSocketState,
)

Serve = Callable[..., str]
Endpoint = Callable[..., Awaitable[None]]


@contextmanager
def open_socket(
    serve_on: Serve, endpoint: Endpoint, path: str = "/", **options: Any
) -> Iterator[ClientConnection]:
    app = Starlette(routes=[WebSocketRoute("/", endpoint), WebSocketRoute("/{room}", endpoint)])
    url = serve_on(app).replace("http", "ws", 1) + path
    with connect(url, open_timeout=10, close_timeout=10, **options) as client:
        yield client


def refusal_of(serve_on: Serve, endpoint: Endpoint) -> Any:
    with pytest.raises(InvalidStatus) as caught, open_socket(serve_on, endpoint):
        pass
    return caught.value.response


def closed_by(client: ClientConnection) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as caught:
        client.recv(10)
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code, caught.value.rcvd.reason


def test_text_bytes_and_json_are_echoed_until_the_peer_leaves(serve_on: Serve) -> None:
    ended = threading.Event()

    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        await websocket.send_bytes(await websocket.receive_bytes())
        await websocket.send_json(await websocket.receive_json())
        await websocket.send_json(await websocket.receive_json("binary"), "binary")
        async for text in websocket.iter_text():
            await websocket.send_text(text)
        ended.set()

    frames: list[tuple[str | bytes, str | bytes]] = [
        ("héllo", "héllo"),
        (b"\x00\xff", b"\x00\xff"),
        ('{"é": 1}', '{"é":1}'),
        (b"[1, 2]", b"[1,2]"),
        ("one", "one"),
        ("two", "two"),
    ]
    with open_socket(serve_on, echo) as client:
        for sent, back in frames:
            client.send(sent)
            assert client.recv(10) == back
    assert ended.wait(10)


def test_subprotocol_and_headers_of_accept_reach_the_client(serve_on: Serve) -> None:
    async def pick(websocket: WebSocket) -> None:
        await websocket.accept(websocket["subprotocols"][1], [(b"x-room", b"one")])
        await websocket.close()

    protocols: Any = ["chat.v1", "chat.v2"]
    with open_socket(serve_on, pick, subprotocols=protocols) as client:
        assert client.subprotocol == "chat.v2"
        assert client.response is not None
        assert client.response.headers["x-room"] == "one"


def test_the_scope_describes_the_connection(serve_on: Serve) -> None:
    async def describe(websocket: WebSocket) -> None:
        await websocket.accept()
        params = [websocket.path_params["room"], websocket.query_params["as"]]
        await websocket.send_json([websocket.url.scheme, websocket.url.path, *params])

    with open_socket(serve_on, describe, "/7?as=ada") as client:
        assert client.recv(10) == '["ws","/7","7","ada"]'


def test_our_close_reaches_the_client(serve_on: Serve) -> None:
    async def leave(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close(4001, "enough")

    with open_socket(serve_on, leave) as client:
        assert closed_by(client) == (4001, "enough")


def test_the_clients_close_is_a_disconnect_with_code_and_reason(
    serve_on: Serve, is_hypercorn: bool
) -> None:
    seen: list[tuple[int, str]] = []
    ended = threading.Event()

    async def listen(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            await websocket.receive_text()
        except WebSocketDisconnect as exc:
            seen.append((exc.code, exc.reason))
        ended.set()

    with open_socket(serve_on, listen) as client:
        client.close(4002, "tired")
    assert ended.wait(10)
    assert seen == [(1006, "") if is_hypercorn else (4002, "tired")]


def test_sending_to_a_peer_that_left_is_a_disconnect_where_the_server_tells(
    serve_on: Serve, is_hypercorn: bool
) -> None:
    ends: list[Any] = []
    ended = threading.Event()

    async def shout(websocket: WebSocket) -> None:
        await websocket.accept()
        assert (await websocket.receive())["type"] == "websocket.disconnect"
        try:
            for _ in range(100):
                await websocket.send_text("anybody?")
        except WebSocketDisconnect as exc:
            ends.append(exc.code)
        ends.append(websocket.application_state)
        ended.set()

    with open_socket(serve_on, shout) as client:
        client.close()
    assert ended.wait(10)
    # Hypercorn takes and drops what nobody will read.
    told = [] if is_hypercorn else [1006]
    state = WebSocketState.CONNECTED if is_hypercorn else WebSocketState.DISCONNECTED
    assert ends == [*told, state]


def test_a_connection_that_breaks_is_a_disconnect(serve_on: Serve) -> None:
    seen: list[int] = []
    ended = threading.Event()

    async def listen(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            await websocket.receive_text()
        except WebSocketDisconnect as exc:
            seen.append(exc.code)
        ended.set()

    with open_socket(serve_on, listen) as client:
        client.socket.shutdown(2)
        assert ended.wait(10)
    assert seen in ([1005], [1006])  # servers tell it the one way or the other


def test_close_before_accept_is_403(serve_on: Serve) -> None:
    async def refuse(websocket: WebSocket) -> None:
        await websocket.close()

    assert refusal_of(serve_on, refuse).status_code == 403


def test_websocket_close_as_an_application_is_403(serve_on: Serve) -> None:
    assert refusal_of(serve_on, WebSocketClose()).status_code == 403


def test_the_classic_session_talks_to_a_real_client(serve_on: Serve) -> None:
    class Classic:
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            session: WebSocketSession = WebSocketSession(scope, receive=receive, send=send)
            await session.accept()
            await session.send_text("Hello, world!")
            await session.close()

    with open_socket(serve_on, Classic()) as client:
        assert client.recv(10) == "Hello, world!"
        assert closed_by(client) == (1000, "")


def test_a_denial_response_reaches_the_client_whole(serve_on: Serve) -> None:
    async def deny(websocket: WebSocket) -> None:
        response = PlainTextResponse("no room", 429, headers={"retry-after": "9"})
        await websocket.send_denial_response(response)

    response = refusal_of(serve_on, deny)
    assert (response.status_code, response.body) == (429, b"no room")
    assert response.headers["retry-after"] == "9"


def test_an_http_exception_before_accept_is_a_denial_response(serve_on: Serve) -> None:
    async def deny(websocket: WebSocket) -> None:
        raise HTTPException(401, "who are you?")

    response = refusal_of(serve_on, deny)
    assert (response.status_code, response.body) == (401, b"who are you?")


def test_an_http_exception_after_accept_closes_with_1008(serve_on: Serve) -> None:
    async def judge(websocket: WebSocket) -> None:
        await websocket.accept()
        raise HTTPException(401, "who are you?")

    with open_socket(serve_on, judge) as client:
        assert closed_by(client) == (1008, "")


def test_a_websocket_exception_closes_with_its_code(serve_on: Serve) -> None:
    async def judge(websocket: WebSocket) -> None:
        await websocket.accept()
        raise WebSocketException(1008, "not like this")

    with open_socket(serve_on, judge) as client:
        assert closed_by(client) == (1008, "not like this")


@pytest.mark.parametrize(
    ("method", "frame", "reason"),
    [
        ("receive_text", b"binary", "Expected a text frame."),
        ("receive_bytes", "text", "Expected a binary frame."),
        ("receive_json", "{", "Malformed JSON."),
    ],
)
def test_a_frame_of_no_use_closes_with_1003(
    method: str, frame: str | bytes, reason: str, serve_on: Serve
) -> None:
    async def listen(websocket: WebSocket) -> None:
        await websocket.accept()
        await getattr(websocket, method)()

    with open_socket(serve_on, listen) as client:
        client.send(frame)
        assert closed_by(client) == (1003, reason)


def test_a_peer_that_leaves_is_no_error(serve_on: Serve, caplog: pytest.LogCaptureFixture) -> None:
    ended = threading.Event()

    async def listen(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            await websocket.receive_text()
        finally:
            ended.set()

    with open_socket(serve_on, listen):
        pass
    assert ended.wait(10)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
