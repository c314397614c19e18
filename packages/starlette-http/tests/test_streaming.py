"""Streamed responses: what is sent, when they end, and that nothing is left open."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest
import trio

from starlette_http.background import BackgroundTask
from starlette_http.exception_handling import StartWatch
from starlette_http.requests import ClientDisconnect
from starlette_http.responses import StreamingResponse

OLD = {"type": "http", "method": "GET", "path": "/", "headers": [], "asgi": {"spec_version": "2.3"}}
NEW = OLD | {"asgi": {"spec_version": "2.4"}}
DISCONNECT = {"type": "http.disconnect"}


def chunk(body: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": True}


END = {"type": "http.response.body", "body": b"", "more_body": False}


@pytest.fixture(params=["2.3", "2.4"])
def scope(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Servers before and after `send` raises for a client that left."""
    return OLD | {"asgi": {"spec_version": request.param}}


class Numbers:
    """An async iterator that is no generator, and can be closed."""

    def __init__(self, *numbers: int) -> None:
        self.numbers = list(numbers)
        self.closed = False

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        if not self.numbers:
            raise StopAsyncIteration
        return str(self.numbers.pop(0))

    async def aclose(self) -> None:
        await anyio.lowlevel.checkpoint()
        self.closed = True


class Stream:
    """An endless async generator that tells when it waits and when it was closed."""

    def __init__(self) -> None:
        self.waits = anyio.Event()
        self.closed = False

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            yield b"a"
            self.waits.set()
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.lowlevel.checkpoint()
            self.closed = True


async def sync_free() -> AsyncIterator[Any]:
    for item in ("é", b"\xff", b"", memoryview(b"view")):
        yield item


async def test_every_chunk_is_a_message_and_an_empty_one_ends(
    channel: Any, scope: dict[str, Any]
) -> None:
    connection = channel()
    response = StreamingResponse(sync_free(), 201, {"x-name": "a"}, "text/plain")
    await response(scope, connection.receive, connection.send)
    headers = [(b"x-name", b"a"), (b"content-type", b"text/plain; charset=utf-8")]
    assert connection.sent == [
        {"type": "http.response.start", "status": 201, "headers": headers},
        chunk(b"\xc3\xa9"),
        chunk(b"\xff"),
        chunk(b""),
        {"type": "http.response.body", "body": b"view", "more_body": True},
        END,
    ]


def test_a_streamed_response_has_no_body() -> None:
    response = StreamingResponse([])
    assert not hasattr(response, "body")
    assert "content-length" not in response.headers


async def test_chunks_of_str_are_encoded_with_the_charset(channel: Any) -> None:
    class Latin(StreamingResponse):
        charset = "latin-1"

    connection = channel()
    await Latin(["é"], media_type="text/plain")(NEW, connection.receive, connection.send)
    assert connection.body == b"\xe9"


@pytest.mark.parametrize(
    "make",
    [str, list, tuple, lambda chunks: iter(list(chunks)), lambda chunks: iter(tuple(chunks))],
    ids=["str", "list", "tuple", "list-iterator", "tuple-iterator"],
)
async def test_chunks_in_memory_are_sent_as_they_are(channel: Any, make: Any) -> None:
    connection = channel()
    await StreamingResponse(make("ab"))(NEW, connection.receive, connection.send)
    assert connection.sent[1:] == [chunk(b"a"), chunk(b"b"), END]


async def test_a_chunk_of_another_type_is_an_attribute_error(channel: Any) -> None:
    connection, content = channel(), [b"a", 1]
    with pytest.raises(AttributeError, match="'int' object has no attribute 'encode'"):
        await StreamingResponse(content)(NEW, connection.receive, connection.send)  # type: ignore[arg-type]
    assert connection.sent[1:] == [chunk(b"a")]


@pytest.mark.parametrize("status", [103, 204, 304])
async def test_a_status_without_content_closes_the_iterator_and_asks_it_for_nothing(
    status: int, scope: dict[str, Any], channel: Any
) -> None:
    connection, numbers = channel(), Numbers(1, 2)
    await StreamingResponse(numbers, status)(scope, connection.receive, connection.send)
    assert connection.sent[1:] == [END]
    assert numbers.numbers == [1, 2]
    assert numbers.closed


async def test_a_sync_generator_runs_in_worker_threads(channel: Any) -> None:
    def chunks() -> Iterator[str]:
        yield str(threading.get_ident())
        yield str(threading.get_ident())

    connection = channel()
    await StreamingResponse(chunks())(NEW, connection.receive, connection.send)
    assert [message["more_body"] for message in connection.sent[1:]] == [True, True, False]
    assert str(threading.get_ident()).encode() not in connection.body


