"""`HookMiddleware`: code before the application, and at the start of its response."""

import itertools
from typing import Any

import pytest

from starlette_http.requests import HTTPConnection
from starlette_http.response import PlainTextResponse, Response
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send
from starlette_middleware import HookMiddleware, ResponseStart

START: dict[str, Any] = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"X-App", b"1")],
}
BODY: dict[str, Any] = {"type": "http.response.body", "body": b"hello"}
ACCEPT: dict[str, Any] = {"type": "websocket.accept"}


def scope_of(kind: str, **more: Any) -> Scope:
    return {"type": kind, "method": "GET", "path": "/", "headers": []} | more


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await send(START)
    await send(BODY)


async def accepting(scope: Scope, receive: Receive, send: Send) -> None:
    await send(ACCEPT)
    await send({"type": "websocket.close", "code": 1000, "reason": ""})


class Stamp(HookMiddleware):
    def on_response(self, connection: HTTPConnection[Any], response: ResponseStart) -> None:
        response.headers["x-path"] = connection.scope["path"]
        if response.headers.get("x-app") == "1":
            response.status = 201


class AsyncStamp(HookMiddleware):
    async def on_response(self, connection: HTTPConnection[Any], response: ResponseStart) -> None:
        response.headers["x-path"] = connection.scope["path"]
        if response.headers.get("x-app") == "1":
            response.status = 201


class Gate(HookMiddleware):
    def on_request(self, connection: HTTPConnection[Any]) -> Response | None:
        if "x-key" in connection.headers:
            return None
        return PlainTextResponse("No key", status_code=403)


class AsyncGate(HookMiddleware):
    async def on_request(self, connection: HTTPConnection[Any]) -> Response | None:
        if "x-key" in connection.headers:
            return None
        return PlainTextResponse("No key", status_code=403)


@pytest.mark.parametrize("cls", [Stamp, AsyncStamp])
async def test_on_response_changes_status_and_headers(channel: Any, cls: Any) -> None:
    connection = channel()
    await cls(hello)(scope_of("http"), connection.receive, connection.send)
    assert connection.sent == [
        {
            "type": "http.response.start",
            "status": 201,
            "headers": [(b"x-app", b"1"), (b"x-path", b"/")],
        },
        BODY,
    ]


async def test_the_message_of_the_application_is_not_changed(channel: Any) -> None:
    connection = channel()
    await Stamp(hello)(scope_of("http"), connection.receive, connection.send)
    assert START["headers"] == [(b"X-App", b"1")]


@pytest.mark.parametrize("cls", [Stamp, AsyncStamp])
async def test_on_response_sees_a_websocket_accepted(channel: Any, cls: Any) -> None:
    connection = channel()
    await cls(accepting)(scope_of("websocket"), connection.receive, connection.send)
    assert connection.sent[0] == {"type": "websocket.accept", "headers": [(b"x-path", b"/")]}
    assert connection.sent[1]["type"] == "websocket.close"


async def test_an_accepted_websocket_has_status_101(channel: Any) -> None:
    seen = []

    class Watch(HookMiddleware):
        def on_response(self, connection: HTTPConnection[Any], response: ResponseStart) -> None:
            seen.append(response.status)

    connection = channel()
    await Watch(accepting)(scope_of("websocket"), connection.receive, connection.send)
    assert seen == [101]


@pytest.mark.parametrize("cls", [Gate, AsyncGate])
async def test_on_request_answers_in_place_of_the_application(channel: Any, cls: Any) -> None:
    connection = channel()
    await cls(hello)(scope_of("http"), connection.receive, connection.send)
    assert (connection.sent[0]["status"], connection.body) == (403, b"No key")


@pytest.mark.parametrize("cls", [Gate, AsyncGate])
async def test_on_request_lets_a_connection_through(channel: Any, cls: Any) -> None:
    connection = channel()
    scope = scope_of("http", headers=[(b"x-key", b"k")])
    await cls(hello)(scope, connection.receive, connection.send)
    assert connection.sent == [START, BODY]


async def test_on_request_denies_a_websocket(channel: Any) -> None:
    connection = channel()
    scope = scope_of("websocket", extensions={"websocket.http.response": {}})
    await Gate(accepting)(scope, connection.receive, connection.send)
    assert connection.sent[0]["type"] == "websocket.http.response.start"
    assert connection.sent[0]["status"] == 403


