"""Server-sent events: encoded against the specification's parser, and ended in every way."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest
import trio
import trio.testing
from hypothesis import given, strategies as st

from starlette_http.background import BackgroundTask
from starlette_http.events import EventSourceResponse, ServerSentEvent, last_event_id
from starlette_http.requests import Request
from starlette_http.responses import Response, StreamingResponse

SCOPE = {"type": "http", "method": "GET", "path": "/", "headers": []}
END = {"type": "http.response.body", "body": b"", "more_body": False}


def chunk(body: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": True}


@pytest.mark.parametrize(
    ("event", "encoded"),
    [
        (ServerSentEvent("a"), b"data: a\n\n"),
        (ServerSentEvent(""), b"data: \n\n"),
        (ServerSentEvent("a\nb\r\nc\rd\n"), b"data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n"),
        (ServerSentEvent("a\u2028b\x0bc"), "data: a\u2028b\x0bc\n\n".encode()),
        (ServerSentEvent("\ud800"), b"data: ?\n\n"),
        (ServerSentEvent(event="é"), "event: é\n\n".encode()),
        (ServerSentEvent(id="1"), b"id: 1\n\n"),
        (ServerSentEvent(id=""), b"id: \n\n"),
        (ServerSentEvent(retry=0), b"retry: 0\n\n"),
        (ServerSentEvent(comment="a\nb"), b": a\n: b\n\n"),
        (
            ServerSentEvent("a", event="b", id="c", retry=4, comment="d"),
            b": d\nevent: b\nid: c\nretry: 4\ndata: a\n\n",
        ),
    ],
)
def test_an_event_is_a_block_of_fields(event: ServerSentEvent, encoded: bytes) -> None:
    assert event.encode() == encoded


@pytest.mark.parametrize("name", ["event", "id"])
@pytest.mark.parametrize("text", ["a\ndata: b", "a\rb", "a\0"])
def test_a_field_cannot_smuggle_in_another(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} .* must not contain a line break or NUL.$"):
        ServerSentEvent(**{name: text})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["data", "event", "id", "retry", "comment"])
def test_an_event_stays_as_it_was_checked(name: str) -> None:
    event = ServerSentEvent("a")
    with pytest.raises(AttributeError, match=f"^cannot assign to field '{name}'$"):
        setattr(event, name, "a\n\n")
    assert event.encode() == b"data: a\n\n"


def test_the_client_cannot_retry_in_the_past() -> None:
    with pytest.raises(ValueError, match="^retry is in milliseconds and cannot be -1.$"):
        ServerSentEvent(retry=-1)


class Client:
    """What a browser does with a stream: the specification's steps, line by line."""

    def __init__(self) -> None:
        self.last_event_id = ""
        self.retry: int | None = None
        self.dispatched: list[tuple[str, str]] = []

    def read(self, stream: bytes) -> None:
        data = event = last_id = ""
        for line in re.split("\r\n|\r|\n", stream.decode().removeprefix("\ufeff"))[:-1]:
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if not line:
                self.last_event_id = last_id
                if data:
                    self.dispatched.append((event or "message", data.removesuffix("\n")))
                data = event = ""
            elif field == "data":
                data += value + "\n"
            elif field == "event":
                event = value
            elif field == "id" and "\0" not in value:
                last_id = value
            elif field == "retry" and re.fullmatch("[0-9]+", value):
                self.retry = int(value)


text = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(" :\r\n"))
line = text.map(lambda value: re.sub("[\r\n\0]", "", value))


@given(*(kind | st.none() for kind in (text, line, line, st.integers(0), text)))
def test_what_is_encoded_is_what_the_client_reads(
    data: str | None, event: str | None, id: str | None, retry: int | None, comment: str | None
) -> None:
    client = Client()
    client.read(ServerSentEvent(data, event, id, retry, comment).encode())
    received = re.sub("\r\n?", "\n", data) if data is not None else None
    assert client.dispatched == ([] if received is None else [(event or "message", received)])
    assert client.last_event_id == (id or "")
    assert client.retry == retry


@given(st.lists(text))
def test_events_that_follow_one_another_stay_apart(texts: list[str]) -> None:
    client = Client()
    client.read(b"".join(ServerSentEvent(text).encode() for text in texts))
    assert client.dispatched == [("message", re.sub("\r\n?", "\n", text)) for text in texts]


