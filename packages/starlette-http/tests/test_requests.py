"""`Request`: the body in every form, disconnects, and what is sent ahead of the response."""

import json
import pickle
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from types import ModuleType
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import given, strategies as st

from starlette_http import datastructures, form_errors, requests
from starlette_http.exceptions import HTTPException
from starlette_http.requests import (
    SERVER_PUSH_HEADERS_TO_COPY,
    ClientDisconnect,
    HTTPConnection,
    MalformedJSON,
    Request,
    empty_receive,
    empty_send,
)
from starlette_http.response import PlainTextResponse
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send

DISCONNECT: Message = {"type": "http.disconnect"}


def http(**changes: Any) -> Scope:
    return {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [],
    } | changes


def piece(body: bytes) -> Message:
    return {"type": "http.request", "body": body, "more_body": True}


def last(body: bytes = b"") -> Message:
    return {"type": "http.request", "body": body, "more_body": False}


@pytest.fixture
def request_of(channel: Any) -> Callable[..., Request]:
    """Makes the request that receives these messages, and waits for ever after them."""

    def make(*messages: Message, **scope: Any) -> Request:
        connection = channel(*messages)
        return Request(http(**scope), connection.receive, connection.send)

    return make


Make = Callable[..., Request]


async def chunks_of(request: Request) -> list[bytes]:
    return [chunk async for chunk in request.stream()]


# What a request is made of


def test_request_is_a_connection_with_a_method() -> None:
    request = Request(http(method="PATCH"))
    assert isinstance(request, HTTPConnection)
    assert request.method == "PATCH"


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
def test_other_scopes_are_refused(kind: str) -> None:
    with pytest.raises(AssertionError, match=f"Not an http scope: '{kind}'"):
        Request({"type": kind})


def test_receive_is_the_channel(channel: Any) -> None:
    connection = channel()
    assert Request(http(), connection.receive).receive == connection.receive


@pytest.mark.parametrize("channels", [(), (None,), (empty_receive, empty_send)])
async def test_request_without_channels_knows_its_scope_only(channels: Any) -> None:
    request = Request(http(headers=[(b"host", b"example.org")]), *channels)
    assert request.url == "http://example.org/"
    with pytest.raises(RuntimeError, match="^Receive channel has not been made available$"):
        await request.body()
    with pytest.raises(RuntimeError, match="^Send channel has not been made available$"):
        await request._send({"type": "http.response.start"})


# stream()


async def test_stream_gives_the_chunks_and_an_empty_one_at_the_end(request_of: Make) -> None:
    request = request_of(piece(b"a"), piece(b"b"), last(b"c"))
    assert await chunks_of(request) == [b"a", b"b", b"c", b""]


async def test_stream_leaves_out_empty_chunks_and_unknown_messages(request_of: Make) -> None:
    request = request_of(piece(b""), {"type": "http.extension"}, piece(b"a"), last())
    assert await chunks_of(request) == [b"a", b""]


async def test_message_without_body_or_more_body_is_an_empty_last_one(request_of: Make) -> None:
    assert await chunks_of(request_of({"type": "http.request"})) == [b""]


async def test_stream_is_consumed_with_its_last_message(request_of: Make) -> None:
    request = request_of(piece(b"a"), last(b"b"))
    seen = [(chunk, request._stream_consumed) async for chunk in request.stream()]
    assert seen == [(b"a", False), (b"b", True), (b"", True)]


async def test_consumed_stream_is_an_error(request_of: Make) -> None:
    request = request_of(last(b"a"))
    await chunks_of(request)
    with pytest.raises(RuntimeError, match="^Stream consumed$"):
        await chunks_of(request)


async def test_stream_that_was_left_can_be_gone_on_with(request_of: Make) -> None:
    request = request_of(piece(b"a"), last(b"b"))
    async with aclosing(request.stream()) as stream:
        assert await anext(stream) == b"a"
    assert await chunks_of(request) == [b"b", b""]


async def test_stream_after_body_gives_the_body(request_of: Make) -> None:
    request = request_of(piece(b"a"), last(b"b"))
    await request.body()
    assert await chunks_of(request) == [b"ab", b""]


