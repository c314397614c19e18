"""The classic interface: `wsconnect`."""

import gc
import threading
from typing import Any

import pytest

from starlette_testclient import TestClient
from starlette_websockets.websockets import Disconnect, WebSocketDisconnect


class Greeter:
    """An ASGI-2 application that accepts, and sends a text and a binary frame of JSON."""

    def __init__(self, scope: Any) -> None:
        self.path = scope["path"]

    async def __call__(self, receive: Any, send: Any) -> None:
        await receive()
        if self.path == "/refused":
            await send({"type": "websocket.close", "code": 1001})
            return
        await send({"type": "websocket.accept", "subprotocol": "one"})
        await send({"type": "websocket.send", "text": '"text"'})
        await send({"type": "websocket.send", "bytes": b'"bytes"'})
        if (await receive())["type"] == "websocket.receive":
            raise ValueError("boom")


def test_a_session_is_connected_when_it_is_returned() -> None:
    session = TestClient(Greeter).wsconnect("/", ["one"])
    assert session.accepted_subprotocol == "one"
    assert session.receive_text() == '"text"'
    session.__exit__()


def test_with_does_not_connect_again() -> None:
    session = TestClient(Greeter).wsconnect("/")
    with session as entered:
        assert entered is session
        assert session.receive_text() == '"text"'


def test_a_refusal_raises_from_the_call() -> None:
    with pytest.raises(Disconnect) as caught:
        TestClient(Greeter).wsconnect("/refused")
    assert caught.value.code == 1001
    assert Disconnect is WebSocketDisconnect


def test_json_is_read_from_either_kind_of_frame() -> None:
    with TestClient(Greeter).wsconnect("/") as session:
        assert session.receive_json() == "text"
        assert session.receive_json() == "bytes"


def test_leaving_raises_what_the_application_raised() -> None:
    session = TestClient(Greeter).wsconnect("/")
    session.send_text("a")
    with pytest.raises(ValueError, match="boom"), session:
        pass


def test_it_takes_what_get_takes(recorder: Any) -> None:
    with TestClient(recorder).wsconnect("/", params={"a": "1"}, headers={"x-b": "2"}):
        pass
    assert recorder.scope["query_string"] == b"a=1"
    assert (b"x-b", b"2") in recorder.scope["headers"]


def test_a_dropped_session_ends_its_thread() -> None:
    session = TestClient(Greeter).wsconnect("/")
    thread = next(t for t in threading.enumerate() if "test client" in t.name)
    del session
    gc.collect()
    thread.join(10)
    assert not thread.is_alive()