@pytest.mark.parametrize(
    ("header", "last"), [(b"41", "41"), ("é".encode(), "é"), (b"\xff", "\ufffd"), (b"", "")]
)
def test_the_last_event_id_is_read_as_utf_8(header: bytes, last: str) -> None:
    assert last_event_id(Request(SCOPE | {"headers": [(b"last-event-id", header)]})) == last


def test_a_first_visit_has_no_last_event_id() -> None:
    assert last_event_id(Request(dict(SCOPE))) is None


class Feed:
    """A generator of events that tells when it waits for more, and when it was closed."""

    def __init__(self, *events: ServerSentEvent | str) -> None:
        self.events = events
        self.waits = anyio.Event()
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[ServerSentEvent | str]:
        try:
            for event in self.events:
                yield event
            self.waits.set()
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.lowlevel.checkpoint()
            self.closed = True


async def numbers() -> AsyncIterator[ServerSentEvent | str]:
    yield "one"
    yield ServerSentEvent("two", id="2")


async def test_events_are_sent_one_by_one(channel: Any) -> None:
    connection = channel()
    await EventSourceResponse(numbers())(dict(SCOPE), connection.receive, connection.send)
    assert connection.sent == [
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", b"text/event-stream; charset=utf-8"),
                (b"cache-control", b"no-store"),
                (b"x-accel-buffering", b"no"),
            ],
        },
        chunk(b"data: one\n\n"),
        chunk(b"id: 2\ndata: two\n\n"),
        END,
    ]


def test_headers_and_status_may_be_given() -> None:
    headers = {"cache-control": "no-cache", "x-accel-buffering": "yes"}
    response = EventSourceResponse([], 201, headers)
    assert response.status_code == 201
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["x-accel-buffering"] == "yes"


def test_it_is_a_streaming_response() -> None:
    assert isinstance(EventSourceResponse([]), StreamingResponse)


async def test_events_may_come_from_a_sync_iterable(channel: Any) -> None:
    def blocking() -> Iterator[str]:
        yield "a"

    for events in (["a"], blocking()):
        connection = channel()
        await EventSourceResponse(events)(dict(SCOPE), connection.receive, connection.send)
        assert connection.body == b"data: a\n\n"


@pytest.mark.parametrize("version", ["2.3", "2.4"])
async def test_the_stream_ends_when_the_client_leaves(version: str) -> None:
    feed, sent = Feed("a"), []
    ran: list[int] = []

    async def receive() -> dict[str, Any]:
        await feed.waits.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = SCOPE | {"asgi": {"spec_version": version}}
    response = EventSourceResponse(feed, background=BackgroundTask(ran.append, 1))
    with anyio.fail_after(5):
        await response(scope, receive, send)
    assert sent[1:] == [chunk(b"data: a\n\n")]
    assert feed.closed
    assert ran == [1]


async def test_a_send_that_fails_ends_the_stream(channel: Any) -> None:
    feed = Feed("a")
    ran: list[int] = []

    async def send(message: Any) -> None:
        if message.get("body"):
            raise OSError

    response = EventSourceResponse(feed, background=BackgroundTask(ran.append, 1))
    await response(dict(SCOPE), channel().receive, send)
    assert feed.closed
    assert ran == [1]


async def test_the_stream_ends_complete_on_shutdown(channel: Any) -> None:
    feed, connection, shutdown = Feed("a"), channel(), anyio.Event()
    async with anyio.create_task_group() as group:
        response = EventSourceResponse(feed, shutdown=shutdown)
        group.start_soon(response, dict(SCOPE), connection.receive, connection.send)
        with anyio.fail_after(5):
            await feed.waits.wait()
            shutdown.set()
    assert connection.sent[1:] == [chunk(b"data: a\n\n"), END]
    assert feed.closed


class Stuck:
    """The `send` of a client that stops at the message with `body`, None for the start."""

    def __init__(self, body: bytes | None) -> None:
        self.body = body
        self.reached = anyio.Event()
        self.may_go_on = anyio.Event()
        self.begun: list[Any] = []
        self.sent: list[Any] = []

    async def __call__(self, message: Any) -> None:
        self.begun.append(message)
        if message.get("body") == self.body:
            self.reached.set()
            await self.may_go_on.wait()
        self.sent.append(message)


class Impatient(EventSourceResponse):
    """Does not wait for a client at its shutdown."""

    shutdown_seconds = 0.01


class Patient(EventSourceResponse):
    """Waits at its shutdown for longer than any test does."""

    shutdown_seconds = 3600