async def test_client_that_leaves_is_told_to_every_reader(request_of: Make) -> None:
    request = request_of(piece(b"a"), DISCONNECT)
    with pytest.raises(ClientDisconnect):
        await chunks_of(request)
    for read in (request.body, request.json, lambda: chunks_of(request)):
        with pytest.raises(ClientDisconnect):
            await read()
    assert await request.is_disconnected()


# body()


@pytest.mark.parametrize(
    "messages", [[last(b"abc")], [piece(b"a"), piece(b""), last(b"bc")], [piece(b"abc"), last()]]
)
async def test_body_joins_the_chunks(request_of: Make, messages: list[Message]) -> None:
    assert await request_of(*messages).body() == b"abc"


async def test_body_is_kept(request_of: Make) -> None:
    request = request_of(last(b"abc"))
    assert not hasattr(request, "_body")
    assert await request.body() is await request.body()
    assert request._body == b"abc"


async def test_body_that_was_set_is_given(request_of: Make) -> None:
    request = request_of()
    request._body = b"mine"
    assert await request.body() == b"mine"
    assert await chunks_of(request) == [b"mine", b""]


@pytest.mark.parametrize("reader", ["body", "json", "form"])
async def test_whole_body_after_a_part_of_the_stream_is_an_error(
    request_of: Make, reader: str
) -> None:
    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    request = request_of(piece(b"a"), last(b"b"), headers=headers)
    async with aclosing(request.stream()) as stream:
        await anext(stream)
    with pytest.raises(RuntimeError, match="^Stream consumed$"):
        await getattr(request, reader)()


async def test_body_after_the_whole_stream_is_an_error_even_if_the_client_left(
    request_of: Make,
) -> None:
    request = request_of(last(b"a"), DISCONNECT)
    await chunks_of(request)
    assert await request.is_disconnected()
    with pytest.raises(RuntimeError, match="^Stream consumed$"):
        await request.body()


async def test_body_of_a_client_that_leaves_is_an_error_each_time(request_of: Make) -> None:
    request = request_of(piece(b"a"), DISCONNECT)
    for _ in range(2):
        with pytest.raises(ClientDisconnect):
            await request.body()
    assert not hasattr(request, "_body")


@pytest.mark.parametrize("reader", ["body", "stream"])
async def test_cancelled_body_loses_nothing(reader: str) -> None:
    send, receive = anyio.create_memory_object_stream[Message](10)
    request = Request(http(), receive.receive)
    await send.send(piece(b"a"))
    await send.send(piece(b"b"))
    with anyio.move_on_after(0.05):
        await request.body()
    await send.send(last(b"c"))
    if reader == "body":
        assert await request.body() == b"abc"
    else:
        assert await chunks_of(request) == [b"ab", b"c", b""]
    send.close()
    receive.close()


async def test_body_honours_an_overridden_stream(channel: Any) -> None:
    class Upper(Request):
        async def stream(self) -> AsyncGenerator[bytes, None]:
            async for chunk in super().stream():
                yield chunk.upper()

    assert await Upper(http(), channel(piece(b"a"), last(b"b")).receive).body() == b"AB"


async def fixed(self: object = None) -> AsyncGenerator[bytes, None]:
    yield b"fixed"


async def test_body_honours_a_stream_that_was_replaced_on_the_request(channel: Any) -> None:
    request: Any = Request(http(), channel(last(b"a")).receive)
    request.stream = fixed
    assert await request.body() == b"fixed"


async def test_body_honours_a_stream_that_was_replaced_on_the_class(
    channel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Request, "stream", fixed)
    assert await Request(http(), channel(last(b"a")).receive).body() == b"fixed"


@given(st.lists(st.binary(max_size=20)))
async def test_body_is_the_same_for_any_chunks(chunks: list[bytes]) -> None:
    messages = iter([*map(piece, chunks), last()])

    async def receive() -> Message:
        return next(messages)

    assert await Request(http(), receive).body() == b"".join(chunks)