async def test_a_sync_generator_is_closed_when_the_client_leaves() -> None:
    closed: list[bool] = []
    second = anyio.Event()

    def chunks() -> Iterator[str]:
        try:
            while True:
                yield "a"
        finally:
            closed.append(True)

    async def receive() -> dict[str, Any]:
        await second.wait()
        return DISCONNECT

    async def send(message: Any) -> None:
        second.set()

    with anyio.fail_after(5):
        await StreamingResponse(chunks())(OLD, receive, send)
    assert closed == [True]


async def test_a_file_is_closed_when_the_client_leaves(tmp_path: Path) -> None:
    (tmp_path / "lines").write_text("a\n" * 10)
    file = (tmp_path / "lines").open()

    async def send(message: Any) -> None:
        if message.get("body"):
            raise OSError

    with pytest.raises(ClientDisconnect):
        await StreamingResponse(file)(NEW, None, send)
    assert file.closed


async def test_a_file_is_sent_to_its_end(tmp_path: Path, channel: Any) -> None:
    (tmp_path / "lines").write_text("a\nb\n")
    connection = channel()
    with (tmp_path / "lines").open() as file:
        await StreamingResponse(file)(NEW, connection.receive, connection.send)
    assert connection.sent[1:] == [chunk(b"a\n"), chunk(b"b\n"), END]


def peeked(closed: list[str]) -> Iterator[str]:
    """A generator whose first item was taken, to see whether there is one."""

    def chunks() -> Iterator[str]:
        try:
            yield "first"
            yield "second"
        finally:
            closed.append("generator")

    begun = chunks()
    next(begun)
    return begun


class Cursor:
    """A sync iterator that is no generator, and can be closed."""

    def __init__(self, closed: list[str]) -> None:
        self.closed = closed

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        raise AssertionError("iterated")

    def close(self) -> None:
        self.closed.append("iterator")


@pytest.mark.parametrize(("make", "kind"), [(peeked, "generator"), (Cursor, "iterator")])
async def test_a_sync_iterable_is_closed_also_if_the_start_cannot_be_sent(
    make: Any, kind: str, scope: dict[str, Any], channel: Any
) -> None:
    async def send(message: Any) -> None:
        raise OSError

    closed: list[str] = []
    with pytest.raises(ClientDisconnect):
        await StreamingResponse(make(closed))(scope, channel().receive, send)
    assert closed == [kind]


@pytest.mark.parametrize(("make", "kind"), [(peeked, "generator"), (Cursor, "iterator")])
async def test_a_sync_iterable_is_closed_also_if_the_client_leaves_before_the_start(
    make: Any, kind: str
) -> None:
    async def send(message: Any) -> None:
        await anyio.sleep_forever()

    async def receive() -> dict[str, Any]:
        return DISCONNECT

    closed: list[str] = []
    with anyio.fail_after(5):
        await StreamingResponse(make(closed))(OLD, receive, send)
    assert closed == [kind]


async def test_a_file_that_was_sent_stays_open_for_the_background(
    tmp_path: Path, channel: Any
) -> None:
    def read_again() -> None:
        file.seek(0)
        again.append(file.read())

    (tmp_path / "lines").write_text("a\n")
    again: list[str] = []
    connection = channel()
    with (tmp_path / "lines").open() as file:
        response = StreamingResponse(file, background=BackgroundTask(read_again))
        await response(NEW, connection.receive, connection.send)
    assert again == ["a\n"]