@pytest.mark.parametrize("body", [b"data: a\n\n", b": keep-alive\n\n"], ids=["event", "comment"])
async def test_shutdown_cuts_off_a_client_that_takes_no_more_and_tells_it_of_no_end(
    body: bytes, channel: Any
) -> None:
    feed, shutdown, send = Feed("a"), anyio.Event(), Stuck(body)
    ran: list[int] = []
    response = Impatient(
        feed, background=BackgroundTask(ran.append, 1), keep_alive_seconds=0.01, shutdown=shutdown
    )
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(response, dict(SCOPE), channel().receive, send)
            await send.reached.wait()
            shutdown.set()
    assert send.begun[-1] == chunk(body)
    assert feed.closed
    assert ran == [1]


async def test_shutdown_does_not_wait_for_ever_for_a_client_to_take_the_end(channel: Any) -> None:
    feed, shutdown, send = Feed("a"), anyio.Event(), Stuck(b"")
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            response = Impatient(feed, shutdown=shutdown)
            group.start_soon(response, dict(SCOPE), channel().receive, send)
            await feed.waits.wait()
            shutdown.set()
    assert send.begun[1:] == [chunk(b"data: a\n\n"), END]
    assert feed.closed


async def test_a_client_that_leaves_is_not_waited_for_with_the_end() -> None:
    feed, shutdown, send = Feed("a"), anyio.Event(), Stuck(b"")

    async def receive() -> dict[str, Any]:
        await send.reached.wait()
        return {"type": "http.disconnect"}

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(Patient(feed, shutdown=shutdown), dict(SCOPE), receive, send)
            await feed.waits.wait()
            shutdown.set()
    assert send.sent[1:] == [chunk(b"data: a\n\n")]


@pytest.mark.parametrize("body", [b"data: a\n\n", b": keep-alive\n\n"], ids=["event", "comment"])
async def test_what_is_being_sent_at_the_shutdown_is_sent_before_the_end(
    body: bytes, channel: Any
) -> None:
    feed, shutdown, send = Feed("a"), anyio.Event(), Stuck(body)
    response = Patient(feed, keep_alive_seconds=0.01, shutdown=shutdown)
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(response, dict(SCOPE), channel().receive, send)
            await send.reached.wait()
            shutdown.set()
            await anyio.wait_all_tasks_blocked()
            send.may_go_on.set()
    assert send.sent[-2:] == [chunk(body), END]
    assert feed.closed


async def test_no_event_is_begun_after_the_shutdown(channel: Any) -> None:
    shutdown, send = anyio.Event(), Stuck(b"data: a\n\n")
    response = Patient(["a", "b"], shutdown=shutdown)
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(response, dict(SCOPE), channel().receive, send)
            await send.reached.wait()
            shutdown.set()
            await anyio.wait_all_tasks_blocked()
            send.may_go_on.set()
    assert send.sent[1:] == [chunk(b"data: a\n\n"), END]


async def test_an_event_that_comes_with_the_shutdown_is_sent_whole_or_not_at_all(
    channel: Any,
) -> None:
    waits, shutdown, log = anyio.Event(), anyio.Event(), []

    async def events() -> AsyncIterator[str]:
        yield "a"
        waits.set()
        await shutdown.wait()
        yield "b"
        await anyio.sleep_forever()

    async def send(message: Any) -> None:
        log.append(["begun", message.get("body")])
        await anyio.lowlevel.checkpoint()
        log[-1][0] = "sent"

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            response = Patient(events(), shutdown=shutdown)
            group.start_soon(response, dict(SCOPE), channel().receive, send)
            await waits.wait()
            shutdown.set()
    assert log[-1] == ["sent", b""]
    assert [how for how, _ in log] == ["sent"] * len(log)


async def test_a_shutdown_before_the_start_is_answered_with_a_stream_that_ends(
    channel: Any,
) -> None:
    feed, shutdown, send = Feed("a"), anyio.Event(), Stuck(None)
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            response = Impatient(feed, shutdown=shutdown)
            group.start_soon(response, dict(SCOPE), channel().receive, send)
            await send.reached.wait()
            shutdown.set()
            await anyio.wait_all_tasks_blocked()
            send.may_go_on.set()
    assert send.sent[0]["type"] == "http.response.start"
    assert send.sent[-1] == END


async def test_a_stream_that_ends_before_the_shutdown_ends_once(channel: Any) -> None:
    connection, shutdown = channel(), anyio.Event()
    shutdown.set()
    response = EventSourceResponse([], shutdown=shutdown)
    await response(dict(SCOPE), connection.receive, connection.send)
    assert connection.sent[1:] == [END]


