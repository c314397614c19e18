"""Websocket sessions of the synchronous client."""

import gc
import threading
from functools import partial
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from anyio.from_thread import start_blocking_portal

from starlette_testclient import TestClient, WebSocketDenialResponse, WebSocketTestSession, httpx
from starlette_websockets.websockets import WebSocketDisconnect

ACCEPT = {"type": "websocket.accept"}


def talking(*steps: Any) -> Any:
    """An application that receives the connect and does these steps.

    A message is sent, an exception raised, a number is that of messages to receive.
    """

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        assert await receive() == {"type": "websocket.connect"}
        for step in steps:
            if isinstance(step, Exception):
                raise step
            if isinstance(step, int):
                for _ in range(step):
                    await receive()
            else:
                await send(step)

    return app


async def echo(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        return
    while True:
        message = dict(await receive())
        if message["type"] == "websocket.disconnect":
            return
        reply = {"websocket.connect": "websocket.accept", "websocket.receive": "websocket.send"}
        await send(message | {"type": reply[message["type"]]})


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=[False, True], ids=["outside", "inside"])
def client_of(request: pytest.FixtureRequest, backend: Any) -> Any:
    """`client_of(app)` is a client, entered or not, on each backend."""
    clients: list[TestClient] = []

    def build(app: Any) -> TestClient:
        client = TestClient(app, backend=backend, timeout=10)
        clients.append(client.__enter__() if request.param else client)
        return client

    yield build
    for client in clients:
        if request.param:
            client.__exit__()
        client.close()


def test_text_bytes_and_json_go_both_ways(client_of: Any) -> None:
    with client_of(echo).websocket_connect("/") as session:
        session.send_text("a")
        assert session.receive_text() == "a"
        session.send_bytes(b"b")
        assert session.receive_bytes() == b"b"
        session.send_json({"c": ["é"]})
        assert session.receive_json() == {"c": ["é"]}
        session.send_json([1], mode="binary")
        assert session.receive_json(mode="binary") == [1]


@pytest.mark.parametrize(
    ("mode", "frame"),
    [("text", {"text": '{"a":"é"}'}), ("binary", {"bytes": '{"a":"é"}'.encode()})],
)
def test_json_is_compact_and_keeps_its_characters(mode: str, frame: dict[str, Any]) -> None:
    with TestClient(echo).websocket_connect("/") as session:
        session.send_json({"a": "é"}, mode=mode)
        assert session.receive() == {"type": "websocket.send"} | frame


def test_raw_messages_go_both_ways() -> None:
    with TestClient(echo).websocket_connect("/") as session:
        session.send({"type": "websocket.receive", "text": "a"})
        assert session.receive() == {"type": "websocket.send", "text": "a"}


def test_the_accept_tells_subprotocol_and_headers(client_of: Any) -> None:
    accept = ACCEPT | {"subprotocol": "two", "headers": [(b"a", b"1")]}
    with client_of(talking(accept)).websocket_connect("/", ["one", "two"]) as session:
        assert session.accepted_subprotocol == "two"
        assert session.extra_headers == [(b"a", b"1")]


def test_without_subprotocol_and_headers_both_are_none() -> None:
    with TestClient(talking(ACCEPT)).websocket_connect("/") as session:
        assert session.accepted_subprotocol is None
        assert session.extra_headers is None


def test_nothing_runs_before_the_session_is_entered(recorder: Any) -> None:
    session = TestClient(recorder).websocket_connect("/")
    assert recorder.scopes == []
    with pytest.raises(RuntimeError, match=r"use it inside `with`\.$"):
        session.receive()
    with pytest.raises(RuntimeError, match=r"use it inside `with`\.$"):
        session.send_text("a")


def test_an_http_url_is_refused(recorder: Any) -> None:
    with pytest.raises(RuntimeError, match=r"^Expected WebSocket upgrade$"):
        TestClient(recorder).websocket_connect("http://testserver/")
    assert recorder.scopes == []


def test_params_cookies_headers_and_auth_apply(recorder: Any) -> None:
    client = TestClient(recorder, cookies={"a": "1"}, headers={"x-b": "2"})
    with client.websocket_connect("/?c=3", params={"d": "4"}, auth=("user", "secret")):
        pass
    headers = dict(recorder.scope["headers"])
    assert recorder.scope["query_string"] == b"d=4"
    assert headers[b"cookie"] == b"a=1"
    assert headers[b"x-b"] == b"2"
    assert headers[b"authorization"].startswith(b"Basic ")


def test_a_close_before_the_accept_is_a_disconnect(client_of: Any) -> None:
    app = talking({"type": "websocket.close", "code": 4000, "reason": "no"})
    with pytest.raises(WebSocketDisconnect) as caught:
        client_of(app).websocket_connect("/").__enter__()
    assert (caught.value.code, caught.value.reason) == (4000, "no")


def test_a_close_without_a_code_is_1000() -> None:
    with pytest.raises(WebSocketDisconnect) as caught:
        TestClient(talking({"type": "websocket.close"})).websocket_connect("/").__enter__()
    assert (caught.value.code, caught.value.reason) == (1000, "")


