"""GZipMiddleware: what is compressed, what is left alone, and what others build on it."""

import gzip
import threading
import zlib
from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest
from compressing import LONG, Run, body, sending, start, types

from starlette_http.response import PlainTextResponse
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send
from starlette_middleware.gzip import (
    DEFAULT_EXCLUDED_CONTENT_TYPES,
    GZipMiddleware,
)


class TestSingleBody:
    async def test_long_body_is_compressed(self, run: Run) -> None:
        sent = await run(start((b"content-length", b"1000"), (b"x", b"y")), body(LONG))
        length = b"%d" % len(sent[1]["body"])

        assert sent[0]["headers"] == [
            (b"x", b"y"),
            (b"vary", b"Accept-Encoding"),
            (b"content-encoding", b"gzip"),
            (b"content-length", length),
        ]
        assert gzip.decompress(sent[1]["body"]) == LONG

    async def test_short_body_is_untouched(self, run: Run) -> None:
        messages = start((b"content-length", b"499")), body(b"x" * 499)

        assert await run(*messages) == [*messages]

    async def test_body_of_the_minimum_size_is_compressed(self, run: Run) -> None:
        sent = await run(start(), body(b"x" * 500))

        assert gzip.decompress(sent[1]["body"]) == b"x" * 500

    async def test_other_clients_get_it_as_it_is_with_the_same_vary(self, run: Run) -> None:
        sent = await run(start((b"content-length", b"1000")), body(LONG), accept=None)

        assert sent == [
            start((b"content-length", b"1000"), (b"vary", b"Accept-Encoding")),
            body(LONG),
        ]

    async def test_short_body_has_no_vary_for_other_clients_either(self, run: Run) -> None:
        messages = start(), body(b"short")

        assert await run(*messages, accept=None) == [*messages]

    async def test_content_length_is_dropped_when_trailers_follow(self, run: Run) -> None:
        trailers = {"type": "http.response.trailers", "headers": [(b"a", b"b")]}
        sent = await run(start((b"content-length", b"1000"), trailers=True), body(LONG), trailers)

        assert sent[0]["headers"] == [(b"vary", b"Accept-Encoding"), (b"content-encoding", b"gzip")]
        assert sent[0]["trailers"] is True
        assert sent[2] is trailers

    async def test_vary_is_merged(self, run: Run) -> None:
        sent = await run(start((b"Vary", b"Cookie"), (b"vary", b"Origin")), body(LONG))

        assert (b"vary", b"Cookie, Origin, Accept-Encoding") in sent[0]["headers"]


class TestNegotiation:
    @pytest.mark.parametrize(
        "accept", [b"gzip", b"GZIP", b"*", b"x-gzip", b"br, gzip;q=0.1", b"gzip, identity"]
    )
    async def test_accepted(self, run: Run, accept: bytes) -> None:
        sent = await run(start(), body(LONG), accept=accept)

        assert (b"content-encoding", b"gzip") in sent[0]["headers"]

    @pytest.mark.parametrize(
        "accept", [None, b"", b"br", b"notgzip", b"gzip;q=0", b"*;q=0", b"gzip;q=0.5, identity"]
    )
    async def test_not_accepted(self, run: Run, accept: bytes | None) -> None:
        sent = await run(start(), body(LONG), accept=accept)

        assert sent[0]["headers"] == [(b"vary", b"Accept-Encoding")]

    async def test_several_headers_are_one_list(self, channel: Any) -> None:
        connection = channel()
        headers = [(b"accept-encoding", b"br"), (b"accept-encoding", b"gzip")]
        app = GZipMiddleware(sending(start(), body(LONG)))
        await app({"type": "http", "headers": headers}, connection.receive, connection.send)

        assert (b"content-encoding", b"gzip") in connection.sent[0]["headers"]


