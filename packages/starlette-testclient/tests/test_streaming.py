"""Streamed responses of the synchronous client."""

import gc
import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from starlette_testclient import TestClient

START = {"type": "http.response.start", "status": 200}
Sending = Callable[..., Any]


def part(data: bytes, more: bool = True) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more}


class Endless:
    """Sends numbers for ever, and notes how it ended."""

    def __init__(self) -> None:
        self.sent = 0
        self.end = ""
        self.over = threading.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        try:
            await send(START)
            while True:
                await send(part(b"%d\n" % self.sent))
                self.sent += 1
        except anyio.get_cancelled_exc_class():
            self.end = "cancelled"
            raise
        finally:
            self.over.set()


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=[False, True], ids=["outside", "inside"])
def client_of(request: pytest.FixtureRequest, backend: Any) -> Any:
    """`client_of(app)` is a client, entered or not, on each backend."""
    clients: list[TestClient] = []

    def build(app: Any, **options: Any) -> TestClient:
        client = TestClient(app, backend=backend, timeout=10, **options)
        clients.append(client.__enter__() if request.param else client)
        return client

    yield build
    for client in clients:
        if request.param:
            client.__exit__()
        client.close()


def test_chunks_come_one_by_one_from_an_endless_body(client_of: Any) -> None:
    app = Endless()
    with client_of(app).stream("GET", "/") as response:
        lines = response.iter_lines()
        assert [next(lines), next(lines), next(lines)] == ["0", "1", "2"]
    assert app.sent <= 4


def test_leaving_early_cancels_the_application(client_of: Any) -> None:
    app = Endless()
    with client_of(app).stream("GET", "/"):
        pass
    assert app.end == "cancelled"


def test_the_response_is_there_before_the_body(client_of: Any) -> None:
    going_on = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send(START | {"headers": [(b"x-a", b"1")]})
            await anyio.to_thread.run_sync(going_on.wait)
            await send(part(b"late", more=False))

    with client_of(app).stream("GET", "/") as response:
        assert response.headers["x-a"] == "1"
        going_on.set()
        assert response.read() == b"late"


def test_the_application_waits_until_its_chunk_is_taken(client_of: Any) -> None:
    events: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send(START)
            await send(part(b"a"))
            events.append("sent")
            await send(part(b"b", more=False))

    with client_of(app).stream("GET", "/") as response:
        chunks = response.iter_raw()
        events.append("taking")
        next(chunks)
        assert next(chunks) == b"b"
    assert events == ["taking", "sent"]


def test_reading_to_the_end_waits_for_the_application(client_of: Any) -> None:
    done = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send(START)
            await send(part(b"a", more=False))
            await anyio.lowlevel.checkpoint()
            done.append("background")

    with client_of(app).stream("GET", "/") as response:
        assert response.read() == b"a"
        assert done == ["background"]


def test_after_the_last_chunk_closing_waits_for_the_application(client_of: Any) -> None:
    done = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send(START)
            await send(part(b"a", more=False))
            await anyio.lowlevel.checkpoint()
            done.append("background")

    with client_of(app).stream("GET", "/") as response:
        next(response.iter_raw())
    assert done == ["background"]


def test_before_the_last_chunk_closing_cancels_the_application(client_of: Any) -> None:
    done = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send(START)
            await send(part(b"a", more=False))
            done.append("background")

    with client_of(app).stream("GET", "/"):
        pass
    assert done == []


def read(client: Any) -> bytes:
    with client.stream("GET", "/") as response:
        data: bytes = response.read()
    return data


def test_an_error_after_the_start_is_raised_at_the_end(client_of: Any, sending: Sending) -> None:
    client = client_of_http(client_of, sending(START, part(b"a"), ValueError("boom")))
    with pytest.raises(ValueError, match="boom"):
        read(client)


