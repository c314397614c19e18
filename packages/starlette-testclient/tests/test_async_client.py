"""The asynchronous client, in the test's own loop."""

import contextvars
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from starlette_testclient import AsyncTestClient, WebSocketDenialResponse, httpx
from starlette_websockets.websockets import WebSocketDisconnect

START = {"type": "http.response.start", "status": 200}
BODY = {"type": "http.response.body", "body": b"Hello, world!"}
ACCEPT = {"type": "websocket.accept"}
Sending = Callable[..., Any]


async def echo(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        message = await receive()
        await send(START)
        await send({"type": "http.response.body", "body": message["body"]})
    while scope["type"] == "websocket":
        message = dict(await receive())
        if message["type"] == "websocket.disconnect":
            return
        reply = {"websocket.connect": "websocket.accept", "websocket.receive": "websocket.send"}
        await send(message | {"type": reply[message["type"]]})


class Endless:
    """Sends numbers for ever, and notes how it ended."""

    end = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        try:
            await send(START)
            number = 0
            while True:
                data = b"%d\n" % number
                await send({"type": "http.response.body", "body": data, "more_body": True})
                number += 1
        except anyio.get_cancelled_exc_class():
            self.end = "cancelled"
            raise


async def test_a_request_is_answered() -> None:
    response = await AsyncTestClient(echo).post("/", content=b"a")
    assert (response.status_code, response.text) == (200, "a")
    assert isinstance(response, httpx.Response)


async def test_query_is_a_method(recorder: Any) -> None:
    assert (await AsyncTestClient(recorder).query("/")).status_code == 204
    assert recorder.scope["method"] == "QUERY"


async def test_a_generator_body_is_joined() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"

    assert (await AsyncTestClient(echo).post("/", content=pieces())).content == b"ab"


async def test_the_scope_is_that_of_the_synchronous_client(recorder: Any) -> None:
    client = AsyncTestClient(recorder, "http://example.org/api", root_path="/root")
    await client.get("/users")
    assert recorder.scope["path"] == "/api/users"
    assert recorder.scope["server"] == ["example.org", 80]
    assert recorder.scope["root_path"] == "/root"
    assert (b"user-agent", b"testclient") in recorder.scope["headers"]
    assert recorder.scope["client"] == ("testclient", 50000)


async def test_redirects_are_followed_by_default() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        old = scope["path"] == "/old"
        await send(START | {"status": 307, "headers": [(b"location", b"/new")]} if old else START)
        await send(BODY)

    assert (await AsyncTestClient(app).get("/old")).url == "http://testserver/new"


async def test_an_exception_of_the_application_is_raised(sending: Sending) -> None:
    for messages in ([], [START], [START, BODY]):
        with pytest.raises(ValueError, match="boom"):
            await AsyncTestClient(sending(*messages, ValueError("boom"))).get("/")


async def test_an_exception_of_the_application_can_be_a_500(sending: Sending) -> None:
    client = AsyncTestClient(sending(ValueError("boom")), raise_server_exceptions=False)
    assert (await client.get("/")).status_code == 500


async def test_strict_refuses_a_body_that_is_cut_off(sending: Sending) -> None:
    client = AsyncTestClient(sending(START, BODY | {"more_body": True}), strict=True)
    with pytest.raises(AssertionError, match="without the end of the body"):
        await client.get("/")


async def test_no_thread_is_started() -> None:
    threads = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        threads.append(threading.get_ident())
        if scope["type"] == "http":
            await send(START)
            await send(BODY)

    async with AsyncTestClient(app) as client:
        await client.get("/")
        async with client.stream("GET", "/"):
            pass
    assert set(threads) == {threading.get_ident()}


name: contextvars.ContextVar[str] = contextvars.ContextVar("name", default="nobody")


async def test_the_application_sees_the_tests_context_variables() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        greeting = name.get().encode()
        name.set("the application")
        await send(START)
        await send({"type": "http.response.body", "body": greeting})

    client = AsyncTestClient(app)
    token = name.set("the test")
    assert (await client.get("/")).text == "the test"
    async with client.stream("GET", "/") as response:
        assert await response.aread() == b"the test"
    assert name.get() == "the test"
    name.reset(token)


async def test_cancelling_the_test_cancels_the_application() -> None:
    ends = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ends.append("cancelled")

    with anyio.move_on_after(0.01) as scope:
        await AsyncTestClient(app).get("/")
    assert scope.cancelled_caught
    assert ends == ["cancelled"]


async def test_requests_may_run_at_the_same_time() -> None:
    meeting = anyio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/first":
            await meeting.wait()
        meeting.set()
        await send(START)
        await send(BODY)

    client = AsyncTestClient(app)
    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.get, "/first")
            tasks.start_soon(client.get, "/second")