def test_a_denial_is_an_exception_and_a_response(client_of: Any) -> None:
    app = talking(
        {"type": "websocket.http.response.start", "status": 403, "headers": [(b"a", b"1")]},
        {"type": "websocket.http.response.body", "body": b"for", "more_body": True},
        {"type": "websocket.http.response.body", "body": b"bidden"},
    )
    with pytest.raises(WebSocketDenialResponse) as caught:
        client_of(app).websocket_connect("/").__enter__()
    assert isinstance(caught.value, httpx.Response)
    assert isinstance(caught.value, WebSocketDisconnect)
    assert caught.value.status_code == 403
    assert caught.value.headers["a"] == "1"
    assert caught.value.text == "forbidden"
    assert str(caught.value) == "The application refused the websocket: 403 Forbidden"


def test_a_denial_that_is_cut_off_is_one_all_the_same() -> None:
    app = talking({"type": "websocket.http.response.start", "status": 403})
    with pytest.raises(WebSocketDenialResponse) as caught:
        TestClient(app).websocket_connect("/").__enter__()
    assert (caught.value.status_code, caught.value.content) == (403, b"")


def test_an_exception_before_the_accept_is_raised(client_of: Any) -> None:
    with pytest.raises(ValueError, match="boom"):
        client_of(talking(ValueError("boom"))).websocket_connect("/").__enter__()


def test_an_application_that_returns_without_an_accept_is_a_disconnect(client_of: Any) -> None:
    with pytest.raises(WebSocketDisconnect) as caught:
        client_of(talking()).websocket_connect("/").__enter__()
    assert caught.value.code == 1006


def test_a_frame_before_the_accept_is_an_assertion_error(client_of: Any) -> None:
    app = talking({"type": "websocket.send", "text": "a"})
    with pytest.raises(AssertionError) as caught:
        client_of(app).websocket_connect("/").__enter__()
    assert str(caught.value) == (
        'Expected "websocket.accept", "websocket.close" or "websocket.http.response.start" from'
        " the application, but it sent {'type': 'websocket.send', 'text': 'a'}."
    )


def test_receiving_a_close_is_a_disconnect_every_time(client_of: Any) -> None:
    app = talking(ACCEPT, {"type": "websocket.close", "code": 4000, "reason": "bye"})
    with client_of(app).websocket_connect("/") as session:
        for _ in range(2):
            with pytest.raises(WebSocketDisconnect) as caught:
                session.receive_text()
            assert (caught.value.code, caught.value.reason) == (4000, "bye")


def test_a_raw_receive_gives_the_close() -> None:
    with TestClient(talking(ACCEPT, {"type": "websocket.close"})).websocket_connect("/") as session:
        assert session.receive() == {"type": "websocket.close"}


@pytest.mark.parametrize("method", ["receive", "receive_text", "receive_bytes", "receive_json"])
def test_receiving_from_an_application_that_returned_is_a_disconnect(
    client_of: Any, method: str
) -> None:
    with client_of(talking(ACCEPT)).websocket_connect("/") as session:
        with pytest.raises(WebSocketDisconnect) as caught:
            getattr(session, method)()
        assert caught.value.code == 1006


def test_receiving_from_an_application_that_raised_raises_that(client_of: Any) -> None:
    session = client_of(talking(ACCEPT, ValueError("boom"))).websocket_connect("/")
    session.__enter__()
    for act in (session.receive_text, session.receive_text, session.__exit__):
        with pytest.raises(ValueError, match="boom"):
            act()


@pytest.mark.parametrize(
    ("frame", "method", "instead"),
    [
        ({"bytes": b"a"}, "receive_text", "receive_bytes()"),
        ({"text": "a"}, "receive_bytes", "receive_text()"),
        ({"text": "a", "bytes": None}, "receive_bytes", "receive_text()"),
    ],
)
def test_the_wrong_kind_of_frame_is_an_explained_key_error(
    frame: dict[str, Any], method: str, instead: str
) -> None:
    message = {"type": "websocket.send"} | frame
    with TestClient(talking(ACCEPT, message)).websocket_connect("/") as session:
        with pytest.raises(KeyError) as caught:
            getattr(session, method)()
        assert repr(message) in caught.value.args[0]
        assert caught.value.args[0].endswith(f"; use {instead}")


def test_a_message_with_both_keys_is_what_is_not_none() -> None:
    message = {"type": "websocket.send", "text": None, "bytes": b"a"}
    with TestClient(talking(ACCEPT, message)).websocket_connect("/") as session:
        assert session.receive_bytes() == b"a"


def test_close_sends_a_disconnect() -> None:
    received = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(ACCEPT)
        received.append(await receive())

    with TestClient(app).websocket_connect("/") as session:
        session.close(4000, "bye")
        with pytest.raises(WebSocketDisconnect):
            session.receive()
    assert received == [{"type": "websocket.disconnect", "code": 4000, "reason": "bye"}]


