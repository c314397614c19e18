"""Bodies over a limit are 413, before they are in memory."""

from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest

from starlette_http.body_limit import (
    MAX_BODY_SIZE_SCOPE_KEY,
    RequestBodyLimitMiddleware,
    RequestBodyLimitResponder,
    _RequestBodyLimitResponseSent,
    _RequestBodyTooLarge,
)
from starlette_http.exceptions import HTTPException
from starlette_http.requests import Request
from starlette_http.response import PlainTextResponse, Response
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send

LIMIT = 10


def post(*headers: tuple[bytes, bytes]) -> Scope:
    return {"type": "http", "method": "POST", "path": "/", "headers": list(headers)}


def body(*chunks: bytes) -> list[Message]:
    last = len(chunks) - 1
    return [
        {"type": "http.request", "body": chunk, "more_body": number < last}
        for number, chunk in enumerate(chunks)
    ]


async def count(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the length of the body."""
    length = len(await Request(scope, receive).body())
    await PlainTextResponse(str(length))(scope, receive, send)


async def ignore(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers without looking at the body."""
    await PlainTextResponse("unread")(scope, receive, send)


def limited(app: ASGIApp, *limits: int) -> ASGIApp:
    """The application under these limits, outermost first."""
    for limit in reversed(limits):
        app = RequestBodyLimitMiddleware(app, limit)
    return app


async def answer(app: ASGIApp, connection: Any, scope: Scope) -> tuple[int, bytes]:
    await app(scope, connection.receive, connection.send)
    return connection.sent[0]["status"], connection.body


async def test_body_of_exactly_the_limit_is_accepted(channel: Any) -> None:
    connection = channel(*body(b"12345", b"67890"))
    assert await answer(limited(count, LIMIT), connection, post()) == (200, b"10")


async def test_body_over_the_limit_is_413(channel: Any) -> None:
    connection = channel(*body(b"12345", b"67890", b"1"))
    assert await answer(limited(count, LIMIT), connection, post()) == (413, b"Content Too Large")


async def test_announced_length_over_the_limit_is_413_before_anything_is_received(
    channel: Any,
) -> None:
    connection = channel(*body(b"1" * 11))
    scope = post((b"content-length", b"11"))
    assert (await answer(limited(count, LIMIT), connection, scope))[0] == 413
    assert len(connection.incoming) == 1


@pytest.mark.parametrize("value", [b"9" * 5000, b"0" * 5000 + b"11"], ids=["huge", "zeros"])
async def test_announced_length_may_have_any_number_of_digits(channel: Any, value: bytes) -> None:
    scope = post((b"content-length", value))
    assert (await answer(limited(count, LIMIT), channel(), scope))[0] == 413


@pytest.mark.parametrize("value", [b"-1", b"+11", b"1e3", b""])
async def test_announced_length_that_is_no_number_is_ignored(channel: Any, value: bytes) -> None:
    connection = channel(*body(b"1"))
    scope = post((b"content-length", value))
    assert (await answer(limited(count, LIMIT), connection, scope))[0] == 200


async def test_unread_body_that_is_announced_too_large_replaces_the_response(channel: Any) -> None:
    scope = post((b"content-length", b"11"))
    reached = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await ignore(scope, receive, send)
        reached.append("the end")

    assert await answer(limited(app, LIMIT), channel(), scope) == (413, b"Content Too Large")
    assert reached == []


async def test_unread_body_of_unknown_length_does_not_matter(channel: Any) -> None:
    assert await answer(limited(ignore, LIMIT), channel(), post()) == (200, b"unread")


async def test_application_that_goes_on_after_its_response_was_replaced_sends_nothing(
    channel: Any,
) -> None:
    connection = channel()

    async def stubborn(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(2):
            try:
                await ignore(scope, receive, send)
            except _RequestBodyLimitResponseSent:
                continue

    scope = post((b"content-length", b"11"))
    assert await answer(limited(stubborn, LIMIT), connection, scope) == (413, b"Content Too Large")
    assert len(connection.sent) == 2


async def test_application_may_answer_the_413_itself(channel: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await count(scope, receive, send)
        except HTTPException as exc:
            response = Response(exc.detail + "!", status_code=exc.status_code)
            await response(scope, receive, send)

    scope = post((b"content-length", b"11"))
    assert await answer(limited(app, LIMIT), channel(), scope) == (413, b"Content Too Large!")


async def test_413_that_comes_in_a_group_is_answered(channel: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(count, scope, receive, send)

    connection = channel(*body(b"1" * 11))
    assert (await answer(limited(app, LIMIT), connection, post()))[0] == 413


async def test_replaced_response_in_a_group_is_answered(channel: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(ignore, scope, receive, send)

    scope = post((b"content-length", b"11"))
    assert (await answer(limited(app, LIMIT), channel(), scope))[0] == 413


async def test_other_errors_pass_through(channel: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await limited(app, LIMIT)(post(), channel().receive, channel().send)


async def test_body_that_grows_too_large_after_the_response_began_is_an_error(
    channel: Any,
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await Request(scope, receive).body()

    connection = channel(*body(b"1" * 11))
    with pytest.raises(_RequestBodyTooLarge):
        await limited(app, LIMIT)(post(), connection.receive, connection.send)
    assert [message["type"] for message in connection.sent] == ["http.response.start"]


@pytest.mark.parametrize(
    ("limits", "status"),
    [((10, 20), 200), ((20, 10), 413), ((10, 20, 10), 413), ((5, 10, 20), 200)],
)
async def test_innermost_limit_is_in_force(
    channel: Any, limits: tuple[int, ...], status: int
) -> None:
    connection = channel(*body(b"1" * 15))
    assert (await answer(limited(count, *limits), connection, post()))[0] == status


async def test_limit_is_in_the_scope_while_it_is_in_force(channel: Any) -> None:
    seen: list[Any] = []

    def seeing(app: ASGIApp) -> ASGIApp:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            seen.append(scope.get(MAX_BODY_SIZE_SCOPE_KEY))
            await app(scope, receive, send)
            seen.append(scope.get(MAX_BODY_SIZE_SCOPE_KEY))

        return wrapped

    app = seeing(limited(seeing(limited(seeing(ignore), 20)), 10))
    scope = post()
    await answer(app, channel(), scope)
    assert seen == [None, 10, 20, 20, 10, None]
    assert set(scope) == {"type", "method", "path", "headers"}


async def test_body_that_is_over_an_inner_limit_already_is_413_at_once(channel: Any) -> None:
    inner = limited(ignore, 5)

    async def reads_first(scope: Scope, receive: Receive, send: Send) -> None:
        await Request(scope, receive).body()
        await inner(scope, receive, send)

    connection = channel(*body(b"1" * 8))
    assert (await answer(limited(reads_first, LIMIT), connection, post()))[0] == 413


async def test_disconnect_after_a_body_that_an_inner_limit_allowed_is_received(
    channel: Any,
) -> None:
    inner = limited(count, 20)
    received: list[Message] = []

    async def listens_after(scope: Scope, receive: Receive, send: Send) -> None:
        await inner(scope, receive, send)
        received.append(await receive())

    connection = channel(*body(b"1" * 15), {"type": "http.disconnect"})
    scope = post((b"content-length", b"15"))
    assert await answer(limited(listens_after, LIMIT), connection, scope) == (200, b"15")
    assert received == [{"type": "http.disconnect"}]


async def test_other_messages_do_not_count(channel: Any) -> None:
    connection = channel({"type": "http.extension", "body": b"1" * 11}, *body(b"1"))
    assert (await answer(limited(count, LIMIT), connection, post()))[0] == 200


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
async def test_other_scopes_pass_untouched(channel: Any, kind: str) -> None:
    connection = channel()
    seen: list[Any] = []

    async def app(*arguments: Any) -> None:
        seen.extend(arguments)

    scope = {"type": kind}
    arguments: tuple[Any, ...] = (scope, connection.receive, connection.send)
    await limited(app, LIMIT)(*arguments)
    assert seen == list(arguments)
    assert scope == {"type": kind}


async def test_responder_knows_its_connection(channel: Any) -> None:
    connection, scope = channel(*body(b"1")), post()
    responder = RequestBodyLimitResponder(count, LIMIT)
    await responder(scope, connection.receive, connection.send)
    assert responder.scope is scope
    assert (responder.receive, responder.send) == (connection.receive, connection.send)
    assert (responder.total_size, responder.response_started) == (1, True)


@pytest.mark.parametrize("headers", [None, iter([(b"host", b"example.org")])])
async def test_headers_of_any_shape_stay_readable(channel: Any, headers: Any) -> None:
    connection, scope = channel(), post()
    scope["headers"] = headers
    await limited(ignore, LIMIT)(scope, connection.receive, connection.send)
    assert connection.body == b"unread"
    assert isinstance(scope["headers"], list)


@pytest.mark.parametrize("raises", [False, True])
async def test_500_of_a_framework_that_does_not_know_the_exception_becomes_413(
    channel: Any, raises: bool
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await count(scope, receive, send)
        except Exception:
            await PlainTextResponse("oh no", status_code=500)(scope, receive, send)
            if raises:
                raise

    connection = channel(*body(b"1" * 11))
    assert await answer(limited(app, LIMIT), connection, post()) == (413, b"Content Too Large")


@pytest.mark.parametrize("limit", [-1, True, False])
def test_limit_that_is_no_number_of_bytes_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match=f"max_body_size is {limit}: give a number of bytes"):
        RequestBodyLimitMiddleware(count, limit)


async def test_chunked_upload_over_the_limit_is_413_on_a_real_server(
    serve: Callable[[ASGIApp], str],
) -> None:
    base_url = serve(limited(count, 100_000))
    async with httpx.AsyncClient(base_url=base_url) as client:
        with anyio.fail_after(10):
            response = await client.post("/", content=b"1" * 100_001)
            fine = await client.post("/", content=b"1" * 100_000)
    assert (response.status_code, response.text) == (413, "Content Too Large")
    assert (fine.status_code, fine.text) == (200, "100000")
