"""The classic document, "WebSockets": sessions, over uvicorn with a real client."""

import inspect
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, ConnectionClosedError
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from starlette import TestClient
from starlette.types import Message
from starlette.websockets import Disconnect, WebSocketSession, WebSocketState

Example = Callable[..., dict[str, Any]]
Serve = Callable[..., str]

SCOPE = {
    "type": "websocket",
    "scheme": "wss",
    "path": "/chat",
    "query_string": b"abc=1&abc=2",
    "headers": [(b"host", b"example.org:8443"), (b"sec-websocket-version", b"13")],
}


def session_app(use: Callable[[WebSocketSession], Any]) -> Any:
    """An ASGI-2 application that gives its session to `use`."""

    class App:
        def __init__(self, scope: Any) -> None:
            self.scope = scope

        async def __call__(self, receive: Any, send: Any) -> None:
            if self.scope["type"] == "websocket":
                await use(WebSocketSession(self.scope, receive=receive, send=send))

    return App


def open_to(url: str, subprotocols: Sequence[Subprotocol] | None = None) -> ClientConnection:
    return connect(url.replace("http", "ws") + "/chat", subprotocols=subprotocols)


def test_the_signature_of_a_session_is_as_documented() -> None:
    parameters = inspect.signature(WebSocketSession).parameters.values()
    assert [(p.name, p.default) for p in parameters] == [
        ("scope", inspect.Parameter.empty),
        ("receive", None),
        ("send", None),
    ]


def test_the_example_sends_text_and_closes(classic: Example, serve: Serve) -> None:
    with open_to(serve(classic("WebSocketSession")["App"])) as client:
        assert client.recv(timeout=5) == "Hello, world!"
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=5)
    assert client.close_code == 1000


def test_a_session_is_a_mapping_over_the_scope() -> None:
    session = WebSocketSession(SCOPE)
    assert session["path"] == "/chat"
    assert dict(session) == SCOPE


def test_the_url_is_a_str_with_components() -> None:
    url = WebSocketSession(SCOPE).url
    assert isinstance(url, str)
    assert (url.path, url.port, url.scheme) == ("/chat", 8443, "wss")


def test_headers_and_query_parameters_are_immutable_multidicts() -> None:
    session = WebSocketSession(SCOPE)
    assert session.headers["Sec-WebSocket-Version"] == "13"
    assert session.query_params["abc"] == "2"
    assert session.query_params.getlist("abc") == ["1", "2"]
    for mapping in (session.headers, session.query_params):
        assert not hasattr(mapping, "__setitem__")


def test_a_session_accepts_with_a_subprotocol(serve: Serve) -> None:
    async def use(session: WebSocketSession) -> None:
        await session.accept(subprotocol="chat.v2")
        await session.close()

    offered = [Subprotocol("chat.v1"), Subprotocol("chat.v2")]
    with open_to(serve(session_app(use)), subprotocols=offered) as client:
        assert client.subprotocol == "chat.v2"


def test_a_session_sends_and_receives_text_bytes_and_json(serve: Serve) -> None:
    async def use(session: WebSocketSession) -> None:
        await session.accept()
        await session.send_text(await session.receive_text())
        await session.send_bytes(await session.receive_bytes())
        await session.send_json(await session.receive_json())
        await session.close()

    with open_to(serve(session_app(use))) as client:
        for frame in ("Grüße", b"\x00\xff"):
            client.send(frame)
            assert client.recv(timeout=5) == frame
        client.send('{"hello": ["world", 1]}')
        assert json.loads(client.recv(timeout=5)) == {"hello": ["world", 1]}


@pytest.mark.parametrize("method", ["receive_text", "receive_bytes", "receive_json"])
def test_receiving_raises_disconnect_when_the_client_has_left(method: str, serve: Serve) -> None:
    codes: list[int] = []

    async def use(session: WebSocketSession) -> None:
        await session.accept()
        with pytest.raises(Disconnect) as caught:
            await getattr(session, method)()
        codes.append(caught.value.code)

    url = serve(session_app(use))
    with open_to(url) as client:
        client.close(4001)
    with TestClient(session_app(use)).wsconnect("/chat") as session:
        session.close(4002)
    assert sorted(codes) == [4001, 4002]


def test_a_session_closes_with_the_code_it_is_given(serve: Serve) -> None:
    async def use(session: WebSocketSession) -> None:
        await session.accept()
        await session.close(code=4003)

    with open_to(serve(session_app(use))) as client, pytest.raises(ConnectionClosedError):
        client.recv(timeout=5)
    assert client.close_code == 4003


def test_raw_messages_keep_the_state_of_the_session_updated(serve: Serve) -> None:
    states: list[WebSocketState] = []
    accept: Message = {"type": "websocket.accept", "subprotocol": None, "headers": []}

    async def use(session: WebSocketSession) -> None:
        assert (await session.receive())["type"] == "websocket.connect"
        states.append(session.client_state)
        await session.send(accept)
        states.append(session.application_state)
        await session.send({"type": "websocket.send", "text": "raw"})
        await session.send({"type": "websocket.close", "code": 1000})
        states.append(session.application_state)

    with open_to(serve(session_app(use))) as client:
        assert client.recv(timeout=5) == "raw"
    assert states == [
        WebSocketState.CONNECTED,
        WebSocketState.CONNECTED,
        WebSocketState.DISCONNECTED,
    ]