async def test_chunks_come_one_by_one_and_leaving_cancels() -> None:
    app = Endless()
    async with AsyncTestClient(app).stream("GET", "/") as response:
        stream: Any = response.stream
        chunks = aiter(stream)
        assert [await anext(chunks), await anext(chunks)] == [b"0\n", b"1\n"]
    assert app.end == "cancelled"


async def test_reading_to_the_end_waits_for_the_application() -> None:
    done = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send(BODY)
        await anyio.lowlevel.checkpoint()
        done.append("background")

    async with AsyncTestClient(app).stream("GET", "/") as response:
        assert await response.aread() == b"Hello, world!"
        assert done == ["background"]


async def stream(client: AsyncTestClient) -> bytes:
    async with client.stream("GET", "/") as response:
        return await response.aread()


async def test_an_error_in_a_stream_is_raised(sending: Sending) -> None:
    for messages in ([], [START], [START, BODY]):
        with pytest.raises(ValueError, match="boom"):
            await stream(AsyncTestClient(sending(*messages, ValueError("boom"))))


async def test_the_error_of_the_block_wins(sending: Sending) -> None:
    client = AsyncTestClient(sending(START, ValueError("boom")))
    with pytest.raises(KeyError):
        async with client.stream("GET", "/"):
            raise KeyError


async def test_cancelling_the_test_cancels_a_stream() -> None:
    app = Endless()
    with anyio.CancelScope() as scope:
        async with AsyncTestClient(app).stream("GET", "/"):
            scope.cancel()
            await anyio.sleep_forever()
    assert app.end == "cancelled"


async def test_cancelling_the_test_before_the_start_of_a_stream_cancels_it() -> None:
    ends = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ends.append("cancelled")

    with anyio.move_on_after(0.01):
        await stream(AsyncTestClient(app))
    assert ends == ["cancelled"]


async def test_closing_or_leaving_the_client_ends_its_streams() -> None:
    for leave in (AsyncTestClient.aclose, AsyncTestClient.__aexit__):
        app = Endless()
        client = await AsyncTestClient(app).__aenter__()
        response = await client.send(client.build_request("GET", "/"), stream=True)
        await leave(client)
        assert app.end == "cancelled"
        await response.aclose()


async def test_disconnect_tells_the_application_instead() -> None:
    events: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(START)
        events.append((await receive())["type"])

    async with AsyncTestClient(app, disconnect=True).stream("GET", "/"):
        pass
    assert events == ["http.disconnect"]


async def test_the_lifespan_runs_around_the_block() -> None:
    events = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            events.append(scope["state"]["value"])
            await send(START)
            await send(BODY)
            return
        for _ in range(2):
            message = await receive()
            scope["state"]["value"] = "ready"
            events.append(message["type"])
            await send({"type": f"{message['type']}.complete"})

    client = AsyncTestClient(app)
    for _ in range(2):
        async with client:
            await client.get("/")
    assert events == ["lifespan.startup", "ready", "lifespan.shutdown"] * 2
    assert client.app_state == {"value": "ready"}
    assert client.stream_send
    assert client.stream_receive


async def test_a_failed_startup_is_raised_and_nothing_is_left() -> None:
    ends = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            await send({"type": "lifespan.startup.failed", "message": "no"})
            await receive()
            await receive()
        finally:
            ends.append("ended")

    with pytest.raises(RuntimeError, match=r"^no$"):
        await AsyncTestClient(app).__aenter__()
    assert ends == ["ended"]


