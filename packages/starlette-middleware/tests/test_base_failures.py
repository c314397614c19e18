"""`BaseHTTPMiddleware`: what fails, where it is raised, and what is sent nevertheless."""

from typing import Any

import anyio
import anyio.lowlevel
import pytest
from dispatching import GONE, START, CallNext, Dispatch, Sends, Style, at_once, chunk, http, plainly

from starlette_http.requests import ClientDisconnect, Request
from starlette_http.response import PlainTextResponse, Response
from starlette_http.types import Message, Receive, Scope, Send
from starlette_middleware import BaseHTTPMiddleware, RequestBodyLimitMiddleware

# The names of dispatch functions that return what call_next gives, and have no task group.
DIRECT = ["at_once", "after_a_wait", "within_a_timeout"]


def failing(error: BaseException, *before: Message) -> Sends:
    async def sends(send: Send) -> None:
        for message in before:
            await send(message)
        raise error

    return sends


# The application fails.


@pytest.mark.parametrize("name", DIRECT)
async def test_an_error_before_the_start_is_raised_from_call_next(
    channel: Any, dispatches: dict[str, Dispatch], name: str
) -> None:
    error = ValueError(name)
    caught = []

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        try:
            return await dispatches[name](request, call_next)
        except ValueError as exc:
            caught.append(exc)
            raise

    connection = channel()
    app = BaseHTTPMiddleware(plainly(failing(error)), dispatch)
    with pytest.raises(ValueError, match=name) as raised:
        await app(http(), connection.receive, connection.send)
    assert caught == [error]
    assert raised.value is error
    assert connection.sent == []


async def test_an_error_has_no_context_that_is_not_its_own(channel: Any, layer: Any) -> None:
    error = ValueError("app")
    connection = channel()
    with pytest.raises(ValueError, match="app"):
        await layer(plainly(failing(error)))(http(), connection.receive, connection.send)
    assert error.__context__ is None
    assert error.__cause__ is None


async def test_an_error_before_the_start_can_be_answered(channel: Any, app_style: Style) -> None:
    async def dispatch(request: Request, call_next: CallNext) -> Response:
        try:
            return await call_next(request)
        except* ValueError:
            pass
        return PlainTextResponse("answered", status_code=500)

    connection = channel()
    app = BaseHTTPMiddleware(app_style(failing(ValueError("app"))), dispatch)
    await app(http(), connection.receive, connection.send)
    assert connection.body == b"answered"


async def test_an_error_within_the_body_is_raised_and_the_body_stays_open(
    channel: Any, layer: Any
) -> None:
    error = ValueError("app")
    connection = channel()
    app = layer(plainly(failing(error, START, chunk(b"a", True))))
    with pytest.raises(ValueError, match="app") as raised:
        await app(http(), connection.receive, connection.send)
    assert raised.value is error
    assert all(message.get("more_body", True) for message in connection.sent)


async def test_dispatch_cannot_swallow_an_error_within_the_body(channel: Any) -> None:
    error = ValueError("app")

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response: Any = await call_next(request)
        with pytest.raises(ValueError, match="app"):
            async for _ in response.body_iterator:
                pass
        return PlainTextResponse("a part is missing", status_code=500)

    connection = channel()
    app = BaseHTTPMiddleware(plainly(failing(error, START, chunk(b"a", True))), dispatch)
    with pytest.raises(ValueError, match="app") as raised:
        await app(http(), connection.receive, connection.send)
    assert raised.value is error
    assert connection.body == b"a part is missing"


async def test_an_error_of_dispatch_replaces_that_of_the_application(channel: Any) -> None:
    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response: Any = await call_next(request)
        try:
            return Response(b"".join([part async for part in response.body_iterator]))
        except ValueError:
            raise KeyError("dispatch") from None

    connection = channel()
    app = BaseHTTPMiddleware(plainly(failing(ValueError("app"), START)), dispatch)
    with pytest.raises(KeyError, match="dispatch"):
        await app(http(), connection.receive, connection.send)