async def test_cancellation_closes_the_iterator(channel: Any) -> None:
    feed, connection = Feed("a"), channel()
    async with anyio.create_task_group() as group:
        response = EventSourceResponse(feed)
        group.start_soon(response, dict(SCOPE), connection.receive, connection.send)
        with anyio.fail_after(5):
            await feed.waits.wait()
        group.cancel_scope.cancel()
    assert feed.closed


def test_cancelling_the_asyncio_task_leaves_nothing_behind(channel: Any) -> None:
    async def main() -> None:
        connection, feed = channel(), Feed("a")
        response = EventSourceResponse(feed, shutdown=anyio.Event())
        task = asyncio.create_task(response(dict(SCOPE), connection.receive, connection.send))
        await feed.waits.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert feed.closed
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


async def test_an_error_of_the_iterator_is_raised_as_itself(channel: Any) -> None:
    async def broken() -> AsyncIterator[str]:
        yield "a"
        raise LookupError("gone")

    connection = channel()
    with pytest.raises(LookupError, match="gone"):
        await EventSourceResponse(broken())(dict(SCOPE), connection.receive, connection.send)
    assert connection.sent[1:] == [chunk(b"data: a\n\n")]


async def test_silence_is_filled_with_comments(channel: Any) -> None:
    feed, pings = Feed("a"), anyio.Event()
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)
        if len(sent) == 4:
            pings.set()

    async def receive() -> dict[str, Any]:
        await pings.wait()
        return {"type": "http.disconnect"}

    with anyio.fail_after(5):
        await EventSourceResponse(feed, keep_alive_seconds=0.01)(dict(SCOPE), receive, send)
    ping = chunk(b": keep-alive\n\n")
    assert sent[1:4] == [chunk(b"data: a\n\n"), ping, ping]


@pytest.mark.parametrize(
    ("events", "sent"),
    [
        ([], [0, 15, 30, 45]),
        ([1], [0, 1, 15, 30, 45]),
        ([8], [0, 8, 22.5, 37.5]),
        ([16, 31, 32], [0, 15, 16, 30, 31, 32, 45]),
        ([14, 20, 29, 35, 44], [0, 14, 20, 29, 35, 44]),
    ],
    ids=repr,
)
def test_no_silence_is_longer_than_15_seconds_and_a_long_one_has_a_comment_every_15(
    events: list[float], sent: list[float]
) -> None:
    times: list[float] = []

    async def feed() -> AsyncIterator[str]:
        for time in events:
            await trio.sleep_until(time)
            yield "a"
        await anyio.sleep_forever()

    async def send(message: Any) -> None:
        times.append(trio.current_time())

    async def receive() -> dict[str, Any]:
        await trio.sleep_until(45.1)
        return {"type": "http.disconnect"}

    async def main() -> None:
        await EventSourceResponse(feed())(dict(SCOPE), receive, send)

    clock = trio.testing.MockClock(autojump_threshold=0)
    anyio.run(main, backend="trio", backend_options={"clock": clock})
    assert times == sent


async def test_a_comment_that_cannot_be_sent_ends_the_stream(channel: Any) -> None:
    feed = Feed("a")

    async def send(message: Any) -> None:
        if message.get("body", b"").startswith(b":"):
            raise OSError

    response = EventSourceResponse(feed, keep_alive_seconds=0.01)
    with anyio.fail_after(5):
        await response(dict(SCOPE), channel().receive, send)
    assert feed.closed


async def test_an_event_waits_for_the_comment_being_sent(channel: Any) -> None:
    pinging, may_send = anyio.Event(), anyio.Event()
    log: list[bytes] = []

    async def events() -> AsyncIterator[str]:
        await pinging.wait()
        may_send.set()
        yield "a"

    async def send(message: Any) -> None:
        body = message.get("body", b"")
        if body.startswith(b":") and not pinging.is_set():
            pinging.set()
            await may_send.wait()
            for _ in range(5):
                await anyio.lowlevel.checkpoint()
        log.append(body)

    response = EventSourceResponse(events(), keep_alive_seconds=0.01)
    with anyio.fail_after(5):
        await response(dict(SCOPE), channel().receive, send)
    assert log == [b"", b": keep-alive\n\n", b"data: a\n\n", b""]


async def test_no_comment_is_sent_into_an_event_that_the_client_is_slow_to_take(
    channel: Any,
) -> None:
    log: list[bytes] = []

    async def send(message: Any) -> None:
        if message.get("body"):
            for _ in range(20):
                await anyio.lowlevel.checkpoint()
        log.append(message.get("body", b""))

    response = EventSourceResponse(["a"], keep_alive_seconds=1e-9)
    with anyio.fail_after(5):
        await response(dict(SCOPE), channel().receive, send)
    assert log == [b"", b"data: a\n\n", b""]


