"""Endpoints as classes."""

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from starlette_http.exceptions import HTTPException
from starlette_http.requests import Request
from starlette_http.responses import PlainTextResponse, Response
from starlette_http.types import Message
from starlette_routing.endpoints import HTTPEndpoint, WebSocketEndpoint
from starlette_routing.routing import Route, Router, WebSocketRoute
from starlette_websockets.websockets import WebSocket

Fetch = Callable[..., Awaitable[Any]]


class Verbs(HTTPEndpoint):
    async def get(self, request: Request) -> Response:
        return PlainTextResponse(f"get {request.path_params}")

    def post(self, request: Request) -> Response:
        return PlainTextResponse("post in a thread")

    async def query(self, request: Request) -> Response:
        return PlainTextResponse("query")

    async def trace(self, request: Request) -> Response:
        raise AssertionError("never called")

    delete = None


class WithHead(HTTPEndpoint):
    async def get(self, request: Request) -> Response:
        return PlainTextResponse("get")

    async def head(self, request: Request) -> Response:
        return PlainTextResponse("head")


class WithoutHead(WithHead):
    head = None  # type: ignore[assignment]


# HTTPEndpoint ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "text"),
    [("GET", "get {'x': '1'}"), ("POST", "post in a thread"), ("QUERY", "query")],
)
async def test_the_method_of_the_verb_answers(fetch: Fetch, method: str, text: str) -> None:
    assert (await fetch(Router([Route("/{x}", Verbs)]), "/1", method)).text == text


async def test_get_answers_head_unless_there_is_a_head(fetch: Fetch) -> None:
    assert (await fetch(Verbs, "/", "HEAD", path_params={})).text == "get {}"
    assert (await fetch(WithHead, "/", "HEAD")).text == "head"


@pytest.mark.parametrize(
    ("endpoint", "method", "allow"),
    [
        (Verbs, "PUT", "GET, HEAD, POST, QUERY"),
        (Verbs, "DELETE", "GET, HEAD, POST, QUERY"),
        (Verbs, "TRACE", "GET, HEAD, POST, QUERY"),
        (Verbs, "get", "GET, HEAD, POST, QUERY"),
        (Verbs, "DISPATCH", "GET, HEAD, POST, QUERY"),
        (WithoutHead, "HEAD", "GET"),
        (HTTPEndpoint, "GET", ""),
    ],
)
async def test_any_other_verb_is_405(
    fetch: Fetch, endpoint: type[HTTPEndpoint], method: str, allow: str
) -> None:
    answer = await fetch(endpoint, "/", method)
    assert (answer.status, answer.text) == (405, "Method Not Allowed")
    assert answer.headers["allow"] == allow


async def test_inside_an_application_405_is_an_exception(fetch: Fetch) -> None:
    with pytest.raises(HTTPException) as caught:
        await fetch(WithoutHead, "/", "PUT", app=object())
    assert caught.value.status_code == 405
    assert caught.value.headers == {"Allow": "GET"}


async def test_an_endpoint_may_answer_other_verbs_itself(fetch: Fetch) -> None:
    class Teapot(HTTPEndpoint):
        async def method_not_allowed(self, request: Request) -> Response:
            return PlainTextResponse("teapot", 418)

    assert (await fetch(Teapot, "/")).status == 418


async def test_a_handler_that_returns_no_response_is_named(fetch: Fetch) -> None:
    class Broken(HTTPEndpoint):
        async def get(self, request: Request) -> Any:
            return None

    with pytest.raises(TypeError, match=r"Endpoint .*Broken\.get.* returned None, which is no"):
        await fetch(Broken, "/")


def test_an_http_endpoint_answers_http_alone(channel: Any) -> None:
    with pytest.raises(AssertionError) as caught:
        HTTPEndpoint({"type": "websocket"}, channel().receive, channel().send)
    assert str(caught.value) == "An HTTPEndpoint answers http scopes, not websocket"


# WebSocketEndpoint ----------------------------------------------------------------------------


class Noting(WebSocketEndpoint):
    noted: list[Any]

    def __init_subclass__(cls) -> None:
        cls.noted = []

    async def on_receive(self, websocket: WebSocket, data: Any) -> None:
        self.noted.append(data)

    async def on_disconnect(self, websocket: WebSocket, close_code: int) -> None:
        self.noted.append(close_code)


def noting(encoding: Any = None) -> type[Noting]:
    kind: Any = type("Kind", (Noting,), {"encoding": encoding})
    return kind  # type: ignore[no-any-return]


