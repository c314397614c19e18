"""The life of one compressed response: threads, odd messages, and what others build on it."""

import gzip
import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from compressing import LONG, Run, body, sending, start, types

from starlette_http.types import Message, Receive, Scope, Send
from starlette_middleware.encoders import load_encoder
from starlette_middleware.gzip import GZipMiddleware, GZipResponder
from starlette_middleware.responders import (
    EncodingResponder,
    IdentityResponder,
    MediaTypes,
    unattached_send,
)


class TestMessages:
    """What other frameworks and servers send."""

    @pytest.mark.parametrize("make", [list, tuple, iter, lambda x: map(list, x)])
    async def test_headers_of_any_shape_and_case(
        self, run: Run, make: Callable[[Any], Any]
    ) -> None:
        headers = make([(b"Content-Length", b"1000"), (b"Content-Type", b"text/plain")])
        sent = await run(
            {"type": "http.response.start", "status": 200, "headers": headers}, body(LONG)
        )

        assert dict(sent[0]["headers"])[b"content-length"] == b"%d" % len(sent[1]["body"])
        assert len(sent[0]["headers"]) == 4

    @pytest.mark.parametrize("content_type", [b"text/plain", b"image/png"])
    async def test_iterator_of_headers_is_not_lost(self, run: Run, content_type: bytes) -> None:
        headers = iter([(b"Content-Type", content_type)])
        sent = await run(
            {"type": "http.response.start", "status": 200, "headers": headers}, body(b"short")
        )

        assert sent[0]["headers"] == [(b"Content-Type", content_type)]

    async def test_missing_headers(self, run: Run) -> None:
        sent = await run({"type": "http.response.start", "status": 200}, body(LONG))

        assert (b"content-encoding", b"gzip") in sent[0]["headers"]

    @pytest.mark.parametrize("message", [{"type": "http.response.body"}, body(None)])
    async def test_missing_body_is_empty(self, run: Run, message: Message) -> None:
        assert await run(start(), message) == [start(), message]

    @pytest.mark.parametrize("content", [bytearray(LONG), memoryview(LONG)])
    async def test_body_of_any_bytes_type(self, run: Run, content: Any) -> None:
        sent = await run(start(), body(content))

        assert gzip.decompress(sent[1]["body"]) == LONG

    async def test_messages_are_not_changed(self, run: Run) -> None:
        first, second = start((b"ETag", b'"a"')), body(LONG)
        await run(first, second)

        assert first == start((b"ETag", b'"a"'))
        assert second == body(LONG)

    @pytest.mark.parametrize("kind", ["pathsend", "zerocopysend", "vendor"])
    async def test_body_that_is_not_in_the_message_is_not_compressed(
        self, run: Run, kind: str
    ) -> None:
        messages = start(), {"type": f"http.response.{kind}"}, body(LONG)
        sent = await run(*messages)

        assert all(ours is theirs for ours, theirs in zip(sent, messages, strict=True))

    async def test_order_of_other_messages_is_kept(self, run: Run) -> None:
        kinds = "debug push start push debug body trailers vendor".split()
        messages = [
            start()
            if kind == "start"
            else body(LONG)
            if kind == "body"
            else {"type": f"http.response.{kind}"}
            for kind in kinds
        ]

        assert types(await run(*messages)) == kinds

    async def test_early_hints_do_not_wait_for_the_body(self, run: Run) -> None:
        hint = {"type": "http.response.early_hint", "links": []}

        assert types(await run(start(), hint, body(LONG))) == ["early_hint", "start", "body"]

    @pytest.mark.parametrize("kind", ["websocket", "lifespan", "vendor"])
    async def test_other_scopes_pass_untouched(self, channel: Any, kind: str) -> None:
        seen: list[Any] = []

        async def app(*arguments: Any) -> None:
            seen.extend(arguments)

        scope, receive, send = {"type": kind}, channel().receive, channel().send
        await GZipMiddleware(app)(scope, receive, send)

        assert seen[0] is scope
        assert seen[1:] == [receive, send]

    async def test_error_before_the_body_can_still_be_answered(self, channel: Any) -> None:
        connection = channel()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await send(start())
            raise RuntimeError("no body")

        with pytest.raises(RuntimeError, match="no body"):
            await GZipMiddleware(app)({"type": "http"}, connection.receive, connection.send)
        assert connection.sent == []