def test_leaving_sends_a_disconnect_with_1000(client_of: Any) -> None:
    received = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send(ACCEPT)
            received.append(await receive())
            await anyio.lowlevel.checkpoint()
            received.append("cleaned up")

    with client_of(app).websocket_connect("/"):
        pass
    assert received == [
        {"type": "websocket.disconnect", "code": 1000, "reason": None},
        "cleaned up",
    ]


def test_leaving_cancels_an_application_that_does_not_listen(client_of: Any) -> None:
    ends = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await send(ACCEPT)
            try:
                await anyio.sleep_forever()
            finally:
                ends.append("cancelled")

    with client_of(app).websocket_connect("/"):
        pass
    assert ends == ["cancelled"]


def test_leaving_raises_what_the_application_raised(client_of: Any) -> None:
    client = client_of(talking(ACCEPT, 1, ValueError("boom")))
    with pytest.raises(ValueError, match="boom"):
        with client.websocket_connect("/"):
            pass


def test_messages_queue_up_without_bound_in_both_directions() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(ACCEPT)
        for _ in range(100):
            await send({"type": "websocket.send", "text": (await receive())["text"]})

    with TestClient(app).websocket_connect("/") as session:
        for number in range(100):
            session.send_text(str(number))
        assert [session.receive_text() for _ in range(100)] == [str(n) for n in range(100)]


def test_two_sessions_of_one_client_can_talk() -> None:
    sessions: list[Any] = []

    async def broadcast(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        await receive()
        sessions.append(send)
        await send(ACCEPT)
        while (message := await receive())["type"] == "websocket.receive":
            for other in sessions:
                await other({"type": "websocket.send", "text": message["text"]})

    with TestClient(broadcast) as client:
        with client.websocket_connect("/") as one, client.websocket_connect("/") as other:
            one.send_text("hello")
            assert (one.receive_text(), other.receive_text()) == ("hello", "hello")


def test_a_session_leaves_no_thread(backend: Any) -> None:
    before = threading.active_count()
    with TestClient(echo, backend=backend).websocket_connect("/"):
        assert threading.active_count() <= before + 1
    assert threading.active_count() <= before


def test_a_session_that_is_refused_leaves_no_thread(backend: Any) -> None:
    before = threading.active_count()
    with pytest.raises(WebSocketDisconnect):
        TestClient(talking(), backend=backend).websocket_connect("/").__enter__()
    assert threading.active_count() <= before


@pytest.mark.parametrize("inside", [False, True])
def test_a_dropped_session_is_cancelled(backend: Any, inside: bool) -> None:
    ended = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await send(ACCEPT)
            try:
                await anyio.sleep_forever()
            finally:
                ended.set()

    client = TestClient(app, backend=backend)
    if inside:
        client.__enter__()
    session = client.websocket_connect("/")
    session.__enter__()
    del session
    gc.collect()
    assert ended.wait(10)
    if inside:
        client.__exit__()


def test_a_session_that_is_open_when_the_client_is_left_is_ended(backend: Any) -> None:
    with TestClient(talking(ACCEPT, 1, ValueError("boom")), backend=backend) as client:
        session = client.websocket_connect("/").__enter__()
    session.send_text("nobody hears this")
    with pytest.raises(ValueError, match="boom"):
        session.receive()


def test_a_session_that_is_open_when_the_client_is_closed_is_ended(backend: Any) -> None:
    before = threading.active_count()
    client = TestClient(echo, backend=backend)
    session = client.websocket_connect("/").__enter__()
    client.close()
    assert threading.active_count() <= before
    with pytest.raises(WebSocketDisconnect):
        session.receive()


@pytest.mark.parametrize("outer", ["asyncio", "trio"])
def test_it_works_inside_a_running_event_loop(backend: Any, outer: Any) -> None:
    async def main() -> str:
        with TestClient(echo, backend=backend).websocket_connect("/") as session:
            session.send_text("a")
            return session.receive_text()

    assert anyio.run(main, backend=outer) == "a"


def test_a_session_has_a_portal_to_the_loop_of_its_application(backend: Any) -> None:
    idents: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        idents.append(threading.get_ident())
        await echo(scope, receive, send)

    with TestClient(app, backend=backend).websocket_connect("/") as session:
        assert idents == [session.portal.call(threading.get_ident)]
        assert session.portal is session.portal


def test_the_portal_of_a_client_that_was_entered_is_that_of_its_sessions(backend: Any) -> None:
    with TestClient(echo, backend=backend) as client:
        with client.websocket_connect("/").portal_factory() as portal:
            assert portal is client.portal
        assert portal.call(threading.get_ident) != threading.get_ident()


def test_a_session_can_be_built_with_any_portal(backend: Any) -> None:
    scope = {"type": "websocket", "path": "/"}
    factory = partial(start_blocking_portal, backend)
    session = WebSocketTestSession(echo, scope, factory)
    with session:
        session.send_text("a")
        assert session.receive_text() == "a"
        assert session.portal.call(threading.get_ident) != threading.get_ident()
    assert (session.app, session.scope, session.portal_factory) == (echo, scope, factory)
    assert session.exit_stack
