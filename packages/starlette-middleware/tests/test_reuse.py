"""Every middleware around applications that are not ours: nothing but ASGI 3 is assumed."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from opentelemetry.trace import ProxyTracerProvider

from starlette_http.requests import HTTPConnection
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send
from starlette_middleware.auth import AuthCredentials, AuthenticationBackend, SimpleUser
from starlette_middleware.authentication import AuthenticationMiddleware
from starlette_middleware.base import BaseHTTPMiddleware
from starlette_middleware.body_limit import RequestBodyLimitMiddleware
from starlette_middleware.compression import CompressionMiddleware
from starlette_middleware.cors import CORSMiddleware
from starlette_middleware.errors import ServerErrorMiddleware
from starlette_middleware.exceptions import ExceptionMiddleware
from starlette_middleware.gzip import GZipMiddleware
from starlette_middleware.httpsredirect import HTTPSRedirectMiddleware
from starlette_middleware.opentelemetry import OpenTelemetryMiddleware
from starlette_middleware.sessions import SessionMiddleware
from starlette_middleware.trustedhost import TrustedHostMiddleware


class Backend(AuthenticationBackend):
    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, SimpleUser]:
        return AuthCredentials(), SimpleUser(conn.headers.get("x-user", "nobody"))


async def pass_on(request: Any, call_next: Any) -> Any:
    return await call_next(request)


Layer = Callable[[Any], ASGIApp]
LAYERS: dict[str, Layer] = {
    "authentication": lambda app: AuthenticationMiddleware(app, Backend()),
    "base": lambda app: BaseHTTPMiddleware(app, pass_on),
    "body_limit": lambda app: RequestBodyLimitMiddleware(app, max_body_size=1000),
    "compression": lambda app: CompressionMiddleware(app, minimum_size=1),
    "cors": lambda app: CORSMiddleware(app, allow_origins=["https://example.org"]),
    "errors": ServerErrorMiddleware,
    "exceptions": ExceptionMiddleware,
    "gzip": lambda app: GZipMiddleware(app, minimum_size=1),
    "httpsredirect": lambda app: HTTPSRedirectMiddleware(app, exclude=["/"]),
    "opentelemetry": lambda app: OpenTelemetryMiddleware(
        app, tracer_provider=ProxyTracerProvider()
    ),
    "sessions": lambda app: SessionMiddleware(app, "key"),
    "trustedhost": lambda app: TrustedHostMiddleware(app, ["example.org"]),
}

pytestmark = pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)

HOST = (b"host", b"example.org")
BODY = {"type": "http.response.body", "body": b"hello"}


def start(headers: Any = (), **more: Any) -> Message:
    return {"type": "http.response.start", "status": 200, "headers": headers, **more}


@pytest.fixture
def run(channel: Any) -> Callable[..., Any]:
    """Run an application that sends these messages behind the layer; give what arrives."""

    async def run(layer: Layer, *messages: Message, **scope: Any) -> list[Message]:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if "session" in scope:
                scope["session"]["key"] = "value"
            for message in messages:
                await send(message)

        connection = channel({"type": "http.request", "body": b"", "more_body": False})
        scope = {"type": "http", "method": "GET", "path": "/", "headers": [HOST]} | scope
        await layer(app)(scope, connection.receive, connection.send)
        sent: list[Message] = connection.sent
        return sent

    return run


Run = Callable[..., Any]


def body_of(messages: list[Message]) -> bytes:
    return b"".join(bytes(message.get("body", b"")) for message in messages)


def generate(pairs: Any) -> Iterator[Any]:
    yield from pairs


@pytest.mark.parametrize(
    "shape",
    [list, tuple, generate, lambda pairs: [list(pair) for pair in pairs]],
    ids=["list", "tuple", "iterator", "lists"],
)
async def test_response_headers_of_any_shape(run: Run, layer: Layer, shape: Any) -> None:
    pairs = [(b"Content-Type", b"text/plain"), (b"X-One", b"1"), (b"x-one", b"2")]
    sent = await run(layer, start(shape(pairs)), BODY)
    lowered = [(bytes(name).lower(), value) for name, value in sent[0]["headers"]]

    assert [pair for pair in lowered if pair[0] in (b"content-type", b"x-one")] == [
        (b"content-type", b"text/plain"),
        (b"x-one", b"1"),
        (b"x-one", b"2"),
    ]


async def test_missing_response_headers(run: Run, layer: Layer) -> None:
    sent = await run(layer, {"type": "http.response.start", "status": 204}, BODY | {"body": b""})

    assert sent[0]["status"] == 204


async def test_content_length_in_any_case_stays_one_and_right(run: Run, layer: Layer) -> None:
    sent = await run(
        layer,
        start([(b"Content-Length", b"5")]),
        BODY,
        headers=[HOST, (b"accept-encoding", b"gzip"), (b"origin", b"https://example.org")],
    )
    lengths = [value for name, value in sent[0]["headers"] if name.lower() == b"content-length"]

    assert lengths == [b"%d" % len(body_of(sent[1:]))]


async def test_vary_in_any_case_stays_one(run: Run, layer: Layer) -> None:
    sent = await run(layer, start([(b"VARY", b"Accept")]), BODY)
    values = [value for name, value in sent[0]["headers"] if name.lower() == b"vary"]

    assert len(values) == 1
    assert values[0].startswith(b"Accept")


@pytest.mark.parametrize(
    "body",
    [{}, {"body": b""}, {"body": bytearray(b"hello")}, {"body": memoryview(b"hello")}],
    ids=["missing", "empty", "bytearray", "memoryview"],
)
async def test_body_of_any_shape(run: Run, layer: Layer, body: dict[str, Any]) -> None:
    sent = await run(layer, start([]), {"type": "http.response.body"} | body)

    assert body_of(sent[1:]) == bytes(body.get("body", b""))
    assert not sent[-1].get("more_body", False)


async def test_messages_are_never_changed(run: Run, layer: Layer) -> None:
    messages = [
        start([(b"Vary", b"Accept"), (b"ETag", b'"a"'), (b"Content-Length", b"5")]),
        {"type": "http.response.body", "body": b"hel", "more_body": True},
        {"type": "http.response.body", "body": b"lo"},
    ]
    before = deepcopy(messages)
    headers = [HOST, (b"accept-encoding", b"gzip"), (b"origin", b"https://example.org")]
    await run(layer, *messages, headers=headers)

    assert messages == before


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"extensions": None},
        {"server": None, "client": None},
        {"headers": iter([HOST])},
        {"headers": (HOST,)},
    ],
    ids=["absent", "no extensions", "no addresses", "iterator", "tuple"],
)
async def test_optional_scope_keys(run: Run, layer: Layer, changes: dict[str, Any]) -> None:
    sent = await run(layer, start([]), BODY, **deepcopy(changes))

    assert sent[0]["status"] == 200
    assert body_of(sent[1:]) == b"hello"


@pytest.mark.parametrize("headers", [{}, {"headers": None}], ids=["absent", "None"])
async def test_request_without_headers(channel: Any, layer: Layer, headers: dict[str, Any]) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start([]))
        await send(BODY)

    connection = channel({"type": "http.request", "body": b"", "more_body": False})
    scope = {"type": "http", "method": "GET", "path": "/", **headers}
    await layer(app)(scope, connection.receive, connection.send)

    assert connection.body in (b"hello", b"Invalid host header")


async def test_request_headers_can_be_read_by_the_application(channel: Any, layer: Layer) -> None:
    seen: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend(scope["headers"])
        await send(start([]))
        await send(BODY)

    connection = channel()
    scope = {"type": "http", "method": "GET", "path": "/", "headers": iter([HOST])}
    await layer(app)(scope, connection.receive, connection.send)

    assert seen == [HOST]


async def test_messages_nobody_knows_pass_in_order(run: Run, layer: Layer) -> None:
    vendor = [{"type": "vendor.before"}, {"type": "http.response.debug", "info": {}}]
    trailers = {"type": "http.response.trailers", "headers": [], "more_trailers": False}
    push = {"type": "http.response.push", "path": "/x", "headers": []}
    sent = await run(layer, *vendor, start([], trailers=True), push, BODY, trailers)
    types = [message["type"] for message in sent]

    assert [kind for kind in types if kind != "http.response.body"] == [
        "vendor.before",
        "http.response.debug",
        "http.response.start",
        "http.response.push",
        "http.response.trailers",
    ]
    assert types.index("http.response.body") > types.index("http.response.push")


@pytest.mark.parametrize("kind", ["http.response.pathsend", "http.response.zerocopysend"])
async def test_bodies_by_path_or_descriptor_pass(run: Run, layer: Layer, kind: str) -> None:
    sent = await run(layer, start([]), {"type": kind, "path": "/x", "file": 1})

    assert [message["type"] for message in sent][:2] == ["http.response.start", kind]


@pytest.mark.parametrize("kind", ["lifespan", "vendor"])
async def test_other_scopes_are_untouched(channel: Any, layer: Layer, kind: str) -> None:
    seen: list[Any] = []

    async def app(*arguments: Any) -> None:
        seen.extend(arguments)

    scope = {"type": kind}
    connection = channel()
    receive, send = connection.receive, connection.send
    await layer(app)(scope, receive, send)

    assert seen[0] is scope
    assert seen[1:] == [receive, send]
    assert scope == {"type": kind}


async def test_exception_of_a_lifespan_is_itself(channel: Any, layer: Layer) -> None:
    error = LookupError("no database")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise error

    with pytest.raises(LookupError) as caught:
        await layer(app)({"type": "lifespan"}, channel().receive, channel().send)
    assert caught.value is error


async def test_cleanup_after_the_response_is_not_cancelled(channel: Any, layer: Layer) -> None:
    done: list[bool] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start([]))
        await send(BODY)
        await receive()
        done.append(True)

    connection = channel({"type": "http.disconnect"})
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [HOST]}
    await layer(app)(scope, connection.receive, connection.send)

    assert done == [True]


async def test_websockets_pass(channel: Any, layer: Layer) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert await receive() == {"type": "websocket.connect"}
        await send({"type": "websocket.accept", "headers": [(b"X-One", b"1")]})
        await send({"type": "websocket.close", "code": 1000})

    connection = channel({"type": "websocket.connect"})
    scope = {"type": "websocket", "path": "/", "headers": [HOST]}
    await layer(app)(scope, connection.receive, connection.send)

    assert connection.sent == [
        {"type": "websocket.accept", "headers": [(b"X-One", b"1")]},
        {"type": "websocket.close", "code": 1000},
    ]