async def test_an_error_after_the_response_is_raised(
    channel: Any, layer: Any, app_style: Style
) -> None:
    error = ValueError("background")
    connection = channel()
    app = layer(app_style(failing(error, START, chunk(b"a"))))
    with pytest.raises((ValueError, ExceptionGroup)):
        await app(http(), connection.receive, connection.send)
    assert connection.body == b"a"
    assert not connection.sent[-1].get("more_body", False)


@pytest.mark.parametrize("name", [*DIRECT, "with_another_iterator"])
@pytest.mark.parametrize("before", [(), (START,), (START, chunk(b"a"))], ids=["0", "1", "2"])
async def test_an_exception_group_passes_unchanged(
    channel: Any, dispatches: dict[str, Dispatch], name: str, before: tuple[Message, ...]
) -> None:
    group = ExceptionGroup("of the application", [ValueError("app")])
    connection = channel()
    app = BaseHTTPMiddleware(plainly(failing(group, *before)), dispatches[name])
    with pytest.raises(ExceptionGroup) as raised:
        await app(http(), connection.receive, connection.send)
    assert raised.value is group


async def test_an_application_has_to_answer(channel: Any, layer: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None: ...

    connection = channel()
    with pytest.raises(RuntimeError, match=r"^No response returned\.$"):
        await layer(app)(http(), connection.receive, connection.send)


async def test_an_application_need_not_answer_a_client_that_left(channel: Any, layer: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()

    connection = channel(GONE)
    with pytest.raises(ClientDisconnect):
        await layer(app)(http(), connection.receive, connection.send)


async def first_chunk_dropped(request: Request, call_next: CallNext) -> Response:
    response: Any = await call_next(request)
    await anext(response.body_iterator)
    return response  # type: ignore[no-any-return]


@pytest.mark.parametrize("dispatch", [at_once, first_chunk_dropped])
async def test_a_body_that_just_stops_is_not_completed(
    channel: Any, dispatch: Dispatch, app_style: Style
) -> None:
    async def sends(send: Send) -> None:
        await send(START)
        await send(chunk(b"a", True))

    connection = channel()
    app = BaseHTTPMiddleware(app_style(sends), dispatch)
    await app(http(), connection.receive, connection.send)
    assert all(message.get("more_body", True) for message in connection.sent)


# Dispatch fails.


async def test_an_error_before_call_next_is_raised(channel: Any) -> None:
    async def dispatch(request: Request, call_next: CallNext) -> Response:
        raise ValueError("dispatch")

    connection = channel()
    app = BaseHTTPMiddleware(plainly(failing(KeyError())), dispatch)
    with pytest.raises(ValueError, match="dispatch"):
        await app(http(), connection.receive, connection.send)


def waiting(log: list[str], *before: Message) -> Sends:
    """Send `before`, wait for ever, and tell when that is cancelled and cleaned up."""

    async def sends(send: Send) -> None:
        try:
            for message in before:
                await send(message)
            await anyio.sleep_forever()
        except anyio.get_cancelled_exc_class():
            log.append("cancelled")
            with anyio.CancelScope(shield=True):
                await anyio.lowlevel.checkpoint()
            log.append("cleaned up")
            raise

    return sends


@pytest.mark.parametrize("name", DIRECT)
async def test_an_error_after_call_next_cancels_the_application(
    channel: Any, dispatches: dict[str, Dispatch], name: str, app_style: Style
) -> None:
    log: list[str] = []
    error = ValueError(name)

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        await dispatches[name](request, call_next)
        raise error

    connection = channel()
    app = BaseHTTPMiddleware(app_style(waiting(log, START, chunk(b"a"))), dispatch)
    with anyio.fail_after(5), pytest.raises(ValueError, match=name) as raised:
        await app(http(), connection.receive, connection.send)
    assert raised.value is error
    assert log == ["cancelled", "cleaned up"]
    assert connection.sent == []


async def test_an_error_while_reading_the_body_cancels_the_application(
    channel: Any, app_style: Style
) -> None:
    log: list[str] = []

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response: Any = await call_next(request)
        async for part in response.body_iterator:
            raise ValueError(part)
        raise AssertionError

    connection = channel()
    app = BaseHTTPMiddleware(app_style(waiting(log, START, chunk(b"a", True))), dispatch)
    with anyio.fail_after(5), pytest.raises(ValueError, match="a"):
        await app(http(), connection.receive, connection.send)
    assert log == ["cancelled", "cleaned up"]


@pytest.mark.parametrize("name", ["at_once", "within_a_timeout"])
async def test_an_application_that_survives_its_cancellation_is_waited_for(
    channel: Any, dispatches: dict[str, Dispatch], name: str
) -> None:
    log = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        with anyio.CancelScope() as scope_of_the_app:
            scope_of_the_app.cancel()
            await anyio.lowlevel.checkpoint()
        try:
            await send(START)
            await anyio.lowlevel.checkpoint()
        except anyio.get_cancelled_exc_class():
            log.append("survived")
        with anyio.CancelScope(shield=True):
            await send(chunk(b"dropped"))
        log.append("ended")

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        await dispatches[name](request, call_next)
        raise ValueError("dispatch")

    connection = channel()
    middleware = BaseHTTPMiddleware(app, dispatch)
    with anyio.fail_after(5), pytest.raises(ValueError, match="dispatch"):
        await middleware(http(), connection.receive, connection.send)
    assert log == ["survived", "ended"]
    assert connection.sent == []


# The server fails.


@pytest.mark.parametrize("kind", ["http.response.start", "http.response.body"])
@pytest.mark.parametrize("name", [*DIRECT, "with_another_iterator"])
async def test_an_error_of_the_server_cancels_the_application(
    channel: Any, dispatches: dict[str, Dispatch], name: str, kind: str
) -> None:
    ended = []
    error = OSError("connection lost")

    async def sends(send: Send) -> None:
        try:
            await send(START)
            await send(chunk(b"a", True))
            await send(chunk(b"b"))
            await anyio.sleep_forever()
        finally:
            ended.append(True)

    async def send(message: Message) -> None:
        if message["type"] == kind:
            raise error

    connection = channel()
    app = BaseHTTPMiddleware(plainly(sends), dispatches[name])
    with anyio.fail_after(5), pytest.raises(OSError, match="connection lost") as raised:
        await app(http(), connection.receive, send)
    assert raised.value is error
    assert ended == [True]


async def test_an_error_of_the_server_reaches_the_application_as_without_the_layer(
    channel: Any,
) -> None:
    async def sends(send: Send) -> None:
        with pytest.raises(OSError, match="gone"):
            await send(START)
        raise ClientDisconnect()

    async def send(message: Message) -> None:
        raise OSError("gone")

    connection = channel()
    with pytest.raises(ClientDisconnect):
        await BaseHTTPMiddleware(plainly(sends), at_once)(http(), connection.receive, send)


# A limit on the body of the request, outside of the layer.


async def reading(scope: Scope, receive: Receive, send: Send) -> None:
    await Response(await Request(scope, receive).body())(scope, receive, send)


async def test_a_body_over_the_limit_is_413(channel: Any, layer: Any) -> None:
    connection = channel({"type": "http.request", "body": b"too long", "more_body": False})
    app = RequestBodyLimitMiddleware(layer(reading), max_body_size=3)
    await app(http(), connection.receive, connection.send)
    assert connection.sent[0]["status"] == 413
    assert connection.body == b"Content Too Large"


async def test_an_announced_body_over_the_limit_is_413_also_when_it_is_not_read(
    channel: Any, layer: Any
) -> None:
    connection = channel()
    app = RequestBodyLimitMiddleware(layer(Response(b"unread")), max_body_size=3)
    scope = {**http(), "method": "POST", "headers": [(b"content-length", b"8")]}
    await app(scope, connection.receive, connection.send)
    assert connection.sent[0]["status"] == 413
    assert connection.body == b"Content Too Large"
