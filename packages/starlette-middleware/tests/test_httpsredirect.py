"""HTTPSRedirectMiddleware: where clients are sent."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from starlette_http.response import PlainTextResponse
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send
from starlette_middleware.httpsredirect import HTTPSRedirectMiddleware


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("hello")(scope, receive, send)


@pytest.fixture
def ask(channel: Any) -> Callable[..., Any]:
    """What the middleware sends for a request with this Host header."""

    async def ask(host: bytes | None, app: ASGIApp | None = None, **scope: Any) -> list[Message]:
        connection = channel()
        headers = [] if host is None else [(b"host", host)]
        scope = {"type": "http", "path": "/", "query_string": b"", "headers": headers} | scope
        app = app or HTTPSRedirectMiddleware(hello)
        await app(scope, connection.receive, connection.send)
        sent: list[Message] = connection.sent
        return sent

    return ask


Ask = Callable[..., Any]


@pytest.mark.parametrize(
    ("host", "scope", "location"),
    [
        (b"example.org", {}, b"https://example.org/"),
        (b"example.org", {"scheme": "http"}, b"https://example.org/"),
        (b"example.org:80", {}, b"https://example.org/"),
        (b"example.org:443", {}, b"https://example.org/"),
        (b"example.org:8000", {}, b"https://example.org:8000/"),
        (b"[::1]", {}, b"https://[::1]/"),
        (b"[::1]:80", {}, b"https://[::1]/"),
        (b"[::1]:8080", {}, b"https://[::1]:8080/"),
        (
            b"example.org",
            {"path": "/a b", "query_string": b"c=d"},
            b"https://example.org/a%20b?c=d",
        ),
        (b"example.org", {"path": "//evil.org"}, b"https://example.org//evil.org"),
        (None, {"server": ("example.org", 80)}, b"https://example.org/"),
        (None, {"server": ("::1", 8000)}, b"https://[::1]:8000/"),
        (b"bad host", {"server": ("example.org", 8000)}, b"https://example.org:8000/"),
    ],
)
async def test_location(
    ask: Ask, host: bytes | None, scope: dict[str, Any], location: bytes
) -> None:
    sent = await ask(host, **scope)

    assert sent[0]["status"] == 307
    assert (b"location", location) in sent[0]["headers"]


@pytest.mark.parametrize("scope", [{}, {"server": None}, {"server": ("/run/x.sock", None)}])
@pytest.mark.parametrize("host", [None, b"", b"bad host", b"example.org:99999"])
async def test_without_a_host_it_is_400(
    ask: Ask, host: bytes | None, scope: dict[str, Any]
) -> None:
    sent = await ask(host, **scope)

    assert sent[0]["status"] == 400
    assert sent[1]["body"] == b"Invalid host header"


@pytest.mark.parametrize("headers", [None, iter([(b"host", b"example.org")])])
async def test_headers_of_any_shape(ask: Ask, headers: Any) -> None:
    sent = await ask(None, headers=headers, server=("example.org", 80))

    assert (b"location", b"https://example.org/") in sent[0]["headers"]


async def test_websocket_is_redirected_by_a_denial_response(ask: Ask) -> None:
    websocket = {"type": "websocket", "scheme": "ws"}
    denied = await ask(b"a.org", **websocket, extensions={"websocket.http.response": {}})
    closed = await ask(b"a.org", **websocket)

    assert denied[0]["type"] == "websocket.http.response.start"
    assert (b"location", b"wss://a.org/") in denied[0]["headers"]
    assert closed == [{"type": "websocket.close", "code": 1008, "reason": ""}]


@pytest.mark.parametrize("scheme", ["https", "wss"])
async def test_secure_requests_pass(ask: Ask, scheme: str) -> None:
    assert (await ask(b"example.org", scheme=scheme))[1]["body"] == b"hello"


@pytest.mark.parametrize(
    ("path", "redirected"),
    [
        ("/health", False),
        ("/health/", True),
        ("/healthy", True),
        ("/acme/", False),
        ("/acme/token/x", False),
        ("/acme", True),
    ],
)
async def test_excluded_paths_pass(ask: Ask, path: str, redirected: bool) -> None:
    app = HTTPSRedirectMiddleware(hello, exclude=["/health", "/acme/"])
    sent = await ask(b"example.org", app, path=path)

    assert sent[0]["status"] == (307 if redirected else 200)


async def test_lone_string_is_one_path(ask: Ask) -> None:
    app = HTTPSRedirectMiddleware(hello, exclude="/health")

    assert (await ask(b"example.org", app, path="/"))[0]["status"] == 307


async def test_other_status(ask: Ask) -> None:
    app = HTTPSRedirectMiddleware(hello, status_code=308)

    assert (await ask(b"example.org", app))[0]["status"] == 308


def test_status_that_is_no_redirection_is_refused() -> None:
    with pytest.raises(ValueError, match=r"200 is no redirection; use one of \(301, 302"):
        HTTPSRedirectMiddleware(hello, status_code=200)


@pytest.mark.parametrize("kind", ["lifespan", "vendor"])
async def test_other_scopes_pass_untouched(channel: Any, kind: str) -> None:
    seen: list[Any] = []

    async def app(*arguments: Any) -> None:
        seen.extend(arguments)

    scope, receive, send = {"type": kind}, channel().receive, channel().send
    await HTTPSRedirectMiddleware(app=app)(scope, receive, send)

    assert seen[0] is scope
    assert seen[1:] == [receive, send]


def test_over_a_real_server(serve: Callable[[ASGIApp], str]) -> None:
    url = serve(HTTPSRedirectMiddleware(hello))
    response = httpx.get(f"{url}/a?b=c")

    assert response.headers["location"] == f"{url}/a?b=c".replace("http:", "https:")
