"""Server-sent events through the clients."""

from typing import Any

import pytest
from hypothesis import given, strategies as st

from starlette_testclient import AsyncTestClient, ServerSentEvent, SSEError, TestClient
from starlette_testclient.sse import EventParser


class Events:
    """Answers with these pieces as an event stream, and goes on for ever if it is `endless`."""

    def __init__(self, *pieces: bytes, endless: bool = False) -> None:
        self.pieces = pieces
        self.endless = endless
        self.headers: dict[bytes, bytes] = {}
        self.type = b"text/event-stream; charset=utf-8"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.headers = dict(scope["headers"])
        headers = [(b"content-type", self.type)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while True:
            for piece in self.pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            if not self.endless:
                break
        await send({"type": "http.response.body"})


def test_events_come_one_by_one() -> None:
    app = Events(b"data: a\n\n", endless=True)
    with TestClient(app).sse("/") as source:
        events = iter(source)
        assert next(events) == ServerSentEvent(data="a")
        assert next(events) == ServerSentEvent(data="a")


def test_the_request_asks_for_events() -> None:
    app = Events()
    with TestClient(app).sse("/", headers={"x-a": "1"}) as source:
        assert list(source) == []
        assert source.response.status_code == 200
    assert app.headers[b"accept"] == b"text/event-stream"
    assert app.headers[b"cache-control"] == b"no-store"
    assert app.headers[b"x-a"] == b"1"


def test_any_method_and_parameters_may_ask() -> None:
    with TestClient(Events(b"data: a\n\n")).sse("/", method="POST", json={}) as source:
        assert source.response.request.method == "POST"
        assert [event.data for event in source] == ["a"]


def test_another_content_type_is_an_error() -> None:
    app = Events(b"data: a\n\n")
    app.type = b"text/plain"
    with TestClient(app).sse("/") as source, pytest.raises(SSEError, match="'text/plain'"):
        list(source)


def test_an_event_that_is_too_long_is_an_error() -> None:
    app = Events(b"data: abcdefghij\n\n")
    with TestClient(app).sse("/", max_event_size=10) as source, pytest.raises(SSEError):
        list(source)


async def test_events_come_to_asynchronous_tests_too() -> None:
    app = Events(b"event: tick\ndata: 1\n\n", b"data: 2\n\r")
    async with AsyncTestClient(app).sse("/") as source:
        events = [event async for event in source]
    assert events == [ServerSentEvent("tick", "1"), ServerSentEvent(data="2")]


async def test_an_endless_stream_of_events_can_be_left() -> None:
    async with AsyncTestClient(Events(b"data: a\n\n", endless=True)).sse("/") as source:
        events = aiter(source)
        async for event in events:
            assert event.data == "a"
            break
        assert (await anext(events)).data == "a"


async def test_a_character_may_be_cut_in_two() -> None:
    async with AsyncTestClient(Events(b"data: \xc3", b"\xa9\n\n")).sse("/") as source:
        assert [event.data async for event in source] == ["é"]


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("data: a\n\n", [ServerSentEvent(data="a")]),
        ("data:a\r\n\r\n", [ServerSentEvent(data="a")]),
        ("data:  a\r\r", [ServerSentEvent(data=" a")]),
        ("data: a\ndata: b\n\n", [ServerSentEvent(data="a\nb")]),
        ("data\n\n", [ServerSentEvent(data="")]),
        ("event: e\ndata: a\n\n", [ServerSentEvent("e", "a")]),
        ("event:\ndata: a\n\n", [ServerSentEvent("message", "a")]),
        ("id: 1\ndata: a\n\ndata: b\n\n", [ServerSentEvent(data=d, id="1") for d in "ab"]),
        ("id: 1\0\ndata: a\n\n", [ServerSentEvent(data="a")]),
        ("retry: 10\n\n", [ServerSentEvent(retry=10)]),
        ("retry: soon\ndata: a\n\n", [ServerSentEvent(data="a")]),
        (": comment\nunknown: b\n\n\n", []),
        ("data: cut off\n", []),
    ],
)
def test_the_format(text: str, events: list[Any]) -> None:
    parser = EventParser()
    assert [*parser.feed(text), *parser.end()] == events


LINES = st.sampled_from(["data: a", "data", "event: e", "id: 1", ": c", "retry: 5", ""])
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@given(lines=st.lists(st.tuples(LINES, ENDS), max_size=12), cut=st.integers(0, 60))
def test_the_pieces_do_not_matter(lines: list[tuple[str, str]], cut: int) -> None:
    text = "".join(line + end for line, end in lines)
    whole, pieces = EventParser(), EventParser()
    expected = [*whole.feed(text), *whole.end()]
    assert [*pieces.feed(text[:cut]), *pieces.feed(text[cut:]), *pieces.end()] == expected


def test_the_size_has_no_limit_with_none() -> None:
    text = "data: " + "a" * 3_000_000 + "\n\n"
    assert [len(event.data) for event in EventParser(None).feed(text)] == [3_000_000]
    with pytest.raises(SSEError, match="longer than 1048576"):
        list(EventParser().feed(text))


def test_a_line_that_never_ends_is_too_long() -> None:
    with pytest.raises(SSEError):
        list(EventParser(10).feed("data: abcdefghij"))


def test_the_data_of_an_event_may_be_json() -> None:
    assert ServerSentEvent(data='{"a": 1}').json() == {"a": 1}
