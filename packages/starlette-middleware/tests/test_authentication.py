"""AuthenticationMiddleware: backends, and what happens when they refuse."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from starlette_http.requests import HTTPConnection
from starlette_http.response import JSONResponse, PlainTextResponse, Response
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send
from starlette_middleware.auth import (
    AuthCredentials,
    AuthenticationBackend,
    AuthenticationError,
    BaseUser,
    SimpleUser,
    UnauthenticatedUser,
)
from starlette_middleware.authentication import AuthenticationMiddleware


class Tokens(AuthenticationBackend):
    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        token = conn.headers.get("x-token")
        if token is None:
            return None
        if token == "broken":
            raise LookupError("no database")
        if token != "secret":
            raise AuthenticationError(f"Unknown token {token}")
        return AuthCredentials(["write"]), SimpleUser("ada")


async def whoami(scope: Scope, receive: Receive, send: Send) -> None:
    conn = HTTPConnection(scope)
    response = JSONResponse([conn.user.display_name, conn.user.is_authenticated, conn.auth.scopes])
    await response(scope, receive, send)


async def fetch(app: ASGIApp, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return await client.get("/", headers={k.replace("_", "-"): v for k, v in headers.items()})


async def test_known_user() -> None:
    response = await fetch(AuthenticationMiddleware(whoami, Tokens()), x_token="secret")

    assert response.json() == ["ada", True, ["write"]]


async def test_nobody() -> None:
    response = await fetch(AuthenticationMiddleware(whoami, Tokens()))

    assert response.json() == ["", False, []]


async def test_error_is_answered_with_its_text() -> None:
    response = await fetch(AuthenticationMiddleware(whoami, Tokens()), x_token="x")

    assert (response.status_code, response.text) == (400, "Unknown token x")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


async def test_other_exceptions_go_on() -> None:
    with pytest.raises(LookupError, match="no database"):
        await fetch(AuthenticationMiddleware(whoami, Tokens()), x_token="broken")


def sync_handler(conn: HTTPConnection, exc: Exception) -> Response:
    return PlainTextResponse(f"{conn['path']} {exc}", status_code=401)


async def async_handler(conn: HTTPConnection, exc: Exception) -> Response:
    return PlainTextResponse(f"{conn['path']} {exc}", status_code=401)


@pytest.mark.parametrize("handler", [sync_handler, async_handler])
async def test_handler_makes_the_response(handler: Callable[..., Any]) -> None:
    app = AuthenticationMiddleware(whoami, backend=Tokens(), on_error=handler)
    response = await fetch(app, x_token="x")

    assert (response.status_code, response.text) == (401, "/ Unknown token x")


async def websocket_messages(channel: Any, **scope: Any) -> list[Message]:
    connection = channel()
    scope = {"type": "websocket", "headers": [(b"x-token", b"x")]} | scope
    app = AuthenticationMiddleware(whoami, Tokens())
    await app(scope, connection.receive, connection.send)
    sent: list[Message] = connection.sent
    return sent


async def test_websocket_gets_a_denial_response(channel: Any) -> None:
    sent = await websocket_messages(channel, extensions={"websocket.http.response": {}})

    assert sent[0]["type"] == "websocket.http.response.start"
    assert sent[0]["status"] == 400
    assert sent[1]["body"] == b"Unknown token x"


async def test_websocket_is_closed_where_there_are_no_denial_responses(channel: Any) -> None:
    assert await websocket_messages(channel) == [
        {"type": "websocket.close", "code": 1008, "reason": ""}
    ]


@pytest.mark.parametrize("headers", [{}, {"headers": None}, {"headers": iter(())}])
async def test_scope_without_headers(channel: Any, headers: dict[str, Any]) -> None:
    scope: dict[str, Any] = {"type": "websocket", **headers}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        pass

    await AuthenticationMiddleware(app, Tokens())(scope, channel().receive, channel().send)

    assert isinstance(scope["user"], UnauthenticatedUser)
    assert scope["auth"].scopes == []


@pytest.mark.parametrize("kind", ["lifespan", "vendor"])
async def test_other_scopes_pass_untouched(channel: Any, kind: str) -> None:
    seen: list[Any] = []

    async def app(*arguments: Any) -> None:
        seen.extend(arguments)

    scope, receive, send = {"type": kind}, channel().receive, channel().send
    await AuthenticationMiddleware(app, Tokens())(scope, receive, send)

    assert seen == [scope, receive, send]
    assert scope == {"type": kind}


def test_attributes() -> None:
    backend = Tokens()
    middleware = AuthenticationMiddleware(app=whoami, backend=backend)

    assert middleware.app is whoami
    assert middleware.backend is backend
    assert middleware.on_error is AuthenticationMiddleware.default_on_error


def test_over_a_real_server(serve: Callable[[ASGIApp], str]) -> None:
    url = serve(AuthenticationMiddleware(whoami, Tokens()))

    assert httpx.get(url, headers={"x-token": "secret"}).json()[0] == "ada"
    assert httpx.get(url, headers={"x-token": "x"}).status_code == 400