async def test_a_sync_iterable_may_have_nothing_to_close(channel: Any) -> None:
    connection = channel()
    chunks = map(lambda number: str(1 // number), [1, 0])
    with pytest.raises(ZeroDivisionError):
        await StreamingResponse(chunks)(NEW, connection.receive, connection.send)
    assert connection.sent[1:] == [chunk(b"1")]


def test_a_sync_generator_that_is_left_in_its_thread_is_closed_there(channel: Any) -> None:
    # asyncio's own cancellation does not wait for the thread that is fetching the next chunk.
    waits, may_go_on, closed = threading.Event(), threading.Event(), threading.Event()

    def chunks() -> Iterator[str]:
        try:
            waits.set()
            assert may_go_on.wait(5)
            yield "a"
        finally:
            closed.set()

    async def main() -> None:
        connection = channel()
        response = StreamingResponse(chunks())
        task = asyncio.create_task(response(OLD, connection.receive, connection.send))
        assert await asyncio.to_thread(waits.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        del response
        may_go_on.set()
        assert await asyncio.to_thread(closed.wait, 5)

    asyncio.run(main())


async def test_an_error_of_the_iterator_is_raised_as_itself(
    channel: Any, scope: dict[str, Any]
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"a"
        await anyio.lowlevel.checkpoint()
        raise FileNotFoundError("gone")

    connection = channel()
    with pytest.raises(FileNotFoundError, match="gone"):
        await StreamingResponse(broken())(scope, connection.receive, connection.send)
    assert connection.sent[1:] == [chunk(b"a")]


async def test_an_iterator_is_closed_at_the_end(channel: Any, scope: dict[str, Any]) -> None:
    connection, numbers = channel(), Numbers(1, 2)
    await StreamingResponse(numbers)(scope, connection.receive, connection.send)
    assert connection.body == b"12"
    assert numbers.closed


async def test_an_async_iterator_may_have_nothing_to_close(channel: Any) -> None:
    class Twice:
        left = 2

        def __aiter__(self) -> AsyncIterator[bytes]:
            return self

        async def __anext__(self) -> bytes:
            if not self.left:
                raise StopAsyncIteration
            self.left -= 1
            return b"a"

    connection = channel()
    await StreamingResponse(Twice())(NEW, connection.receive, connection.send)
    assert connection.sent[1:] == [chunk(b"a"), chunk(b"a"), END]


async def test_the_iterator_of_an_iterable_is_closed(scope: dict[str, Any]) -> None:
    stream = Stream()

    class Iterable:
        def __aiter__(self) -> AsyncIterator[bytes]:
            return stream.chunks()

    async def receive() -> dict[str, Any]:
        await anyio.sleep_forever()
        raise AssertionError

    async def send(message: Any) -> None:
        if message.get("body"):
            raise OSError

    with pytest.raises(ClientDisconnect):
        await StreamingResponse(Iterable())(scope, receive, send)
    assert stream.closed


@pytest.mark.parametrize(
    "failing", ["http.response.start", b"1", b""], ids=["start", "chunk", "end"]
)
async def test_a_send_that_fails_is_a_client_that_left(
    failing: Any, scope: dict[str, Any], channel: Any
) -> None:
    async def send(message: Any) -> None:
        if failing in (message["type"], message.get("body")):
            raise OSError("broken pipe")

    numbers = Numbers(1)
    ran: list[int] = []
    response = StreamingResponse(numbers, background=BackgroundTask(ran.append, 1))
    with pytest.raises(ClientDisconnect):
        await response(scope, channel().receive, send)
    assert numbers.closed
    assert ran == []


async def test_an_old_server_tells_of_the_client_by_a_message() -> None:
    stream = Stream()
    ran: list[int] = []
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        await stream.waits.wait()
        return DISCONNECT

    async def send(message: Any) -> None:
        sent.append(message)

    response = StreamingResponse(stream.chunks(), background=BackgroundTask(ran.append, 1))
    with anyio.fail_after(5):
        await response(OLD, receive, send)
    assert sent[1:] == [chunk(b"a")]
    assert stream.closed
    assert ran == [1]


async def test_other_messages_do_not_end_the_stream(channel: Any) -> None:
    async def patient() -> AsyncIterator[bytes]:
        for _ in range(10):
            await anyio.lowlevel.checkpoint()
        yield b"a"

    connection = channel({"type": "http.request", "body": b"", "more_body": False})
    await StreamingResponse(patient())(OLD, connection.receive, connection.send)
    assert connection.body == b"a"


@pytest.mark.parametrize(
    "asgi", [{}, {"spec_version": "2.0"}, {"spec_version": "new"}, {"spec_version": None}, None]
)
async def test_a_server_of_unknown_version_is_an_old_one(asgi: Any) -> None:
    stream = Stream()

    async def receive() -> dict[str, Any]:
        await stream.waits.wait()
        return DISCONNECT

    async def send(message: Any) -> None: ...

    with anyio.fail_after(5):
        await StreamingResponse(stream.chunks())(OLD | {"asgi": asgi}, receive, send)
    assert stream.closed


async def test_a_new_server_is_not_asked_for_messages() -> None:
    async def receive() -> dict[str, Any]:
        raise AssertionError("received")

    sent = []

    async def send(message: Any) -> None:
        await anyio.lowlevel.checkpoint()
        sent.append(message)

    await StreamingResponse(sync_free())(NEW, receive, send)
    assert len(sent) == 6


async def test_an_error_of_receive_ends_the_stream_and_is_raised() -> None:
    stream = Stream()

    async def receive() -> dict[str, Any]:
        await stream.waits.wait()
        raise LookupError("receive")

    async def send(message: Any) -> None: ...

    with anyio.fail_after(5), pytest.raises(LookupError, match="receive"):
        await StreamingResponse(stream.chunks())(OLD, receive, send)
    assert stream.closed


async def test_cancellation_closes_the_iterator(channel: Any, scope: dict[str, Any]) -> None:
    connection, stream = channel(), Stream()
    async with anyio.create_task_group() as group:
        response = StreamingResponse(stream.chunks())
        group.start_soon(response, scope, connection.receive, connection.send)
        with anyio.fail_after(5):
            await stream.waits.wait()
        group.cancel_scope.cancel()
    assert stream.closed


def test_cancelling_the_asyncio_task_leaves_nothing_behind(channel: Any) -> None:
    async def main() -> None:
        connection, stream = channel(), Stream()
        response = StreamingResponse(stream.chunks())
        task = asyncio.create_task(response(OLD, connection.receive, connection.send))
        await stream.waits.wait()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert stream.closed
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_it_listens_also_where_trio_is_a_guest_of_asyncio(channel: Any) -> None:
    async def in_trio() -> bool:
        stream = Stream()

        async def receive() -> dict[str, Any]:
            await stream.waits.wait()
            return DISCONNECT

        async def send(message: Any) -> None: ...

        with trio.fail_after(5):
            await StreamingResponse(stream.chunks())(OLD, receive, send)
        return stream.closed

    async def main() -> bool:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        trio.lowlevel.start_guest_run(
            in_trio,
            run_sync_soon_threadsafe=loop.call_soon_threadsafe,
            done_callback=done.set_result,
        )
        outcome = await done
        return bool(outcome.unwrap())

    assert asyncio.run(main())


async def test_in_a_websocket_scope_the_stream_denies_the_handshake(channel: Any) -> None:
    connection = channel()
    ran: list[int] = []
    response = StreamingResponse(["no"], 403, background=BackgroundTask(ran.append, 1))
    await response({"type": "websocket"}, connection.receive, connection.send)
    assert [message["type"] for message in connection.sent] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
        "websocket.http.response.body",
    ]
    assert ran == [1]


async def test_a_stream_can_be_called_without_a_scope(channel: Any) -> None:
    connection, deaf = channel(), channel()
    await StreamingResponse(["a"])(connection.receive, connection.send)
    await StreamingResponse(["a"])(None, deaf.send)
    assert connection.sent == deaf.sent
    assert connection.body == b"a"


async def test_the_body_iterator_can_be_replaced(channel: Any) -> None:
    connection = channel()
    response = StreamingResponse(["a", "b"])
    original = response.body_iterator

    async def shouting() -> AsyncIterator[str]:
        async for text in original:
            assert isinstance(text, str)
            yield text.upper()

    response.body_iterator = shouting()
    await response(NEW, connection.receive, connection.send)
    assert connection.body == b"AB"


async def test_a_subclass_may_stream_and_listen_in_its_own_way() -> None:
    class Own(StreamingResponse):
        async def stream_response(self, send: Any) -> None:
            await send("started")
            await anyio.sleep_forever()

        async def listen_for_disconnect(self, receive: Any) -> None:
            while await receive() != "bye":
                pass

    sent = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> str:
        return "bye"

    with anyio.fail_after(5):
        await Own([])(OLD, receive, send)
    assert sent == ["started"]


async def test_a_watch_of_the_start_sees_a_stream_start(
    channel: Any, scope: dict[str, Any]
) -> None:
    connection = channel()
    watch = StartWatch(connection.send)
    await StreamingResponse(Numbers(1, 2))(scope, connection.receive, watch)
    assert watch.started
    assert connection.sent[1:] == [chunk(b"1"), chunk(b"2"), END]


async def test_a_stream_that_never_waits_ends_with_the_client() -> None:
    async def ticks() -> AsyncIterator[bytes]:
        for _ in range(100_000):
            yield b"tick"
        raise AssertionError("sent to nobody")

    async def send(message: Any) -> None:
        """As servers do for a client that has left: nothing, and at once."""

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    await StreamingResponse(ticks())(OLD, receive, send)


def test_under_uvicorn_the_iterator_ends_with_the_client(serve: Any) -> None:
    closed = threading.Event()

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"tick" * 1000
        finally:
            closed.set()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await StreamingResponse(endless())(scope, receive, send)

    with httpx.stream("GET", serve(app, lifespan="off")) as response:
        assert next(response.iter_raw()).startswith(b"tick")
    assert closed.wait(5)