async def test_silence_may_stay_silent(channel: Any) -> None:
    connection = channel()

    async def events() -> AsyncIterator[str]:
        for _ in range(20):
            await anyio.lowlevel.checkpoint()
        yield "a"

    response = EventSourceResponse(events(), keep_alive_seconds=None)
    await response(dict(SCOPE), connection.receive, connection.send)
    assert connection.body == b"data: a\n\n"


@pytest.mark.parametrize("seconds", [0, -1])
def test_silence_has_a_length(seconds: float) -> None:
    with pytest.raises(ValueError, match=f"^keep_alive_seconds must be positive, not {seconds}.$"):
        EventSourceResponse([], keep_alive_seconds=seconds)


class Rows:
    """An iterator that is no generator, and has to be closed though it was never begun."""

    closed = False

    def __aiter__(self) -> "Rows":
        return self

    async def __anext__(self) -> str:
        raise AssertionError("iterated")

    async def aclose(self) -> None:
        self.closed = True


async def test_head_gets_the_headers_and_no_events(channel: Any) -> None:
    rows, connection = Rows(), channel()
    response = EventSourceResponse(rows)
    await response(SCOPE | {"method": "HEAD"}, connection.receive, connection.send)
    assert [message["type"] for message in connection.sent] == [
        "http.response.start",
        "http.response.body",
    ]
    assert connection.body == b""
    assert rows.closed


async def test_a_status_that_ends_the_reconnecting_has_no_events(channel: Any) -> None:
    rows, connection = Rows(), channel()
    await EventSourceResponse(rows, 204)(dict(SCOPE), connection.receive, connection.send)
    assert connection.sent[0]["status"] == 204
    assert connection.sent[1:] == [END]
    assert rows.closed


async def test_head_closes_a_sync_generator_that_was_begun(channel: Any) -> None:
    closed: list[bool] = []

    def rows() -> Iterator[str]:
        try:
            yield "a"
            yield "b"
        finally:
            closed.append(True)

    begun, connection = rows(), channel()
    next(begun)
    response = EventSourceResponse(begun)
    await response(SCOPE | {"method": "HEAD"}, connection.receive, connection.send)
    assert closed == [True]


async def test_events_can_be_sent_without_a_scope(channel: Any) -> None:
    connection, deaf = channel(), channel()
    await EventSourceResponse(["a"])(connection.receive, connection.send)
    await EventSourceResponse(["a"])(None, deaf.send)
    assert connection.sent == deaf.sent
    assert connection.body == b"data: a\n\n"


async def test_in_a_websocket_scope_the_events_deny_the_handshake(channel: Any) -> None:
    connection = channel()
    await EventSourceResponse(["a"])({"type": "websocket"}, connection.receive, connection.send)
    assert connection.sent[0]["type"] == "websocket.http.response.start"


def test_under_uvicorn_the_stream_ends_with_the_client(serve: Any) -> None:
    closed = threading.Event()

    async def events() -> AsyncIterator[str]:
        try:
            yield "a"
            await anyio.sleep_forever()
        finally:
            closed.set()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await EventSourceResponse(events())(scope, receive, send)

    with httpx.stream("GET", serve(app, lifespan="off")) as response:
        assert next(response.iter_raw()) == b"data: a\n\n"
    assert closed.wait(5)


def test_under_uvicorn_a_client_reads_the_events_to_their_end(serve: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await EventSourceResponse(numbers())(scope, receive, send)

    client = Client()
    client.read(httpx.get(serve(app, lifespan="off")).content)
    assert client.dispatched == [("message", "one"), ("message", "two")]
    assert client.last_event_id == "2"


def test_under_uvicorn_the_application_can_end_its_streams(serve: Any) -> None:
    shutdown = anyio.Event()

    async def events() -> AsyncIterator[str]:
        yield "a"
        await anyio.sleep_forever()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/stop":
            shutdown.set()
            await Response()(scope, receive, send)
        else:
            await EventSourceResponse(events(), shutdown=shutdown)(scope, receive, send)

    base_url = serve(app, lifespan="off")
    with httpx.stream("GET", base_url) as response:
        chunks = response.iter_raw()
        assert next(chunks) == b"data: a\n\n"
        httpx.get(f"{base_url}/stop")
        assert list(chunks) == []
