"""The classic document, "Test Client"."""

import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

import starlette.testclient
from starlette import JSONResponse, Request, TestClient
from starlette.websockets import Disconnect, WebSocketDisconnect, WebSocketSession

Example = Callable[..., dict[str, Any]]


class Telling:
    """Tell by JSON, over http and over a websocket, what the request was."""

    def __init__(self, scope: Any) -> None:
        self.scope = scope

    async def __call__(self, receive: Any, send: Any) -> None:
        if self.scope["type"] == "http":
            request = Request(self.scope, receive)
            body = (await request.body()).decode()
            await JSONResponse(told(request) | {"body": body})(receive, send)
        else:
            session = WebSocketSession(self.scope, receive, send)
            await session.accept(
                self.scope["subprotocols"][-1:][0] if self.scope["subprotocols"] else None
            )
            await session.send_json(told(session))
            await session.close()


def told(connection: Any) -> dict[str, Any]:
    return {
        "url": connection.url,
        "cookies": connection.cookies,
        "authorization": connection.headers.get("authorization"),
        "kind": connection.headers.get("x-kind"),
    }


def session_app(use: Callable[[WebSocketSession], Any]) -> Any:
    class App:
        def __init__(self, scope: Any) -> None:
            self.scope = scope

        async def __call__(self, receive: Any, send: Any) -> None:
            session = WebSocketSession(self.scope, receive=receive, send=send)
            await session.accept()
            await use(session)

    return App


def test_the_example_passes_as_the_test_it_is(classic: Example) -> None:
    classic("Test Client")["test_app"]()


def test_the_websocket_example_passes_as_the_test_it_is(classic: Example) -> None:
    classic("Testing WebSocket applications")["test_app"]()


def test_both_import_paths_give_the_same_client() -> None:
    assert TestClient is starlette.testclient.TestClient


# The interface of a session


def test_the_client_is_a_client_of_the_http_library() -> None:
    assert issubclass(TestClient, starlette.testclient.httpx.Client)
    assert issubclass(TestClient, httpx.Client) or starlette.testclient.httpx is not httpx


@pytest.mark.parametrize("method", ["get", "options", "head", "post", "put", "patch", "delete"])
def test_requests_are_standard_function_calls(method: str) -> None:
    response = getattr(TestClient(Telling), method)("/path")
    assert response.status_code == 200
    assert method == "head" or response.json()["url"] == "http://testserver/path"


def test_parameters_headers_cookies_authentication_and_bodies_are_sent() -> None:
    client = TestClient(Telling, cookies={"user": "ada"})
    response = client.post(
        "/", params={"q": "1"}, headers={"x-kind": "test"}, auth=("ada", "pw"), data={"a": "b"}
    )
    assert response.json() == {
        "url": "http://testserver/?q=1",
        "cookies": {"user": "ada"},
        "authorization": "Basic YWRhOnB3",
        "kind": "test",
        "body": "a=b",
    }


# Testing websockets


def test_the_handshake_takes_the_options_of_get() -> None:
    client = TestClient(Telling, cookies={"user": "ada"})
    options: dict[str, Any] = {
        "params": {"q": "1"},
        "headers": {"x-kind": "test"},
        "auth": ("ada", "pw"),
    }
    with client.wsconnect("/", ["v1", "v2"], **options) as session:
        assert session.accepted_subprotocol == "v2"
        assert session.receive_json() == {
            "url": "ws://testserver/?q=1",
            "cookies": {"user": "ada"},
            "authorization": "Basic YWRhOnB3",
            "kind": "test",
        }


def test_a_connection_that_is_not_accepted_raises_disconnect() -> None:
    async def refuse(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.close", "code": 4001})

    with pytest.raises(Disconnect) as caught:
        TestClient(refuse).wsconnect("/")
    assert caught.value.code == 4001
    assert Disconnect is WebSocketDisconnect


def test_the_session_receives_text_bytes_and_json() -> None:
    async def send_all(session: WebSocketSession) -> None:
        await session.send_text("text")
        await session.send_bytes(b"bytes")
        await session.send_json({"a": 1})
        await session.send_json({"a": 2}, mode="binary")
        await session.close()

    with TestClient(session_app(send_all)).wsconnect("/") as session:
        assert session.receive_text() == "text"
        assert session.receive_bytes() == b"bytes"
        assert session.receive_json() == {"a": 1}
        assert session.receive_json() == {"a": 2}


@pytest.mark.parametrize("method", ["receive_text", "receive_bytes", "receive_json"])
def test_receiving_raises_disconnect_once_the_application_has_closed(method: str) -> None:
    async def close(session: WebSocketSession) -> None:
        await session.close(4002)

    with TestClient(session_app(close)).wsconnect("/") as session:
        with pytest.raises(Disconnect) as caught:
            getattr(session, method)()
        assert caught.value.code == 4002


@pytest.mark.parametrize(("arguments", "code"), [({}, 1000), ({"code": 4003}, 4003)])
def test_close_is_a_client_side_close(arguments: dict[str, Any], code: int) -> None:
    codes = []

    async def listen(session: WebSocketSession) -> None:
        with pytest.raises(Disconnect) as caught:
            await session.receive_text()
        codes.append(caught.value.code)

    with TestClient(session_app(listen)).wsconnect("/") as session:
        session.close(**arguments)
    assert codes == [code]


def test_leaving_the_block_ends_the_application_and_its_thread() -> None:
    async def listen(session: WebSocketSession) -> None:
        while (await session.receive())["type"] != "websocket.disconnect":
            pass

    before = threading.active_count()
    with TestClient(session_app(listen)).wsconnect("/"):
        pass
    assert threading.active_count() == before


def test_leaving_the_block_raises_what_the_application_raised() -> None:
    async def fail(session: WebSocketSession) -> None:
        raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"), TestClient(session_app(fail)).wsconnect("/"):
        pass