@pytest.fixture
def converse(channel: Any) -> Any:
    """Send messages to an endpoint; gives what it sent and the error it ended with."""

    async def converse(endpoint: Any, *messages: Message) -> tuple[list[Message], str | None]:
        connection = channel({"type": "websocket.connect"}, *messages)
        scope = {"type": "websocket", "path": "/", "headers": []}
        try:
            with anyio.fail_after(5):
                await endpoint(scope, connection.receive, connection.send)
        except (AssertionError, LookupError, RuntimeError) as exc:
            return connection.sent, str(exc)
        return connection.sent, None

    return converse


def text(value: str | None) -> Message:
    return {"type": "websocket.receive", "text": value}


def data(value: bytes | None) -> Message:
    return {"type": "websocket.receive", "bytes": value}


GONE: Message = {"type": "websocket.disconnect", "code": 1001}
ACCEPTED: Message = {"type": "websocket.accept", "subprotocol": None, "headers": []}
REFUSED: Message = {"type": "websocket.close", "code": 1003, "reason": ""}


@pytest.mark.parametrize(
    ("encoding", "message", "expected"),
    [
        ("text", text("a"), "a"),
        ("text", text(""), ""),
        ("bytes", data(b"a"), b"a"),
        ("bytes", data(b""), b""),
        ("json", text('{"a": 1}'), {"a": 1}),
        ("json", data(b"[1]"), [1]),
        ("json", text("null"), None),
        (None, text("a"), "a"),
        (None, data(b"a"), b"a"),
        (None, {**text(""), "bytes": None}, ""),
    ],
)
async def test_a_message_is_decoded(
    converse: Any, encoding: Any, message: Message, expected: Any
) -> None:
    endpoint = noting(encoding)
    assert await converse(endpoint, message, GONE) == ([ACCEPTED], None)
    assert endpoint.noted == [expected, 1001]


@pytest.mark.parametrize(
    ("encoding", "message", "error"),
    [
        ("text", data(b"a"), "Expected text websocket messages, but got bytes"),
        ("text", text(None), "Expected text websocket messages, but got bytes"),
        ("bytes", text("a"), "Expected bytes websocket messages, but got text"),
        ("json", text("{"), "Malformed JSON data received."),
        ("json", text(""), "Malformed JSON data received."),
        ("json", data(b"\xff"), "Malformed JSON data received."),
        ("json", text("[" * 100_000), "Malformed JSON data received."),
        ("json", text("9" * 5000), "Malformed JSON data received."),
        ("json", {"type": "websocket.receive"}, "Malformed JSON data received."),
    ],
    ids=str,
)
async def test_a_message_that_is_something_else_closes_with_1003(
    converse: Any, encoding: Any, message: Message, error: str
) -> None:
    endpoint = noting(encoding)
    assert await converse(endpoint, message) == ([ACCEPTED, REFUSED], error)
    assert endpoint.noted == [1003]


async def test_an_unknown_encoding_is_named(converse: Any) -> None:
    endpoint = noting("xml")
    sent, error = await converse(endpoint, text("a"))
    assert (sent, error) == ([ACCEPTED], "Unsupported 'encoding' attribute xml")
    assert endpoint.noted == [1011]


@pytest.mark.parametrize(("code", "told"), [(1001, 1001), (None, 1000), (0, 1000)])
async def test_the_code_of_the_client_is_told(converse: Any, code: int | None, told: int) -> None:
    endpoint = noting()
    await converse(endpoint, {"type": "websocket.disconnect", "code": code})
    assert endpoint.noted == [told]


async def test_an_error_is_told_as_1011_and_leaves_the_websocket_open(converse: Any) -> None:
    class Broken(Noting):
        async def on_receive(self, websocket: WebSocket, data: Any) -> None:
            raise LookupError("broken")

    assert await converse(Broken, text("a")) == ([ACCEPTED], "broken")
    assert Broken.noted == [1011]


async def test_an_error_while_connecting_is_not_told(converse: Any) -> None:
    class Broken(Noting):
        async def on_connect(self, websocket: WebSocket) -> None:
            raise LookupError("broken")

    assert await converse(Broken) == ([], "broken")
    assert Broken.noted == []


async def test_what_is_not_overridden_does_nothing(converse: Any) -> None:
    route = WebSocketRoute("/", WebSocketEndpoint)
    assert await converse(route, text("a"), GONE) == ([ACCEPTED], None)


def test_a_websocket_endpoint_answers_websockets_alone(channel: Any) -> None:
    with pytest.raises(AssertionError) as caught:
        WebSocketEndpoint({"type": "http"}, channel().receive, channel().send)
    assert str(caught.value) == "A WebSocketEndpoint answers websockets, not http"