# json()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32-be", "utf-8-sig"])
async def test_json_may_be_in_any_utf(request_of: Make, encoding: str) -> None:
    request = request_of(last('{"name": "Zoë"}'.encode(encoding)))
    assert await request.json() == {"name": "Zoë"}


async def test_json_is_kept(request_of: Make) -> None:
    request = request_of(last(b"[]"))
    assert not hasattr(request, "_json")
    assert await request.json() is await request.json()
    assert request._json == []


async def test_json_after_body_works(request_of: Make) -> None:
    request = request_of(last(b"1"))
    await request.body()
    assert await request.json() == 1


async def test_json_uses_an_overridden_body(channel: Any) -> None:
    class Fixed(Request):
        async def body(self) -> bytes:
            return b"[1]"

    assert await Fixed(http(), channel().receive).json() == [1]


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (b"", json.JSONDecodeError),
        (b"{'a': 1}", json.JSONDecodeError),
        (b'"\xff"', UnicodeDecodeError),
        (b"[" * 200_000, RecursionError),
        (b"1" * 5000, ValueError),
    ],
    ids=["empty", "quotes", "utf-8", "nested", "digits"],
)
async def test_malformed_json_is_400_and_a_decode_error(
    request_of: Make, body: bytes, cause: type[Exception]
) -> None:
    with pytest.raises(MalformedJSON) as raised:
        await request_of(last(body)).json()
    exc = raised.value
    assert isinstance(exc, json.JSONDecodeError)
    assert isinstance(exc, HTTPException)
    assert (exc.status_code, exc.detail, exc.headers) == (400, "Malformed JSON body.", None)
    assert isinstance(exc.__cause__, cause)


async def test_malformed_json_says_where_it_is_wrong(request_of: Make) -> None:
    with pytest.raises(MalformedJSON, match=r"^Expecting value: line 2 column 2 \(char 3\)$") as e:
        await request_of(last(b"[\n x]")).json()
    assert (e.value.doc, e.value.lineno, e.value.colno) == ("[\n x]", 2, 2)


async def test_malformed_json_says_which_byte_is_no_utf8(request_of: Make) -> None:
    with pytest.raises(MalformedJSON) as raised:
        await request_of(last(b'["\xff"]')).json()
    assert raised.value.pos == 2


def test_malformed_json_can_be_pickled() -> None:
    copy = pickle.loads(pickle.dumps(MalformedJSON("Expecting value", "x", 0)))
    assert (copy.msg, copy.doc, copy.pos, copy.status_code) == ("Expecting value", "x", 0, 400)


async def test_json_decoder_of_the_scope_is_used(request_of: Make) -> None:
    def decode(body: bytes) -> Any:
        return {"decoded": body}

    request = request_of(last(b"x"), **{"starlette.json_decoder": decode})
    assert await request.json() == {"decoded": b"x"}


async def test_value_error_of_another_decoder_is_malformed_json(request_of: Make) -> None:
    def decode(body: bytes) -> Any:
        raise ValueError("not mine")

    with pytest.raises(MalformedJSON, match="not mine"):
        await request_of(last(b"x"), **{"starlette.json_decoder": decode}).json()


# is_disconnected()


async def test_client_that_is_there_is_not_disconnected(request_of: Make) -> None:
    assert not await request_of().is_disconnected()


async def test_client_that_left_is_disconnected_for_ever(request_of: Make) -> None:
    request = request_of(DISCONNECT)
    assert await request.is_disconnected()
    assert await request.is_disconnected()


async def test_polling_loses_nothing_of_the_body(request_of: Make) -> None:
    request = request_of(piece(b"a"), piece(b"b"), last(b"c"), DISCONNECT)
    polled = [await request.is_disconnected() for _ in range(5)]
    assert polled == [False, False, False, True, True]
    assert await request.body() == b"abc"


async def test_polling_between_chunks_loses_nothing(request_of: Make) -> None:
    request = request_of(piece(b"a"), piece(b"b"), last(b"c"))
    chunks = []
    async for chunk in request.stream():
        chunks.append(chunk)
        assert not await request.is_disconnected()
    assert chunks == [b"a", b"b", b"c", b""]


