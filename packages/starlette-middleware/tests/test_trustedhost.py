"""TrustedHostMiddleware: which hosts pass."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from starlette_http.response import PlainTextResponse
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send
from starlette_middleware.trustedhost import ENFORCE_DOMAIN_WILDCARD, TrustedHostMiddleware


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("hello")(scope, receive, send)


@pytest.fixture
def ask(channel: Any) -> Callable[..., Any]:
    """What the middleware sends for a request with this Host header."""

    async def ask(app: ASGIApp, host: bytes | None, **scope: Any) -> list[Message]:
        connection = channel()
        headers = [] if host is None else [(b"host", host)]
        scope = {"type": "http", "path": "/", "query_string": b"", "headers": headers} | scope
        await app(scope, connection.receive, connection.send)
        sent: list[Message] = connection.sent
        return sent

    return ask


Ask = Callable[..., Any]


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        (["example.org"], b"example.org"),
        (["example.org"], b"EXAMPLE.org:8000"),
        (["Example.ORG"], b"example.org"),
        (["example.org"], b"example.org:99999"),
        (["*.example.org"], b"a.example.org"),
        (["*.example.org"], b"a.b.EXAMPLE.org:80"),
        (["[::1]"], b"[::1]"),
        (["[::1]"], b"[::1]:8000"),
        (["a", "b"], b"b"),
        (["*"], b"anything @ all"),
        (["a", "*"], None),
        (None, None),
    ],
)
async def test_allowed(ask: Ask, allowed: list[str] | None, host: bytes | None) -> None:
    sent = await ask(TrustedHostMiddleware(hello, allowed), host)

    assert sent[1]["body"] == b"hello"


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        (["example.org"], b"other.org"),
        (["example.org"], b"a.example.org"),
        (["example.org"], b"example.org."),
        (["example.org"], b"example.org:"),
        (["example.org"], b"example.org:80x"),
        (["example.org"], b"user@example.org"),
        (["example.org"], b"example.org/path"),
        (["example.org"], b" example.org"),
        (["example.org"], b"example.org\xff"),
        (["example.org"], b""),
        (["example.org"], None),
        (["*.example.org"], b"example.org"),
        (["*.example.org"], b"badexample.org"),
        (["::1"], b"::1"),
        (["[::1]"], b"::1"),
        ([], b"example.org"),
        ([], None),
    ],
)
async def test_refused(ask: Ask, allowed: list[str], host: bytes | None) -> None:
    sent = await ask(TrustedHostMiddleware(hello, allowed), host)

    assert sent[0]["status"] == 400
    assert (b"content-type", b"text/plain; charset=utf-8") in sent[0]["headers"]
    assert sent[1]["body"] == b"Invalid host header"


@pytest.mark.parametrize(
    ("scope", "location"),
    [
        ({}, b"http://www.example.org/"),
        ({"scheme": "https"}, b"https://www.example.org/"),
        ({"path": "/a", "query_string": b"b=c"}, b"http://www.example.org/a?b=c"),
    ],
)
async def test_redirect_to_www(ask: Ask, scope: dict[str, Any], location: bytes) -> None:
    sent = await ask(TrustedHostMiddleware(hello, ["www.example.org"]), b"example.org", **scope)

    assert sent[0]["status"] == 307
    assert (b"location", location) in sent[0]["headers"]


async def test_redirect_to_www_keeps_the_port(ask: Ask) -> None:
    app = TrustedHostMiddleware(hello, ["www.example.org"])
    sent = await ask(app, b"example.org:8000")

    assert (b"location", b"http://www.example.org:8000/") in sent[0]["headers"]


async def test_redirect_to_www_can_be_switched_off(ask: Ask) -> None:
    app = TrustedHostMiddleware(hello, ["www.example.org"], www_redirect=False)

    assert (await ask(app, b"example.org"))[0]["status"] == 400


async def test_wildcard_is_no_reason_to_redirect(ask: Ask) -> None:
    app = TrustedHostMiddleware(hello, ["*.example.org"])

    assert (await ask(app, b"example.org"))[0]["status"] == 400


async def test_websocket_is_denied(ask: Ask) -> None:
    app = TrustedHostMiddleware(hello, ["example.org"])
    extensions: dict[str, Any] = {"websocket.http.response": {}}
    denied = await ask(app, b"other", type="websocket", scheme="ws", extensions=extensions)
    closed = await ask(app, b"other", type="websocket", scheme="ws")

    assert denied[0]["type"] == "websocket.http.response.start"
    assert denied[0]["status"] == 400
    assert closed == [{"type": "websocket.close", "code": 1008, "reason": ""}]


@pytest.mark.parametrize("headers", [None, iter([(b"host", b"other")])])
async def test_headers_of_any_shape(ask: Ask, headers: Any) -> None:
    sent = await ask(TrustedHostMiddleware(hello, ["example.org"]), None, headers=headers)

    assert sent[0]["status"] == 400


@pytest.mark.parametrize("kind", ["lifespan", "vendor"])
async def test_other_scopes_pass_untouched(channel: Any, kind: str) -> None:
    seen: list[Any] = []

    async def app(*arguments: Any) -> None:
        seen.extend(arguments)

    scope, receive, send = {"type": kind}, channel().receive, channel().send
    await TrustedHostMiddleware(app, ["example.org"])(scope, receive, send)

    assert seen[0] is scope
    assert seen[1:] == [receive, send]


def test_lone_string_is_one_host() -> None:
    assert TrustedHostMiddleware(hello, "example.org").allowed_hosts == ["example.org"]


@pytest.mark.parametrize("pattern", ["*example.org", "a.*", "*.*.org", "**", "a*"])
def test_other_wildcards_are_refused(pattern: str) -> None:
    with pytest.raises(
        AssertionError, match=r"^Domain wildcard patterns must be like '\*\.example\.com'\.$"
    ):
        TrustedHostMiddleware(hello, ["example.org", pattern])


def test_names() -> None:
    middleware = TrustedHostMiddleware(app=hello, allowed_hosts=["a", "*.b"])

    assert ENFORCE_DOMAIN_WILDCARD == "Domain wildcard patterns must be like '*.example.com'."
    assert middleware.app is hello
    assert middleware.allowed_hosts == ["a", "*.b"]
    assert middleware.allow_any is False
    assert middleware.www_redirect is True


def test_over_a_real_server(serve: Callable[[ASGIApp], str]) -> None:
    url = serve(TrustedHostMiddleware(hello, ["127.0.0.1"]))

    assert httpx.get(url).text == "hello"
    assert httpx.get(url, headers={"host": "example.org"}).status_code == 400