async def test_on_request_closes_a_websocket_that_cannot_be_denied(channel: Any) -> None:
    connection = channel()
    await Gate(accepting)(scope_of("websocket"), connection.receive, connection.send)
    assert connection.sent == [{"type": "websocket.close", "code": 1008, "reason": ""}]


async def test_on_response_sees_the_answer_of_on_request(channel: Any) -> None:
    class Both(Gate, Stamp): ...

    connection = channel()
    await Both(hello)(scope_of("http"), connection.receive, connection.send)
    assert (b"x-path", b"/") in connection.sent[0]["headers"]


async def test_both_hooks_get_the_same_connection(channel: Any) -> None:
    seen: list[Any] = []

    class Both(HookMiddleware):
        def on_request(self, connection: HTTPConnection[Any]) -> None:
            seen.append(connection)

        def on_response(self, connection: HTTPConnection[Any], response: ResponseStart) -> None:
            seen.append(connection)

    connection = channel()
    await Both(hello)(scope_of("http"), connection.receive, connection.send)
    assert seen[0] is seen[1]


def named(name: str, is_async: bool) -> type[HookMiddleware]:
    """A layer that adds its name to a header and one to the status."""

    def add(connection: HTTPConnection[Any], response: ResponseStart) -> None:
        response.headers["x-names"] = response.headers.get("x-names", "") + name
        response.status += 1

    class Plain(HookMiddleware):
        def on_response(self, connection: HTTPConnection[Any], response: ResponseStart) -> None:
            add(connection, response)

    class Async(HookMiddleware):
        async def on_response(
            self, connection: HTTPConnection[Any], response: ResponseStart
        ) -> None:
            add(connection, response)

    return Async if is_async else Plain


@pytest.mark.parametrize("asyncs", [*itertools.product([False, True], repeat=3)], ids=str)
async def test_layers_change_the_start_from_the_inside_out(channel: Any, asyncs: Any) -> None:
    app: ASGIApp = hello
    for name, is_async in zip("abc", asyncs, strict=True):
        app = named(name, is_async)(app)
    connection = channel()
    await app(scope_of("http"), connection.receive, connection.send)
    headers = [(b"x-app", b"1"), (b"x-names", b"abc")]
    assert connection.sent == [
        {"type": "http.response.start", "status": 203, "headers": headers},
        BODY,
    ]


async def test_a_layer_in_between_sees_what_the_inner_hook_changed(channel: Any) -> None:
    seen: list[Any] = []

    def between(app: ASGIApp) -> ASGIApp:
        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            async def record(message: Message) -> None:
                seen.append(message)
                await send(message)

            await app(scope, receive, record)

        return watched

    connection = channel()
    app = named("b", is_async=False)(between(named("a", is_async=False)(hello)))
    await app(scope_of("http"), connection.receive, connection.send)
    assert seen[0]["headers"] == [(b"x-app", b"1"), (b"x-names", b"a")]
    assert connection.sent[0]["headers"] == [(b"x-app", b"1"), (b"x-names", b"ab")]


async def test_the_answer_of_an_inner_layer_goes_through_the_outer_one(channel: Any) -> None:
    connection = channel()
    await Stamp(Gate(hello))(scope_of("http"), connection.receive, connection.send)
    assert connection.sent[0]["status"] == 403
    assert (b"x-path", b"/") in connection.sent[0]["headers"]


async def test_an_error_of_a_hook_is_raised_where_the_response_was_sent(channel: Any) -> None:
    class Fails(HookMiddleware):
        def on_response(self, connection: HTTPConnection[Any], response: ResponseStart) -> None:
            raise LookupError("no such thing")

    connection = channel()
    with pytest.raises(LookupError, match="no such thing"):
        await Stamp(Fails(hello))(scope_of("http"), connection.receive, connection.send)
    assert connection.sent == []


@pytest.mark.parametrize("kind", ["http", "websocket", "lifespan"])
async def test_without_hooks_the_application_gets_the_same_objects(kind: str) -> None:
    seen: list[Any] = []

    async def app(*arguments: Any) -> None:
        seen.extend(arguments)

    scope = scope_of(kind)

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        raise AssertionError

    await HookMiddleware(app)(scope, receive, send)
    assert seen == [scope, receive, send]


def test_the_hooks_of_the_base_do_nothing() -> None:
    middleware = HookMiddleware(hello)
    connection: HTTPConnection[Any] = HTTPConnection(scope_of("http"))
    assert middleware.on_request(connection) is None
    assert middleware.on_response(connection, ResponseStart(START)) is None