async def test_what_was_polled_is_on_the_channel_too(request_of: Make) -> None:
    request = request_of(piece(b"a"), last(b"b"))
    await request.is_disconnected()
    assert [await request.receive(), await request.receive()] == [piece(b"a"), last(b"b")]


async def test_polled_disconnect_in_mid_body_is_told_to_the_reader(request_of: Make) -> None:
    request = request_of(piece(b"a"), DISCONNECT)
    assert [await request.is_disconnected() for _ in range(2)] == [False, True]
    with pytest.raises(ClientDisconnect):
        await request.body()


# close(), send_push_promise(), send_early_hints()


async def test_close_without_a_form_does_nothing(request_of: Make) -> None:
    request = request_of()
    await request.close()
    assert request._form is None


async def test_push_promise_copies_the_headers_that_matter(channel: Any) -> None:
    connection = channel()
    headers = [
        (b"user-agent", b"test"),
        (b"cookie", b"secret=1"),
        (b"accept", b"a"),
        (b"accept", b"b"),
    ]
    scope = http(headers=headers, extensions={"http.response.push": {}})
    await Request(scope, connection.receive, connection.send).send_push_promise("/style.css")
    assert connection.sent == [
        {
            "type": "http.response.push",
            "path": "/style.css",
            "headers": [(b"accept", b"a"), (b"accept", b"b"), (b"user-agent", b"test")],
        }
    ]


def test_push_headers_are_those_of_content_negotiation() -> None:
    assert {
        "accept",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "user-agent",
    } == SERVER_PUSH_HEADERS_TO_COPY


async def test_early_hints_are_sent_as_links(channel: Any) -> None:
    connection = channel()
    scope = http(extensions={"http.response.early_hint": {}})
    request = Request(scope, connection.receive, connection.send)
    await request.send_early_hints("</a.css>; rel=preload", "</b.js>; rel=preload")
    assert connection.sent == [
        {
            "type": "http.response.early_hint",
            "links": [b"</a.css>; rel=preload", b"</b.js>; rel=preload"],
        }
    ]


async def test_an_early_hint_cannot_bring_a_header_of_its_own(channel: Any) -> None:
    connection = channel()
    scope = http(extensions={"http.response.early_hint": {}})
    request = Request(scope, connection.receive, connection.send)
    with pytest.raises(ValueError, match="CR, LF or NUL"):
        await request.send_early_hints("</a.css>; rel=preload", "</b.js>\r\nset-cookie: a=b")
    assert connection.sent == []


async def test_early_hints_need_a_link() -> None:
    with pytest.raises(TypeError, match="link"):
        await Request(http()).send_early_hints()  # type: ignore[call-arg]


@pytest.mark.parametrize("extensions", [{}, {"extensions": None}, {"extensions": {}}])
async def test_server_without_the_extensions_is_sent_nothing(
    channel: Any, extensions: dict[str, Any]
) -> None:
    connection = channel()
    request = Request(http(**extensions), connection.receive, connection.send)
    await request.send_push_promise("/style.css")
    await request.send_early_hints("</a.css>; rel=preload")
    assert connection.sent == []


# On a real server


async def test_body_arrives_whole_from_a_real_server(serve: Callable[[ASGIApp], str]) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        assert not await request.is_disconnected()
        body = await request.body()
        await PlainTextResponse(f"{len(body)} {set(body)}")(scope, receive, send)

    async with httpx.AsyncClient(base_url=serve(app)) as client:
        with anyio.fail_after(10):
            response = await client.post("/", content=b"\1" * 3_000_000)
    assert response.text == "3000000 {1}"


@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("Address", datastructures),
        ("FormData", datastructures),
        ("Headers", datastructures),
        ("MultiPartException", form_errors),
        ("QueryParams", datastructures),
        ("State", datastructures),
        ("URL", datastructures),
    ],
)
def test_names_of_other_modules_may_be_imported_from_here(name: str, home: ModuleType) -> None:
    assert getattr(requests, name) is getattr(home, name)
