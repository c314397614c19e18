"""Every behaviour of the websocket once over real uvicorn, with the `websockets` client."""

import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from starlette_http.response import PlainTextResponse
from starlette_http.types import ASGIApp, Receive, Scope, Send
from starlette_websockets.websockets import (
    UnexpectedFrame,
    WebSocket,
    WebSocketClose,
    WebSocketDisconnect,
    WebSocketSession,
    WebSocketState,
)

Serve = Callable[..., str]
Endpoint = Callable[[WebSocket], Awaitable[None]]


def app_of(endpoint: Endpoint) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await endpoint(WebSocket(scope, receive, send))

    return app


@contextmanager
def open_socket(
    serve: Serve, app: Any, path: str = "/", **options: Any
) -> Iterator[ClientConnection]:
    url = serve(app, lifespan="off").replace("http", "ws", 1) + path
    with connect(url, open_timeout=10, close_timeout=10, **options) as client:
        yield client


def test_text_is_echoed_until_the_peer_leaves(serve: Serve) -> None:
    ended = threading.Event()

    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text(text)
        ended.set()

    with open_socket(serve, app_of(echo)) as client:
        client.send("héllo")
        assert client.recv(10) == "héllo"
    assert ended.wait(10)


def test_bytes_are_echoed(serve: Serve) -> None:
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        async for data in websocket.iter_bytes():
            await websocket.send_bytes(data)

    with open_socket(serve, app_of(echo)) as client:
        client.send(b"\x00\xff")
        assert client.recv(10) == b"\x00\xff"


def test_json_is_echoed_in_text_and_in_binary_frames(serve: Serve) -> None:
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_json(await websocket.receive_json())
        await websocket.send_json(await websocket.receive_json("binary"), "binary")

    with open_socket(serve, app_of(echo)) as client:
        client.send('{"é": 1}')
        assert client.recv(10) == '{"é":1}'
        client.send(b"[1, 2]")
        assert client.recv(10) == b"[1,2]"


def test_the_subprotocol_and_headers_of_accept_reach_the_client(serve: Serve) -> None:
    async def pick(websocket: WebSocket) -> None:
        await websocket.accept(websocket["subprotocols"][1], [(b"x-room", b"one")])
        await websocket.close()

    protocols: Any = ["chat.v1", "chat.v2"]
    with open_socket(serve, app_of(pick), subprotocols=protocols) as client:
        assert client.subprotocol == "chat.v2"
        assert client.response is not None
        assert client.response.headers["x-room"] == "one"


def test_the_connection_is_described_by_its_scope(serve: Serve) -> None:
    async def describe(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_json(
            [websocket.url.scheme, websocket.url.path, websocket.query_params["room"]]
        )

    with open_socket(serve, app_of(describe), "/chat?room=one") as client:
        assert client.recv(10) == '["ws","/chat","one"]'


def test_our_close_reaches_the_client_with_code_and_reason(serve: Serve) -> None:
    async def leave(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close(4001, "enough")

    with open_socket(serve, app_of(leave)) as client, pytest.raises(ConnectionClosed) as caught:
        client.recv(10)
    assert caught.value.rcvd is not None
    assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (4001, "enough")


def test_the_clients_close_is_a_disconnect_with_code_and_reason(serve: Serve) -> None:
    seen: list[tuple[int, str]] = []
    ended = threading.Event()

    async def listen(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            await websocket.receive_text()
        except WebSocketDisconnect as exc:
            seen.append((exc.code, exc.reason))
        ended.set()

    with open_socket(serve, app_of(listen)) as client:
        client.close(4002, "tired")
    assert ended.wait(10)
    assert seen == [(4002, "tired")]


def test_a_connection_that_breaks_is_a_disconnect(serve: Serve) -> None:
    seen: list[int] = []
    ended = threading.Event()

    async def listen(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            await websocket.receive_text()
        except WebSocketDisconnect as exc:
            seen.append(exc.code)
        ended.set()

    with open_socket(serve, app_of(listen)) as client:
        client.socket.shutdown(2)
        assert ended.wait(10)
    assert seen in ([1005], [1006])  # servers tell it the one way or the other


def test_sending_to_a_peer_that_left_ends_as_a_disconnect(serve: Serve) -> None:
    ends: list[Any] = []
    ended = threading.Event()

    async def shout(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive()
        try:
            while True:
                await websocket.send_text("anybody?")
        except WebSocketDisconnect as exc:
            ends.extend([exc.code, websocket.application_state])
        ended.set()

    with open_socket(serve, app_of(shout)) as client:
        client.close()
    assert ended.wait(10)
    assert ends == [1006, WebSocketState.DISCONNECTED]


def test_close_before_accept_is_403(serve: Serve) -> None:
    async def refuse(websocket: WebSocket) -> None:
        await websocket.close()

    with pytest.raises(InvalidStatus) as caught, open_socket(serve, app_of(refuse)):
        pass
    assert caught.value.response.status_code == 403


def test_websocket_close_as_an_application_is_403(serve: Serve) -> None:
    with pytest.raises(InvalidStatus) as caught, open_socket(serve, WebSocketClose()):
        pass
    assert caught.value.response.status_code == 403


def test_a_denial_response_reaches_the_client_whole(serve: Serve) -> None:
    async def deny(websocket: WebSocket) -> None:
        await websocket.send_denial_response(
            PlainTextResponse("no room", 429, headers={"retry-after": "9"})
        )

    with pytest.raises(InvalidStatus) as caught, open_socket(serve, app_of(deny)):
        pass
    response = caught.value.response
    assert response.status_code == 429
    assert response.headers["retry-after"] == "9"
    assert response.body == b"no room"


def test_the_wrong_kind_of_frame_can_be_answered_with_its_own_close_code(serve: Serve) -> None:
    async def text_only(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            await websocket.receive_text()
        except UnexpectedFrame as exc:
            await websocket.close(exc.code, exc.reason)

    with open_socket(serve, app_of(text_only)) as client:
        client.send(b"binary")
        with pytest.raises(ConnectionClosed) as caught:
            client.recv(10)
    assert caught.value.rcvd is not None
    assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (1003, "Expected a text frame.")


def test_the_classic_session_talks_to_a_real_client(serve: Serve) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        session = WebSocketSession(scope, receive=receive, send=send)
        await session.accept()
        await session.send_text("Hello, world!")
        await session.close()

    with open_socket(serve, app) as client:
        assert client.recv(10) == "Hello, world!"
        with pytest.raises(ConnectionClosed) as caught:
            client.recv(10)
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 1000