class TestStreams:
    async def test_every_chunk_can_be_decoded_when_it_arrives(self, run: Run) -> None:
        sent = await run(
            start((b"content-length", b"9")),
            body(b"one", more_body=True),
            body(b"two", more_body=True),
            body(b"six"),
        )
        decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)

        assert sent[0]["headers"] == [(b"vary", b"Accept-Encoding"), (b"content-encoding", b"gzip")]
        assert [decoder.decompress(message["body"]) for message in sent[1:]] == [
            b"one",
            b"two",
            b"six",
        ]
        assert decoder.eof
        assert [message.get("more_body", False) for message in sent[1:]] == [True, True, False]

    async def test_empty_chunks_are_empty(self, run: Run) -> None:
        sent = await run(start(), body(more_body=True), body(more_body=True), body(b"x"))

        assert [message["body"] for message in sent[1:3]] == [b"", b""]
        assert gzip.decompress(sent[3]["body"]) == b"x"

    async def test_stream_of_nothing_is_an_empty_gzip_file(self, run: Run) -> None:
        sent = await run(start(), body(more_body=True), body())

        assert gzip.decompress(sent[2]["body"]) == b""

    async def test_chunk_leaves_before_the_next_is_made(self, channel: Any) -> None:
        connection = channel()
        seen: list[int] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await send(start())
            seen.append(len(connection.sent))
            await send(body(b"a", more_body=True))
            seen.append(len(connection.sent))
            await send(body(b"b"))

        scope = {"type": "http", "headers": [(b"accept-encoding", b"gzip")]}
        await GZipMiddleware(app)(scope, connection.receive, connection.send)

        assert seen == [0, 2]

    async def test_stream_for_other_clients_keeps_its_length_and_gets_vary(self, run: Run) -> None:
        chunks = body(b"one", more_body=True), body(b"two")
        sent = await run(start((b"content-length", b"6")), *chunks, accept=None)

        assert sent == [start((b"content-length", b"6"), (b"vary", b"Accept-Encoding")), *chunks]


class TestLeftAlone:
    @pytest.mark.parametrize("accept", [b"gzip", None])
    @pytest.mark.parametrize(
        "first",
        [
            start(status=206),
            start(status=204),
            start((b"Content-Encoding", b"br")),
            start((b"content-type", b"image/png")),
            start((b"content-type", b"Video/MP4; codecs=x")),
            start((b"Content-Type", b"text/event-stream; charset=utf-8")),
            start((b"content-type", b"application/grpc+proto")),
            start((b"cache-control", b"no-transform")),
            start((b"Cache-Control", b"public"), (b"cache-control", b"max-age=1, No-Transform ")),
        ],
        ids=repr,
    )
    async def test_all_messages_pass_untouched(
        self, run: Run, first: Message, accept: bytes | None
    ) -> None:
        messages = [first, body(LONG, more_body=True), body()]
        sent = await run(*messages, accept=accept)

        assert all(ours is theirs for ours, theirs in zip(sent, messages, strict=True))

    @pytest.mark.parametrize(
        "content_type",
        [b"image/svg+xml", b"application/grpc-web", b"application/json", b"videos/x"],
    )
    async def test_other_types_are_compressed(self, run: Run, content_type: bytes) -> None:
        sent = await run(start((b"content-type", content_type)), body(LONG))

        assert (b"content-encoding", b"gzip") in sent[0]["headers"]

    @pytest.mark.parametrize("excluded", ["TEXT/*", "Text/Plain; charset=utf-8", "text/plain"])
    async def test_own_exclusions_are_normalised(self, run: Run, excluded: str) -> None:
        messages = start((b"content-type", b"text/plain; charset=latin-1")), body(LONG)
        sent = await run(
            *messages,
            middleware=lambda app: GZipMiddleware(app, exclude_content_types=[excluded]),
        )

        assert sent == [*messages]

    async def test_own_exclusions_replace_the_default(self, run: Run) -> None:
        sent = await run(
            start((b"content-type", b"image/png")),
            body(LONG),
            middleware=lambda app: GZipMiddleware(app, exclude_content_types=()),
        )

        assert (b"content-encoding", b"gzip") in sent[0]["headers"]

    async def test_start_of_an_excluded_response_is_not_held(self, channel: Any) -> None:
        connection = channel()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await send(start((b"content-type", b"text/event-stream")))
            assert types(connection.sent) == ["start"]

        await GZipMiddleware(app)({"type": "http"}, connection.receive, connection.send)

    async def test_no_transform_is_a_word_of_its_own(self, run: Run) -> None:
        sent = await run(start((b"cache-control", b"x-no-transform, max-age=1")), body(LONG))

        assert (b"content-encoding", b"gzip") in sent[0]["headers"]