async def test_a_lifespan_that_is_cut_off_by_cancellation_is_ended() -> None:
    ends = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "lifespan.startup.complete"})
        try:
            await anyio.sleep_forever()
        finally:
            ends.append("ended")

    with anyio.CancelScope() as scope:
        async with AsyncTestClient(app):
            scope.cancel()
            await anyio.lowlevel.checkpoint()
    assert ends == ["ended"]


async def test_the_client_may_be_left_by_another_task() -> None:
    client = AsyncTestClient(echo)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(client.__aenter__)
    assert (await client.get("/")).status_code == 200
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(client.__aexit__)


async def test_websocket_frames_go_both_ways() -> None:
    async with AsyncTestClient(echo).websocket_connect("/") as session:
        await session.send_text("a")
        assert await session.receive_text() == "a"
        await session.send_bytes(b"b")
        assert await session.receive_bytes() == b"b"
        await session.send_json({"c": 1})
        assert await session.receive_json() == {"c": 1}
        await session.send_json([1], mode="binary")
        assert await session.receive_json(mode="binary") == [1]
        await session.send({"type": "websocket.receive", "text": "d"})
        assert await session.receive() == {"type": "websocket.send", "text": "d"}
        await session.close()
        with pytest.raises(WebSocketDisconnect):
            await session.receive()


async def test_the_accept_of_a_websocket_tells_subprotocol_and_headers(sending: Sending) -> None:
    app = sending(ACCEPT | {"subprotocol": "two", "headers": [(b"a", b"1")]})
    async with AsyncTestClient(app).websocket_connect("/", ["one", "two"]) as session:
        assert session.accepted_subprotocol == "two"
        assert session.extra_headers == [(b"a", b"1")]


async def test_a_websocket_that_is_refused_raises(sending: Sending) -> None:
    client = AsyncTestClient(sending({"type": "websocket.close", "code": 4000}))
    with pytest.raises(WebSocketDisconnect):
        await client.websocket_connect("/").__aenter__()


async def test_a_websocket_that_is_denied_raises_the_response(sending: Sending) -> None:
    app = sending(
        {"type": "websocket.http.response.start", "status": 403},
        {"type": "websocket.http.response.body", "body": b"no"},
    )
    with pytest.raises(WebSocketDenialResponse) as caught:
        await AsyncTestClient(app).websocket_connect("/").__aenter__()
    assert (caught.value.status_code, caught.value.content) == (403, b"no")


async def test_frames_that_nobody_read_are_dropped(sending: Sending) -> None:
    app = sending(ACCEPT, {"type": "websocket.send", "text": "a"})
    async with AsyncTestClient(app).websocket_connect("/"):
        pass


async def talk(client: AsyncTestClient) -> None:
    async with client.websocket_connect("/"):
        await anyio.lowlevel.checkpoint()


async def test_leaving_a_websocket_raises_what_the_application_raised(sending: Sending) -> None:
    with pytest.raises(ValueError, match="boom"):
        await talk(AsyncTestClient(sending(ACCEPT, ValueError("boom"))))


async def test_leaving_a_websocket_cancels_an_application_that_does_not_listen() -> None:
    ends = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(ACCEPT)
        try:
            await anyio.sleep_forever()
        finally:
            ends.append("cancelled")

    await talk(AsyncTestClient(app))
    assert ends == ["cancelled"]


async def test_a_websocket_is_used_inside_async_with(recorder: Any) -> None:
    client = AsyncTestClient(recorder)
    request = client.build_request("GET", "ws://testserver/")
    session: Any = (await client.send(request)).extensions["starlette_testclient.session"]
    with pytest.raises(RuntimeError, match=r"use it inside `async with`\.$"):
        await session.receive()


async def test_overridden_coroutines_run(recorder: Any) -> None:
    events = []

    class Client(AsyncTestClient):
        async def lifespan(self) -> None:
            events.append("lifespan")
            await super().lifespan()

    async with Client(recorder):
        pass
    assert events == ["lifespan"]