def client_of_http(client_of: Any, app: Any) -> Any:
    async def without_lifespan(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await app(scope, receive, send)

    return client_of(without_lifespan)


def test_an_error_before_the_start_is_raised_at_once(client_of: Any, sending: Sending) -> None:
    client = client_of_http(client_of, sending(ValueError("boom")))
    with pytest.raises(ValueError, match="boom"):
        client.send(client.build_request("GET", "/"), stream=True)


def test_an_error_before_the_start_is_a_500_when_not_raised(sending: Sending) -> None:
    client = TestClient(sending(ValueError("boom")), raise_server_exceptions=False)
    with client.stream("GET", "/") as response:
        assert response.status_code == 500


def test_the_error_of_the_block_wins(client_of: Any, sending: Sending) -> None:
    app = sending(START, ValueError("boom"))
    with pytest.raises(KeyError):
        with client_of_http(client_of, app).stream("GET", "/"):
            raise KeyError


def test_an_error_is_raised_also_while_another_one_is_handled(sending: Sending) -> None:
    client = TestClient(sending(START, ValueError("boom")))
    try:
        raise KeyError
    except KeyError:
        with pytest.raises(ValueError, match="boom"):
            read(client)


def test_trailers_come_with_the_end(client_of: Any, sending: Sending) -> None:
    trailers = {"type": "http.response.trailers", "headers": [(b"a", b"1")]}
    app = sending(START | {"trailers": True}, part(b"a", more=False), trailers)
    with client_of_http(client_of, app).stream("GET", "/") as response:
        assert response.extensions["http.response.trailers"] == []
        response.read()
        assert response.extensions["http.response.trailers"] == [(b"a", b"1")]


def test_a_redirect_is_followed_to_a_stream(client_of: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == "/old":
            await send(START | {"status": 302, "headers": [(b"location", b"/new")]})
            await send(part(b"", more=False))
        elif scope["type"] == "http":
            await send(START)
            await send(part(b"new", more=False))

    with client_of(app).stream("GET", "/old") as response:
        assert response.read() == b"new"


def test_closing_the_client_ends_its_streams(backend: Any) -> None:
    app = Endless()
    client = TestClient(app, backend=backend)
    response = client.send(client.build_request("GET", "/"), stream=True)
    client.close()
    assert app.end == "cancelled"
    response.close()


def test_leaving_the_client_ends_its_streams(backend: Any) -> None:
    app = Endless()
    with TestClient(app, backend=backend) as client:
        response = client.send(client.build_request("GET", "/"), stream=True)
    assert app.end == "cancelled"
    response.close()


def test_a_stream_leaves_no_thread() -> None:
    before = threading.active_count()
    with TestClient(Endless()).stream("GET", "/"):
        assert threading.active_count() <= before + 1
    assert threading.active_count() <= before


@pytest.mark.parametrize("inside", [False, True])
def test_a_dropped_stream_is_cancelled(backend: Any, inside: bool) -> None:
    app = Endless()
    client = TestClient(app, backend=backend)
    if inside:
        client.__enter__()
    response = client.send(client.build_request("GET", "/"), stream=True)
    del response
    gc.collect()
    assert app.over.wait(10)
    if inside:
        client.__exit__()


@pytest.mark.parametrize("pending", [True, False])
def test_disconnect_tells_the_application_instead(backend: Any, pending: bool) -> None:
    events: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(START)
        if pending:
            await send(part(b"a"))
        events.append((await receive())["type"])
        await send(part(b"dropped"))
        events.append("returned")

    client = TestClient(app, backend=backend, disconnect=True)
    with client.stream("GET", "/"):
        pass
    assert events == ["http.disconnect", "returned"]


def test_strict_does_not_mind_a_stream_that_the_test_left(backend: Any) -> None:
    with TestClient(Endless(), backend=backend, strict=True).stream("GET", "/"):
        pass


def test_strict_refuses_a_stream_that_is_cut_off(sending: Sending) -> None:
    client = TestClient(sending(START, part(b"a")), strict=True)
    with pytest.raises(AssertionError, match="without the end of the body"):
        read(client)