class TestValidators:
    @pytest.mark.parametrize(
        ("etag", "sent_etag"), [(b'"a"', b'W/"a"'), (b'W/"a"', b'W/"a"')], ids=["strong", "weak"]
    )
    async def test_etag_of_a_compressed_response_is_weak(
        self, run: Run, etag: bytes, sent_etag: bytes
    ) -> None:
        sent = await run(start((b"ETag", etag)), body(LONG))

        assert (b"etag", sent_etag) in sent[0]["headers"]

    async def test_accept_ranges_is_dropped(self, run: Run) -> None:
        sent = await run(start((b"Accept-Ranges", b"bytes")), body(LONG))

        assert b"accept-ranges" not in dict(sent[0]["headers"])

    async def test_both_stay_when_nothing_is_compressed(self, run: Run) -> None:
        headers = (b"etag", b'"a"'), (b"accept-ranges", b"bytes")
        sent = await run(start(*headers), body(LONG), accept=None)

        assert sent[0]["headers"] == [*headers, (b"vary", b"Accept-Encoding")]

    @pytest.mark.parametrize(("accept", "etag"), [(b"gzip", b'W/"a"'), (None, b'"a"')])
    async def test_304_has_the_vary_and_etag_of_the_200(
        self, run: Run, accept: bytes | None, etag: bytes
    ) -> None:
        sent = await run(start((b"etag", b'"a"'), status=304), body(), accept=accept)

        assert sorted(sent[0]["headers"]) == [(b"etag", etag), (b"vary", b"Accept-Encoding")]
        assert sent[1] == body()


class TestHead:
    async def test_body_that_the_server_will_drop_is_compressed_for_its_length(
        self, run: Run
    ) -> None:
        get = await run(start((b"content-length", b"1000")), body(LONG))

        assert await run(start((b"content-length", b"1000")), body(LONG), method="HEAD") == get

    async def test_long_content_length_means_a_compressed_get(self, run: Run) -> None:
        sent = await run(
            start((b"content-length", b"1000"), (b"etag", b'"a"')), body(), method="HEAD"
        )

        assert sent[0]["headers"] == [
            (b"vary", b"Accept-Encoding"),
            (b"etag", b'W/"a"'),
            (b"content-encoding", b"gzip"),
        ]
        assert sent[1]["body"] == b""

    async def test_for_other_clients_it_only_gets_vary(self, run: Run) -> None:
        first = start((b"content-length", b"1000"))
        sent = await run(first, body(), method="HEAD", accept=None)

        assert sent[0]["headers"] == [(b"content-length", b"1000"), (b"vary", b"Accept-Encoding")]

    async def test_short_content_length_means_an_untouched_get(self, run: Run) -> None:
        messages = start((b"content-length", b"10")), body()

        assert await run(*messages, method="HEAD") == [*messages]

    async def test_unknown_length_gets_vary(self, run: Run) -> None:
        sent = await run(start(), body(), method="HEAD")

        assert sent == [start((b"vary", b"Accept-Encoding")), body()]


def test_attributes() -> None:
    app = sending()
    middleware = GZipMiddleware(app=app)

    assert middleware.app is app
    assert middleware.minimum_size == 500
    assert middleware.compresslevel == 9
    assert middleware.thread_minimum_size == 131072
    assert set(middleware.exclude_content_types) == set(DEFAULT_EXCLUDED_CONTENT_TYPES)


class TestRealServer:
    def test_single_body(self, serve: Callable[[ASGIApp], str]) -> None:
        response = httpx.get(serve(GZipMiddleware(PlainTextResponse("hello " * 1000))))

        assert response.headers["content-encoding"] == "gzip"
        assert int(response.headers["content-length"]) < 200
        assert response.text == "hello " * 1000

    def test_stream_arrives_chunk_by_chunk(self, serve: Callable[[ASGIApp], str]) -> None:
        arrived = threading.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await send(start())
                await send(body(b"first", more_body=True))
                await anyio.to_thread.run_sync(arrived.wait, 10)
                await send(body(b"second"))

        with httpx.stream("GET", serve(GZipMiddleware(app))) as response:
            chunks = response.iter_bytes()
            assert next(chunks) == b"first"
            arrived.set()
            assert b"".join(chunks) == b"second"