class TestThreads:
    @pytest.mark.parametrize(("size", "in_thread"), [(9_999, False), (10_000, True)])
    async def test_large_bodies_leave_the_event_loop(
        self, run: Run, size: int, in_thread: bool
    ) -> None:
        threads: list[bool] = []
        loop_thread = threading.current_thread()

        def whole(body: bytes, level: int) -> bytes:
            threads.append(threading.current_thread() is not loop_thread)
            return body.upper()

        encoder = load_encoder("gzip")._replace(whole=whole)
        sent = await run(
            start(),
            body(b"x" * size),
            middleware=lambda app: EncodingResponder(
                app,
                500,
                encoder=encoder,
                level=6,
                thread_minimum_size=10_000,
                exclude_content_types=(),
            ),
        )

        assert sent[1]["body"] == b"X" * size
        assert threads == [in_thread]

    async def test_many_at_once(self, run: Run) -> None:
        sizes: list[int] = []

        async def one() -> None:
            sent = await run(
                start(),
                body(b"x" * 200_000, more_body=True),
                body(b"y" * 200_000),
                middleware=lambda app: GZipMiddleware(app, thread_minimum_size=1),
            )
            sizes.append(len(gzip.decompress(sent[1]["body"] + sent[2]["body"])))

        with anyio.fail_after(30):
            async with anyio.create_task_group() as group:
                for _ in range(50):
                    group.start_soon(one)

        assert sizes == [400_000] * 50


class TestResponders:
    """What others subclass."""

    async def test_subclass_with_a_coding_of_its_own(self, run: Run) -> None:
        class Upper(IdentityResponder):
            content_encoding = "x-upper"

            async def apply_compression(self, body: bytes, *, more_body: bool) -> bytes:
                return (await super().apply_compression(body, more_body=more_body)).upper()

        sent = await run(
            start((b"content-length", b"3")), body(b"abc"), middleware=lambda app: Upper(app, 1)
        )

        assert sent[0]["headers"] == [
            (b"vary", b"Accept-Encoding"),
            (b"content-encoding", b"x-upper"),
            (b"content-length", b"3"),
        ]
        assert sent[1]["body"] == b"ABC"

    async def test_send_with_compression_can_be_overridden(self, run: Run) -> None:
        class Silent(GZipResponder):
            async def send_with_compression(self, message: Message) -> None:
                if message["type"] != "http.response.debug":
                    await super().send_with_compression(message)

        sent = await run(
            {"type": "http.response.debug"},
            start(),
            body(LONG),
            middleware=lambda app: Silent(app, minimum_size=500),
        )

        assert types(sent) == ["start", "body"]

    async def test_state_tells_why_a_response_was_left_alone(self, channel: Any) -> None:
        connection = channel()
        first = start((b"content-encoding", b"br"), (b"content-type", b"image/png"), status=206)
        responder = GZipResponder(sending(first), 500)
        assert responder.started is False
        await responder({"type": "http"}, connection.receive, connection.send)

        assert responder.initial_message is first
        assert responder.started is True
        assert responder.partial_response is True
        assert responder.content_encoding_set is True
        assert responder.content_type_is_excluded is True

    def test_attributes(self) -> None:
        app = sending()
        responder = GZipResponder(app, 500, 6, thread_minimum_size=1, exclude_content_types=["a/b"])

        assert responder.app is app
        assert responder.minimum_size == 500
        assert responder.compresslevel == 6
        assert responder.thread_minimum_size == 1
        assert set(responder.exclude_content_types) == {"a/b"}
        assert responder.content_encoding == GZipResponder.content_encoding == "gzip"
        assert responder.send is unattached_send

    def test_compressor_is_made_once(self) -> None:
        responder = GZipResponder(sending(), 500)

        assert responder.compressor is responder.compressor

    async def test_unattached_send_refuses(self) -> None:
        with pytest.raises(RuntimeError, match="^send awaitable not set$"):
            await unattached_send({})


def test_media_types_are_made_once() -> None:
    types = MediaTypes(["Text/Plain; charset=x"])

    assert MediaTypes(types) is types
    assert list(types) == ["text/plain"]
